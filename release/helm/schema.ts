/** The `values.schema.json` of charts: what it refuses, and which keys it knows. */
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { isRecord } from "../json.ts";
import { type Problem, unknownKey, wrongValue } from "./problems.ts";

/** Formats are left to the chart's templates: Helm does not check them either unless told to. */
const options = { strict: false, allErrors: true, verbose: true, validateFormats: false, logger: false } as const;

/**
 * Everything the schema refuses. A schema that ajv cannot read (draft-04, a broken reference) refuses nothing here:
 * Helm checks it again when it renders.
 *
 * @param isPartial - keys that are required may be missing.
 */
export function schemaProblems(schema: unknown, values: unknown, isPartial: boolean): readonly Problem[] {
  const validate = validatorOf(schema);
  if (validate === undefined || validate(values)) return [];
  return describe((validate.errors ?? []).filter((error) => !isPartial || error.keyword !== "required"));
}

/** Whether some reference of the schema leads out of its file. Helm would fetch it; a render must not. */
export function hasRemoteReference(schema: unknown): boolean {
  return JSON.stringify(withoutRemote(schema)) !== JSON.stringify(schema);
}

const compiled = new WeakMap<WeakKey, ValidateFunction | undefined>();

/** Compiled once: it takes longer than every check together. */
function validatorOf(schema: unknown): ValidateFunction | undefined {
  if (!isRecord(schema)) return compile(schema);
  if (!compiled.has(schema)) compiled.set(schema, compile(schema));
  return compiled.get(schema);
}

function compile(schema: unknown): ValidateFunction | undefined {
  const own = withoutRemote(schema);
  if (!isRecord(own) && typeof own !== "boolean") return undefined;
  const dialect = isRecord(own) && typeof own["$schema"] === "string" ? own["$schema"] : "";
  // Helm takes a schema that names no dialect for the newest; many are written with a wrong address (https, no #).
  const ajv = /draft-0\d/.test(dialect)
    ? new Ajv(options)
    : dialect.includes("2019-09")
      ? new Ajv2019(options)
      : new Ajv2020(options);
  try {
    const anonymous = isRecord(own)
      ? Object.fromEntries(Object.entries(own).filter(([key]) => key !== "$schema"))
      : own;
    return ajv.compile(anonymous);
  } catch {
    return undefined;
  }
}

/** The schema with every reference to another site taken out. */
function withoutRemote(schema: unknown): unknown {
  if (Array.isArray(schema)) return (schema as readonly unknown[]).map(withoutRemote);
  if (!isRecord(schema)) return schema;
  const entries = Object.entries(schema).filter(
    ([key, value]) => key !== "$ref" || typeof value !== "string" || !/^\w+:\/\//.test(value),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutRemote(value)]));
}

/** One problem per place: of a choice (`anyOf`, `oneOf`) that nothing fits, each way is told. */
function describe(errors: readonly ErrorObject[]): readonly Problem[] {
  const unknown = errors.flatMap((error) => describeUnknownKey(error) ?? []);
  const places = Map.groupBy(
    errors.filter((error) => extraKeyOf(error) === undefined && !["anyOf", "oneOf", "if"].includes(error.keyword)),
    (error) => error.instancePath,
  );
  const others = [...places].map(([place, found]) => {
    const isChoice = errors.some((error) => error.instancePath === place && ["anyOf", "oneOf"].includes(error.keyword));
    const texts = [...new Set(found.map(expectation))];
    return wrongValue(segments(place), found[0]?.data, texts.join(isChoice ? " or " : " and "));
  });
  return [...unknown, ...others];
}

function describeUnknownKey(error: ErrorObject): Problem | undefined {
  const key = extraKeyOf(error);
  if (key === undefined) return undefined;
  return unknownKey([...segments(error.instancePath), key], Object.keys(propertiesOf(error.parentSchema)));
}

function extraKeyOf(error: ErrorObject): string | undefined {
  const params: Readonly<Record<string, unknown>> = error.params;
  const key = params["additionalProperty"] ?? params["unevaluatedProperty"];
  return typeof key === "string" ? key : undefined;
}

function expectation(error: ErrorObject): string {
  const params: Readonly<Record<string, unknown>> = error.params;
  if (error.keyword === "enum") return `must be one of ${JSON.stringify(params["allowedValues"]).slice(1, -1)}`;
  if (error.keyword === "const") return `must be ${JSON.stringify(params["allowedValue"])}`;
  return error.message ?? `must satisfy "${error.keyword}"`;
}

/** The parts of a JSON pointer. */
function segments(pointer: string): readonly string[] {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A place in a schema, with the file that its references are relative to. */
export interface SchemaNode {
  readonly root: unknown;
  readonly node: unknown;
}

/** The node and every part that it is put together from: references followed, alternatives side by side. */
function partsOf({ root, node }: SchemaNode, seen = new Set<unknown>()): readonly Readonly<Record<string, unknown>>[] {
  if (!isRecord(node) || seen.has(node)) return [];
  seen.add(node);
  const reference = typeof node["$ref"] === "string" ? resolve(root, node["$ref"]) : undefined;
  const lists = ["allOf", "anyOf", "oneOf"].flatMap((key) =>
    Array.isArray(node[key]) ? (node[key] as unknown[]) : [],
  );
  const parts = [reference, ...lists, node["then"], node["else"]];
  return [node, ...parts.flatMap((part) => partsOf({ root, node: part }, seen))];
}

function resolve(root: unknown, reference: string): unknown {
  if (!reference.startsWith("#")) return undefined;
  const parts = segments(decodeURIComponent(reference.slice(1)));
  return parts.reduce((node: unknown, part) => (isRecord(node) ? node[part] : undefined), root);
}

function propertiesOf(schema: unknown): Readonly<Record<string, unknown>> {
  return isRecord(schema) && isRecord(schema["properties"]) ? schema["properties"] : {};
}

/** The keys that a schema names at a place. */
export function schemaKeys(place: SchemaNode): readonly string[] {
  return partsOf(place).flatMap((part) => Object.keys(propertiesOf(part)));
}

/**
 * Whether a schema says what further keys look like. A mere `additionalProperties: true` says nothing: generators write
 * it for whole charts, whose templates still read no other key.
 */
export function isOpen(place: SchemaNode): boolean {
  return partsOf(place).some((part) => isRecord(part["patternProperties"]) || isRecord(part["additionalProperties"]));
}

/** The place of a key below a place: one per part that names it. */
export function schemaChildren(place: SchemaNode, key: string): readonly SchemaNode[] {
  return partsOf(place).flatMap((part) => {
    const node = propertiesOf(part)[key];
    return node === undefined ? [] : [{ root: place.root, node }];
  });
}
