/** What a discovery document of Google's says of a request, and the check of one against it. */
import { isMap, type PropertyMap, type Value } from "../../../engine/values.ts";
import { limitProblems } from "./prose.ts";

/** As in the document, as far as it is looked at. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  /** For each of `enum`. */
  readonly enumDeprecated?: readonly boolean[];
  readonly pattern?: string;
  readonly minimum?: string;
  readonly maximum?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly readOnly?: boolean;
  readonly deprecated?: boolean;
  readonly annotations?: { readonly required?: readonly string[] };
}

interface Parameter extends Schema {
  readonly location?: "path" | "query";
  readonly required?: boolean;
}

interface Method {
  readonly id: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly request?: { readonly $ref: string };
}

interface Resources {
  readonly methods?: Readonly<Record<string, Method>>;
  readonly resources?: Readonly<Record<string, Resources>>;
}

export interface Discovery extends Resources {
  readonly schemas: Readonly<Record<string, Schema>>;
}

/** What is sent with one call. */
export interface Request {
  /** Of the path and the query. */
  readonly parameters: PropertyMap;
  readonly body: PropertyMap;
}

/** What the check is told beside the document. */
interface Context {
  readonly document: Discovery;
  /** `compute.networks.insert`: some fields are required of some methods. */
  readonly method: string;
  /** Paths that may be given although they are deprecated. */
  readonly deprecated: readonly string[];
}

/** @param name `projects.locations.clusters.create` */
function methodOf(document: Discovery, name: string): Method | undefined {
  const parts = name.split(".");
  const last = parts.pop() ?? "";
  let at: Resources | undefined = document;
  for (const part of parts) at = at?.resources?.[part];
  return at?.methods?.[last];
}

/**
 * @param deprecated paths of what may be given although it is deprecated.
 * @returns what is wrong with a request, each with its path.
 */
export function requestProblems(
  document: Discovery,
  name: string,
  { parameters, body }: Request,
  deprecated: readonly string[] = [],
): readonly string[] {
  const method = methodOf(document, name);
  if (method === undefined) return ["the document has no such method"];
  const context = { document, method: method.id, deprecated };
  const ofParameters = objectProblems(context, method.parameters ?? {}, parameters, "");
  if (method.request !== undefined) return [...ofParameters, ...problemsOf(context, method.request, body, "")];
  const given = Object.keys(body);
  return given.length === 0 ? ofParameters : [...ofParameters, `${given.join(", ")}: the method takes no body`];
}

function problemsOf(context: Context, schema: Schema, value: Value, path: string): readonly string[] {
  if (schema.$ref !== undefined) {
    const found = context.document.schemas[schema.$ref];
    if (found === undefined) return [`${path}: the document has no schema ${schema.$ref}`];
    return problemsOf(context, found, value, path);
  }
  const kind = kindOf(schema, value);
  if (kind !== undefined) return [`${path}: ${JSON.stringify(value)} is no ${kind}`];
  const own = [...valueProblems(schema, value), ...limitProblems(schema.description ?? "", value)];
  return [...own.map((problem) => `${path}: ${problem}`), ...innerProblems(context, schema, value, path)];
}

function innerProblems(context: Context, schema: Schema, value: Value, path: string): readonly string[] {
  const { items, additionalProperties, properties = {} } = schema;
  if (Array.isArray(value) && items !== undefined) {
    return (value as readonly Value[]).flatMap((item, index) =>
      problemsOf(context, items, item, `${path}[${String(index)}]`),
    );
  }
  if (!isMap(value) || schema.type !== "object") return [];
  if (additionalProperties === undefined) return objectProblems(context, properties, value, path);
  return Object.entries(value).flatMap(([key, item]) =>
    problemsOf(context, additionalProperties, item, `${path}[${JSON.stringify(key)}]`),
  );
}

function objectProblems(
  context: Context,
  known: Readonly<Record<string, Parameter>>,
  given: PropertyMap,
  path: string,
): readonly string[] {
  const place = (name: string) => (path === "" ? name : `${path}.${name}`);
  const missing = Object.entries(known)
    .filter(([name, schema]) => given[name] === undefined && isRequired(schema, context.method))
    .map(([name]) => `${place(name)}: is required`);
  const ofGiven = Object.entries(given).flatMap(([name, value]) => {
    const schema = known[name];
    const where = place(name);
    if (schema === undefined) return [`${where}: unknown; known: ${Object.keys(known).join(", ")}`];
    const isOld = schema.deprecated === true && !context.deprecated.includes(where);
    return [
      ...(isReadOnly(schema) ? [`${where}: is read only`] : []),
      ...(isOld ? [`${where}: is deprecated: ${schema.description ?? ""}`] : []),
      ...problemsOf(context, schema, value, where),
    ];
  });
  return [...missing, ...ofGiven];
}

