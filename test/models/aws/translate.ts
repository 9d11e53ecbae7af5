/** From the inputs of Pulumi's AWS types, which are Terraform's, to the requests that AWS is sent. */
import { isMap, type PropertyMap, type Value } from "../../../engine/values.ts";
import type { CloudResource } from "../recorded-stack.ts";
import { shapeOf, type Service, type Shape } from "./shapes.ts";

export interface AwsCall {
  /** `eks.CreateCluster` */
  readonly operation: string;
  /** Inputs that go here and not into the first call, which takes all others. Without any of them there is no call. */
  readonly takes?: readonly string[];
  /** Inputs that go here too. */
  readonly shares?: readonly string[];
  /** By dotted path, without indices, the member's name where it is not the input's but for case and plural. */
  readonly renames?: Readonly<Record<string, string>>;
  /** After the renames: what is shaped differently. Several are several calls. */
  readonly reshape?: (inputs: PropertyMap, resource: CloudResource) => PropertyMap | readonly PropertyMap[];
  /** Members that the model calls deprecated, by path, and why we give them. */
  readonly deprecated?: Readonly<Record<string, string>>;
  /** EC2's word for what carries the tags. */
  readonly tagged?: string;
}

export interface AwsType {
  readonly calls: readonly AwsCall[];
  /** Inputs that are in no request, and why. */
  readonly dropped?: Readonly<Record<string, string>>;
}

export interface AwsRequest {
  readonly call: AwsCall;
  readonly request: PropertyMap;
}

/** The requests that create a resource, in order. An input that the API does not know stays in under its own name. */
export function requestsOf(
  type: AwsType,
  resource: CloudResource,
  serviceOf: (name: string) => Service,
): readonly AwsRequest[] {
  const inputs: PropertyMap = { ...resource.inputs, ...tagsOf(resource) };
  const elsewhere = new Set([...Object.keys(type.dropped ?? {}), ...type.calls.flatMap(({ takes }) => takes ?? [])]);
  return type.calls.flatMap((call) => {
    const { operation, takes, shares = [], renames = {}, reshape, tagged } = call;
    if (takes !== undefined && !takes.some((input) => inputs[input] !== undefined)) return [];
    const wanted = (input: string) => shares.includes(input) || (takes?.includes(input) ?? !elsewhere.has(input));
    const own = Object.fromEntries(Object.entries(inputs).filter(([input]) => wanted(input)));
    const renamed = withTags(renameIn(own, renames, ""), tagged);
    const reshaped = reshape?.(renamed, resource) ?? renamed;
    const [service = "", name = ""] = operation.split(".");
    const model = serviceOf(service);
    const input = model.operations[name]?.input;
    return (isList(reshaped) ? reshaped : [reshaped]).map((request) => {
      const cased = input === undefined ? request : translate(model, shapeOf(model, input.shape), request);
      return { call, request: isMap(cased) ? cased : request };
    });
  });
}

/** Those of the resource and those that the provider gives to all, where the type has any. */
function tagsOf({ outputs }: CloudResource): PropertyMap {
  return outputs["tagsAll"] === undefined ? {} : { tags: outputs["tagsAll"] };
}

function withTags(inputs: PropertyMap, tagged: string | undefined): PropertyMap {
  const { tags, ...rest } = inputs;
  return tagged === undefined || tags === undefined
    ? inputs
    : { ...rest, tagSpecifications: [{ resourceType: tagged, tags }] };
}

function renameIn(inputs: PropertyMap, renames: Readonly<Record<string, string>>, path: string): PropertyMap {
  const inner = (value: Value, place: string): Value => {
    if (isList(value)) return value.map((item) => inner(item, place));
    return isMap(value) ? renameIn(value, renames, `${place}.`) : value;
  };
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [renames[`${path}${key}`] ?? key, inner(value, `${path}${key}`)]),
  );
}

/** The value in the names and the form of the shape, as far as that goes without knowing the type. */
function translate(service: Service, shape: Shape, value: Value): Value {
  const inner = (name: string | undefined) => (name === undefined ? shape : shapeOf(service, name));
  if (shape.type === "list") {
    const item = inner(shape.member?.shape);
    return asList(item, value).map((one) => translate(service, item, one));
  }
  if (shape.type === "map" && isMap(value)) {
    const [keys, values] = [inner(shape.key?.shape), inner(shape.value?.shape)];
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([key, one]) => [named(key, keys.enum ?? []), translate(service, values, one)]),
    );
  }
  if (shape.type === "structure") {
    // One of what Terraform lets be several.
    const only = isList(value) && value.length === 1 ? value[0] : value;
    return isMap(only) ? translateMembers(service, shape, only) : value;
  }
  return typeof value === "string" ? plainOf(shape, value) : value;
}

function translateMembers(service: Service, { members = {} }: Shape, map: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => {
      const name = named(key, Object.keys(members));
      const member = members[name];
      return [name, member === undefined ? value : translate(service, shapeOf(service, member.shape), value)];
    }),
  );
}

/** The known name that is the same but for case, or else but for the plural; the key itself if there is none. */
function named(key: string, known: readonly string[]): string {
  const forms = [key, `${key}s`, key.replace(/s$/, "")].map((form) => form.toLowerCase());
  return forms.flatMap((form) => known.filter((name) => name.toLowerCase() === form))[0] ?? key;
}

function asList(item: Shape, value: Value): readonly Value[] {
  if (isList(value)) return value;
  if (!isMap(value)) return [value];
  const [keyName, valueName, ...others] = Object.keys(item.members ?? {});
  const isPair = /key$/i.test(keyName ?? "") && /value$/i.test(valueName ?? "") && others.length === 0;
  if (!isPair || keyName === undefined || valueName === undefined) return [value];
  return Object.entries(value).map(([key, one]) => ({ [keyName]: key, [valueName]: one }));
}

/** Where "not said" is another thing than false or 0, Terraform has texts. */
function plainOf({ type }: Shape, text: string): Value {
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  const isNumber = ["integer", "long", "float", "double"].includes(type) && /^-?\d+(\.\d+)?$/.test(text);
  return isNumber ? Number(text) : text;
}

export function isList(value: Value | readonly PropertyMap[] | undefined): value is readonly Value[] {
  return Array.isArray(value);
}
