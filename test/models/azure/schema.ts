/** What a model says of a value, in one form for all of Azure's packages, and the check of a value against it. Pure. */
import { isMap, own, type PropertyMap, type Value } from "../../../engine/values.ts";

export type Schema =
  | { readonly kind: "any" }
  | { readonly kind: "boolean" }
  | TextSchema
  | NumberSchema
  | ListSchema
  | { readonly kind: "map"; readonly value: Schema }
  | ObjectSchema;

export interface TextSchema {
  readonly kind: "text";
  /** All that the model knows of, though Azure may take more by now. */
  readonly values?: readonly string[];
  readonly pattern?: RegExp;
  readonly minLength?: number;
  readonly maxLength?: number;
}

interface NumberSchema {
  readonly kind: "number";
  readonly min?: number;
  readonly max?: number;
}

interface ListSchema {
  readonly kind: "list";
  readonly item: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface ObjectSchema {
  readonly kind: "object";
  /** What the model calls it. */
  readonly name: string;
  /** By their names in the request. Read when it is asked for: models contain themselves. */
  readonly members: () => ReadonlyMap<string, Member>;
  /** Of members with other names; without it there may be none. */
  readonly others?: Schema;
}

export interface Member {
  readonly schema: Schema;
  readonly required: boolean;
  readonly readOnly: boolean;
  /** What SDKs call it, where that is not its name in the request. */
  readonly alias?: string;
}

/** @returns what is wrong with the value, each with its path. */
export function problemsOf(schema: Schema, value: Value, path: string): readonly string[] {
  const told = (problems: readonly string[]): readonly string[] => problems.map((problem) => `${path}: ${problem}`);
  if (schema.kind === "any") return [];
  if (schema.kind === "boolean") return told(typeof value === "boolean" ? [] : noKind("boolean", value));
  if (schema.kind === "text")
    return told(typeof value === "string" ? textProblems(schema, value) : noKind("text", value));
  if (schema.kind === "number") {
    return told(typeof value === "number" ? rangeProblems(schema, value, "") : noKind("number", value));
  }
  if (schema.kind === "list") {
    if (!Array.isArray(value)) return told(noKind("list", value));
    const items = value as readonly Value[];
    const { minItems: min, maxItems: max, item } = schema;
    return [
      ...told(rangeProblems({ ...defined({ min, max }) }, items.length, " items")),
      ...items.flatMap((entry, index) => problemsOf(item, entry, `${path}[${index}]`)),
    ];
  }
  if (!isMap(value)) return told(noKind(schema.kind, value));
  if (schema.kind === "map") {
    return Object.entries(value).flatMap(([key, item]) => problemsOf(schema.value, item, `${path}[${key}]`));
  }
  return memberProblems(schema, value, path);
}

function noKind(kind: string, value: Value): readonly string[] {
  return [`${JSON.stringify(value)} is no ${kind}`];
}

function textProblems(
  { values, pattern, minLength: min, maxLength: max }: TextSchema,
  text: string,
): readonly string[] {
  if (values !== undefined && !values.includes(text)) {
    return [`${JSON.stringify(text)} is none of ${values.join(", ")}`];
  }
  return [
    ...rangeProblems({ ...defined({ min, max }) }, text.length, " characters"),
    ...(pattern?.test(text) === false ? [`${JSON.stringify(text)} does not match ${pattern.source}`] : []),
  ];
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

function defined({ min, max }: { readonly min: number | undefined; readonly max: number | undefined }): Range {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

function rangeProblems({ min, max }: Range, size: number, unit: string): readonly string[] {
  return [
    ...(min !== undefined && size < min ? [`${size}${unit} is less than ${min}`] : []),
    ...(max !== undefined && size > max ? [`${size}${unit} is more than ${max}`] : []),
  ];
}

function memberProblems(schema: ObjectSchema, map: PropertyMap, path: string): readonly string[] {
  const members = schema.members();
  const missing = [...members]
    .filter(([name, { required, readOnly }]) => required && !readOnly && own(map, name) === undefined)
    .map(([name]) => `${below(path, name)}: is required`);
  const wrong = Object.entries(map).flatMap(([name, value]) => {
    const where = below(path, name);
    const member = members.get(name);
    if (member?.readOnly === true) return [`${where}: only Azure sets it`];
    const inner = member?.schema ?? schema.others;
    if (inner === undefined) return [`${where}: ${schema.name} has no such member`];
    return problemsOf(inner, value, where);
  });
  return [...missing, ...wrong];
}

export const below = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

/** What a function returns, asked for once. */
export function once<T extends object>(read: () => T): () => T {
  let known: T | undefined;
  return () => (known ??= read());
}