/** What the documents have no field for, they begin the description with. */
function isRequired({ required, annotations, description = "" }: Parameter, method: string): boolean {
  return required === true || annotations?.required?.includes(method) === true || /^Required[.:]/i.test(description);
}

function isReadOnly({ readOnly, description = "" }: Schema): boolean {
  return readOnly === true || /^\[?Output only\b/i.test(description);
}

/** What the value should be and is not. */
function kindOf({ type = "any" }: Schema, value: Value): string | undefined {
  const fits: Readonly<Record<string, boolean>> = {
    any: true,
    // 64 bits are given as text, and taken as a number too.
    string: typeof value === "string" || (typeof value === "number" && Number.isSafeInteger(value)),
    integer: typeof value === "number" && Number.isInteger(value),
    number: typeof value === "number",
    boolean: typeof value === "boolean",
    array: Array.isArray(value),
    object: isMap(value),
  };
  if (fits[type] === undefined) return `value of a type that this test knows: ${type}`;
  return fits[type] ? undefined : type;
}

function valueProblems(schema: Schema, value: Value): readonly string[] {
  if (typeof value !== "string" && typeof value !== "number") return [];
  const { format = typeof value === "number" && schema.type === "string" ? "text" : undefined } = schema;
  if (format !== undefined) {
    const fits = fitsFormat(format, value);
    if (fits === undefined) return [`format ${format} is not one that this test knows`];
    if (!fits) return [`${JSON.stringify(value)} is no ${format}`];
  }
  return [
    ...enumProblems(schema, String(value)),
    ...patternProblems(schema, String(value)),
    ...rangeProblems(schema, Number(value)),
  ];
}

function enumProblems({ enum: known, enumDeprecated = [] }: Schema, text: string): readonly string[] {
  if (known === undefined) return [];
  const index = known.indexOf(text);
  if (index < 0) return [`${JSON.stringify(text)} is none of ${known.join(", ")}`];
  return enumDeprecated[index] === true ? [`${text} is deprecated`] : [];
}

/** Of the whole text, which some patterns say and some do not. */
function patternProblems({ pattern }: Schema, text: string): readonly string[] {
  if (pattern === undefined || new RegExp(`^(?:${pattern})$`).test(text)) return [];
  return [`${JSON.stringify(text)} does not match ${pattern}`];
}

function rangeProblems({ minimum, maximum }: Schema, size: number): readonly string[] {
  return [
    ...(minimum !== undefined && size < Number(minimum) ? [`${String(size)} is less than ${minimum}`] : []),
    ...(maximum !== undefined && size > Number(maximum) ? [`${String(size)} is more than ${maximum}`] : []),
  ];
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** Undefined: a format that is not known here. */
function fitsFormat(format: string, value: number | string): boolean | undefined {
  const within = (least: bigint, most: bigint): boolean =>
    /^-?\d+$/.test(String(value)) && BigInt(value) >= least && BigInt(value) <= most;
  const matches = (pattern: RegExp): boolean => typeof value === "string" && pattern.test(value);
  const formats: Readonly<Record<string, () => boolean>> = {
    text: () => typeof value === "string",
    int32: () => within(-(2n ** 31n), 2n ** 31n - 1n),
    uint32: () => within(0n, 2n ** 32n - 1n),
    int64: () => within(-(2n ** 63n), 2n ** 63n - 1n),
    uint64: () => within(0n, 2n ** 64n - 1n),
    float: () => typeof value === "number",
    double: () => typeof value === "number",
    byte: () => matches(/^[A-Za-z0-9+/_-]*={0,2}$/),
    date: () => matches(/^\d{4}-\d\d-\d\d$/),
    "date-time": () => matches(instant),
    "google-datetime": () => matches(instant),
    "google-duration": () => matches(/^-?\d+(\.\d{1,9})?s$/),
    "google-fieldmask": () => matches(/^\*$|^[a-zA-Z][\w.]*(,[a-zA-Z][\w.]*)*$/),
  };
  return formats[format]?.();
}
