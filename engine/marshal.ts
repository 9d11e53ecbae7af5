import structPb, { type Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import protobuf from "protobufjs/minimal.js";
import { isMap, Secret, Unknown, type PropertyMap, type Value } from "./values.ts";

/**
 * Property values on the wire: `google.protobuf.Struct`, where secrets, unknowns and outputs are marked by Pulumi's
 * signatures. Assets, archives and resource references are passed through as the maps they are. Read and written
 * straight from and to bytes: by way of the generated message classes it takes ten times as long.
 */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const signatures = { key: signature, secret: secretSignature, unknown: unknownValue } as const;

type Reader = protobuf.Reader;
type Writer = protobuf.Writer;

/** Tags of struct.proto: field number and wire type. */
const tag = {
  entry: 10,
  key: 10,
  value: 18,
  null: 8,
  number: 17,
  string: 26,
  bool: 32,
  struct: 42,
  list: 50,
  item: 10,
};

export const fromStruct = (struct: Struct | undefined): PropertyMap =>
  struct === undefined ? {} : decodeStruct(struct.serializeBinary());

export const toStruct = (map: PropertyMap): Struct => structPb.Struct.deserializeBinary(encodeStruct(map));

export function decodeStruct(bytes: Uint8Array): PropertyMap {
  return readStruct(protobuf.Reader.create(bytes), bytes.length);
}

function readStruct(reader: Reader, end: number): PropertyMap {
  const entries: [string, Value][] = [];
  while (reader.pos < end) {
    reader.uint32();
    const entryEnd = reader.uint32() + reader.pos;
    let key = "";
    let value: Value = null;
    while (reader.pos < entryEnd) {
      if (reader.uint32() === tag.key) key = reader.string();
      else value = readValue(reader, reader.uint32() + reader.pos);
    }
    entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

function readValue(reader: Reader, end: number): Value {
  if (reader.pos >= end) return null;
  switch (reader.uint32()) {
    case tag.number:
      return reader.double();
    case tag.string: {
      const text = reader.string();
      return text === unknownValue ? Unknown.value : text;
    }
    case tag.bool:
      return reader.bool();
    case tag.struct:
      return unmark(readStruct(reader, reader.uint32() + reader.pos));
    case tag.list:
      return readList(reader, reader.uint32() + reader.pos);
    default:
      reader.int32();
      return null;
  }
}

function readList(reader: Reader, end: number): readonly Value[] {
  const items: Value[] = [];
  while (reader.pos < end) {
    reader.uint32();
    items.push(readValue(reader, reader.uint32() + reader.pos));
  }
  return items;
}

function unmark(map: PropertyMap): Value {
  if (map[signature] === secretSignature) return new Secret(map["value"] ?? null);
  if (map[signature] !== outputSignature) return map;
  const value = map["value"] ?? Unknown.value;
  return map["secret"] === true ? new Secret(value) : value;
}

export function encodeStruct(map: PropertyMap): Uint8Array {
  const writer = protobuf.Writer.create();
  writeStruct(writer, map);
  return writer.finish();
}

function writeStruct(writer: Writer, map: PropertyMap): void {
  for (const key of Object.keys(map)) {
    writer.uint32(tag.entry).fork().uint32(tag.key).string(key).uint32(tag.value).fork();
    writeValue(writer, map[key] ?? null);
    writer.ldelim().ldelim();
  }
}

function writeValue(writer: Writer, value: Value): void {
  if (value === null) writer.uint32(tag.null).int32(0);
  else if (typeof value === "string") writer.uint32(tag.string).string(value);
  else if (typeof value === "number") writer.uint32(tag.number).double(value);
  else if (typeof value === "boolean") writer.uint32(tag.bool).bool(value);
  else if (value instanceof Unknown) writer.uint32(tag.string).string(unknownValue);
  else if (value instanceof Secret) writeMap(writer, { [signature]: secretSignature, value: value.value });
  else if (isMap(value)) writeMap(writer, value);
  else writeList(writer, value);
}

function writeMap(writer: Writer, map: PropertyMap): void {
  writeStruct(writer.uint32(tag.struct).fork(), map);
  writer.ldelim();
}

function writeList(writer: Writer, items: readonly Value[]): void {
  writer.uint32(tag.list).fork();
  for (const item of items) {
    writeValue(writer.uint32(tag.item).fork(), item);
    writer.ldelim();
  }
  writer.ldelim();
}
