/** What botocore says of a service's requests, and the check of one against it. */
import type { PropertyMap, Value } from "../../../engine/values.ts";
import { isMap } from "../../../engine/values.ts";

/** As in `service-2.json`, as far as it is looked at. */
export interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, Member>>;
  readonly required?: readonly string[];
  readonly member?: Member;
  readonly key?: Member;
  readonly value?: Member;
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly union?: boolean;
}

interface Member {
  readonly shape: string;
  /** Filled in by every SDK. */
  readonly idempotencyToken?: boolean;
  readonly deprecated?: boolean;
  readonly deprecatedMessage?: string;
}

export interface Service {
  readonly shapes: Readonly<Record<string, Shape>>;
  readonly operations: Readonly<Record<string, { readonly input?: Member; readonly deprecated?: boolean }>>;
}

const isDeprecated = "is deprecated";

export function shapeOf({ shapes }: Service, name: string): Shape {
  const shape = shapes[name];
  if (shape === undefined) throw new Error(`the model has no shape ${name}`);
  return shape;
}

/**
 * @param deprecated members that are, and may be given all the same, by path.
 * @returns what is wrong with a request, each with its path.
 */
export function requestProblems(
  service: Service,
  operation: string,
  request: PropertyMap,
  deprecated: readonly string[] = [],
): readonly string[] {
  const found = service.operations[operation];
  if (found === undefined) return ["the model has no such operation"];
  const own = found.deprecated === true ? ["the operation is deprecated"] : [];
  const input: Shape = found.input === undefined ? { type: "structure" } : shapeOf(service, found.input.shape);
  const allowed = deprecated.map((path) => `${path}: ${isDeprecated}`);
  return [
    ...own,
    ...problemsOf(service, input, request, "").filter((problem) => !allowed.some((start) => problem.startsWith(start))),
  ];
}

function problemsOf(service: Service, shape: Shape, value: Value, path: string): readonly string[] {
  const kind = kindOf(shape, value);
  if (kind !== undefined) return [`${path}: ${JSON.stringify(value)} is no ${kind}`];
  if (typeof value === "string") return textProblems(shape, value).map((problem) => `${path}: ${problem}`);
  if (typeof value === "number") return sizeProblems(shape, value, "").map((problem) => `${path}: ${problem}`);
  if (Array.isArray(value)) return listProblems(service, shape, value as readonly Value[], path);
  if (!isMap(value)) return [];
  return shape.type === "map"
    ? mapProblems(service, shape, value, path)
    : structureProblems(service, shape, value, path);
}

/** What the value should be and is not. */
function kindOf({ type }: Shape, value: Value): string | undefined {
  const fits: Readonly<Record<string, boolean>> = {
    string: typeof value === "string",
    character: typeof value === "string",
    // Base64, as JSON has it.
    blob: typeof value === "string",
    // ISO 8601, or seconds.
    timestamp: typeof value === "string" || typeof value === "number",
    integer: Number.isInteger(value),
    long: Number.isInteger(value),
    float: typeof value === "number",
    double: typeof value === "number",
    boolean: typeof value === "boolean",
    list: Array.isArray(value),
    map: isMap(value),
    structure: isMap(value),
  };
  if (fits[type] === undefined) return `value of a type that this test knows: ${type}`;
  return fits[type] ? undefined : type;
}

function textProblems(shape: Shape, text: string): readonly string[] {
  if (shape.enum !== undefined && !shape.enum.includes(text)) {
    return [`${JSON.stringify(text)} is none of ${shape.enum.join(", ")}`];
  }
  const fits = shape.pattern === undefined || patternOf(shape.pattern).test(text);
  return [
    ...sizeProblems(shape, Array.from(text).length, " characters"),
    ...(fits ? [] : [`${JSON.stringify(text)} does not match ${shape.pattern ?? ""}`]),
  ];
}

/** Of the whole text; the models leave that unsaid. They are written for Java, which is not far from JavaScript. */
function patternOf(pattern: string): RegExp {
  // Flags in the middle hold from there on in Java; for the whole is near enough.
  const inline = /\(\?([is]+)\)/g;
  const flags = [...new Set([...pattern.matchAll(inline)].flatMap(([, found = ""]) => Array.from(found)))].join("");
  const whole = `^(?:${pattern.replace(inline, "")})$`;
  try {
    return new RegExp(whole, `u${flags}`);
  } catch {
    // Escapes that Unicode's mode does not allow.
    return new RegExp(whole, flags);
  }
}

function sizeProblems({ min, max }: Shape, size: number, unit: string): readonly string[] {
  return [
    ...(min !== undefined && size < min ? [`${size}${unit} is less than ${min}`] : []),
    ...(max !== undefined && size > max ? [`${size}${unit} is more than ${max}`] : []),
  ];
}

function listProblems(service: Service, shape: Shape, list: readonly Value[], path: string): readonly string[] {
  const own = sizeProblems(shape, list.length, " items").map((problem) => `${path}: ${problem}`);
  const item = innerOf(service, shape.member);
  return [...own, ...list.flatMap((value, index) => problemsOf(service, item, value, `${path}[${index}]`))];
}

function mapProblems(service: Service, shape: Shape, map: PropertyMap, path: string): readonly string[] {
  const entries = Object.entries(map);
  const own = sizeProblems(shape, entries.length, " entries").map((problem) => `${path}: ${problem}`);
  const [keys, values] = [innerOf(service, shape.key), innerOf(service, shape.value)];
  return [
    ...own,
    ...entries.flatMap(([key, value]) => [
      ...problemsOf(service, keys, key, `${path}{key}`),
      ...problemsOf(service, values, value, `${path}[${JSON.stringify(key)}]`),
    ]),
  ];
}

function structureProblems(service: Service, shape: Shape, map: PropertyMap, path: string): readonly string[] {
  const { members = {}, required = [] } = shape;
  const place = (name: string) => (path === "" ? name : `${path}.${name}`);
  const given = Object.keys(map);
  return [
    ...required
      .filter((name) => map[name] === undefined && members[name]?.idempotencyToken !== true)
      .map((name) => `${place(name)}: is required`),
    ...(shape.union === true && given.length !== 1 ? [`${path}: has ${given.length} members, and may have one`] : []),
    ...Object.entries(map).flatMap(([name, value]) => {
      const member = members[name];
      if (member === undefined) return [`${place(name)}: unknown member; known: ${Object.keys(members).join(", ")}`];
      const old =
        member.deprecated === true ? [`${place(name)}: ${isDeprecated}: ${member.deprecatedMessage ?? ""}`] : [];
      return [...old, ...problemsOf(service, innerOf(service, member), value, place(name))];
    }),
  ];
}

function innerOf(service: Service, member: Member | undefined): Shape {
  if (member === undefined) throw new Error("a list or a map of the model has no inner shape");
  return shapeOf(service, member.shape);
}
