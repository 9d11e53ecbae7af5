import structPb, { type Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import protobuf from "protobufjs";
import { isMap, Secret, Unknown, type PropertyMap, type Value } from "./values.ts";

/**
 * Property values on the wire: `google.protobuf.Struct`, where secrets, unknowns and outputs are marked by Pulumi's
 * signatures. Assets, archives and resource references are passed through as the maps they are. Read and written by
 * protobufjs: the classes that Pulumi generates take ten times as long.
 */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
/** Of the SDK's asset/asset.ts: `specialAssetSig`, `specialArchiveSig`. */
const [assetSignature, archiveSignature] = ["c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"];
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const signatures = {
  ...{ key: signature, secret: secretSignature, unknown: unknownValue },
  ...{ asset: assetSignature, archive: archiveSignature },
} as const;

const { nested = {} } = protobuf.common.get("google/protobuf/struct.proto") ?? {};
const structType = protobuf.Root.fromJSON({ nested }).lookupType("google.protobuf.Struct");

interface WireStruct {
  readonly fields: Readonly<Record<string, WireValue>>;
}

/** Has one of these as its own; what it inherits are defaults. */
interface WireValue {
  readonly nullValue?: 0;
  readonly numberValue?: number;
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly structValue?: WireStruct | null;
  readonly listValue?: { readonly values: readonly WireValue[] } | null;
}

export const fromStruct = (struct: Struct | undefined): PropertyMap =>
  struct === undefined ? {} : decodeStruct(struct.serializeBinary());

export const toStruct = (map: PropertyMap): Struct => structPb.Struct.deserializeBinary(encodeStruct(map));

export function decodeStruct(bytes: Uint8Array): PropertyMap {
  return fromWireStruct(structType.decode(bytes) as protobuf.Message & WireStruct);
}

export function encodeStruct(map: PropertyMap): Uint8Array {
  return structType.encode(toWireStruct(map)).finish();
}

function fromWireStruct({ fields }: WireStruct): PropertyMap {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, fromWire(value)]));
}

function fromWire(wire: WireValue): Value {
  if (wire.structValue) return unmark(fromWireStruct(wire.structValue));
  if (wire.listValue) return wire.listValue.values.map(fromWire);
  if (wire.stringValue === unknownValue) return Unknown.value;
  const own = (name: "stringValue" | "numberValue" | "boolValue"): Value =>
    (Object.hasOwn(wire, name) ? wire[name] : null) ?? null;
  return own("stringValue") ?? own("numberValue") ?? own("boolValue");
}

function unmark(map: PropertyMap): Value {
  if (map[signature] === secretSignature) return new Secret(map["value"] ?? null);
  if (map[signature] !== outputSignature) return map;
  const value = map["value"] ?? Unknown.value;
  return map["secret"] === true ? new Secret(value) : value;
}

function toWireStruct(map: PropertyMap): WireStruct {
  return { fields: Object.fromEntries(Object.entries(map).map(([key, value]) => [key, toWire(value)])) };
}

function toWire(value: Value | undefined): WireValue {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "number") return { numberValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (value instanceof Unknown) return { stringValue: unknownValue };
  if (value instanceof Secret) return toWire({ [signature]: secretSignature, value: value.value });
  if (isMap(value)) return { structValue: toWireStruct(value) };
  return Array.isArray(value) ? { listValue: { values: (value as readonly Value[]).map(toWire) } } : { nullValue: 0 };
}
