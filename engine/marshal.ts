import structPb, {
  type ListValue,
  type Struct,
  type Value as ProtoValue,
} from "google-protobuf/google/protobuf/struct_pb.js";
import { isMap, Secret, Unknown, type PropertyMap, type Value } from "./values.ts";

/**
 * Property values on the wire: protobuf `Struct`, where secrets, unknowns and outputs are marked by Pulumi's signatures.
 * Assets, archives and resource references are passed through as the maps they are.
 */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const signatures = { key: signature, secret: secretSignature, unknown: unknownValue } as const;

export function fromStruct(struct: Struct | undefined): PropertyMap {
  const entries: [string, Value][] = [];
  struct?.getFieldsMap().forEach((value, key) => entries.push([key, fromProto(value)]));
  return Object.fromEntries(entries);
}

function fromProto(proto: ProtoValue): Value {
  switch (proto.getKindCase()) {
    case structPb.Value.KindCase.STRING_VALUE: {
      const text = proto.getStringValue();
      return text === unknownValue ? Unknown.value : text;
    }
    case structPb.Value.KindCase.NUMBER_VALUE:
      return proto.getNumberValue();
    case structPb.Value.KindCase.BOOL_VALUE:
      return proto.getBoolValue();
    case structPb.Value.KindCase.LIST_VALUE:
      return (proto.getListValue() as ListValue).getValuesList().map(fromProto);
    case structPb.Value.KindCase.STRUCT_VALUE:
      return unmark(fromStruct(proto.getStructValue()));
    default:
      return null;
  }
}

function unmark(map: PropertyMap): Value {
  if (map[signature] === secretSignature) return new Secret(map["value"] ?? null);
  if (map[signature] !== outputSignature) return map;
  const value = map["value"] ?? Unknown.value;
  return map["secret"] === true ? new Secret(value) : value;
}

export function toStruct(map: PropertyMap): Struct {
  const struct = new structPb.Struct();
  const fields = struct.getFieldsMap();
  for (const [key, value] of Object.entries(map)) fields.set(key, toProto(value));
  return struct;
}

function toProto(value: Value): ProtoValue {
  const proto = new structPb.Value();
  if (value === null) return proto.setNullValue(structPb.NullValue.NULL_VALUE);
  if (typeof value === "string") return proto.setStringValue(value);
  if (typeof value === "number") return proto.setNumberValue(value);
  if (typeof value === "boolean") return proto.setBoolValue(value);
  if (value instanceof Unknown) return proto.setStringValue(unknownValue);
  if (value instanceof Secret)
    return proto.setStructValue(toStruct({ [signature]: secretSignature, value: value.value }));
  if (isMap(value)) return proto.setStructValue(toStruct(value));
  return proto.setListValue(new structPb.ListValue().setValuesList(value.map(toProto)));
}
