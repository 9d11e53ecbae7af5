/** Reads what an SDK of Azure's older kind serialises requests by: names, constraints, and what is required. */
import type { CompositeMapper, Mapper, MapperConstraints, Serializer } from "@azure/core-client";
import { once, type Member, type ObjectSchema, type Schema } from "./schema.ts";

/** What declarations say of an object, by the name that the SDK gives it: it knows the values of texts. */
export type DeclaredObjects = (name: string) => ObjectSchema;

/** @param declared the same, read from the declarations; it may be less. */
export function schemaOfMapper(
  mapper: Mapper,
  models: Serializer["modelMappers"],
  objects: DeclaredObjects,
  declared: Schema = { kind: "any" },
): Schema {
  const { type, constraints = {} } = mapper;
  const inner = (element: Mapper, known: Schema | undefined): Schema => schemaOfMapper(element, models, objects, known);
  switch (type.name) {
    case "Composite":
      return objectOf(type, models, objects);
    case "Sequence": {
      const known = declared.kind === "list" ? declared.item : undefined;
      return { kind: "list", item: inner(type.element, known), ...itemLimits(constraints) };
    }
    case "Dictionary":
      return { kind: "map", value: inner(type.value, declared.kind === "map" ? declared.value : undefined) };
    case "Enum":
      return { kind: "text", values: type.allowedValues.map(String) };
    case "Number":
      return { kind: "number", ...numberLimits(constraints) };
    case "Boolean":
      return { kind: "boolean" };
    case "any":
    case "Object":
      return { kind: "any" };
    case "String":
      return {
        kind: "text",
        ...(declared.kind === "text" && declared.values !== undefined ? { values: declared.values } : {}),
        ...textLimits(constraints),
      };
    case "Uuid":
      return { kind: "text", pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i };
    case "DateTime":
    case "Date":
      return { kind: "text", pattern: /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z)?$/ };
    // Base64.
    case "ByteArray":
    case "Base64Url":
      return { kind: "text", pattern: /^[\w+/-]*={0,2}$/ };
    case "UnixTime":
      return { kind: "number" };
    case "TimeSpan":
      return { kind: "text", pattern: /^P/ };
    default:
      throw new Error(`a mapper of a kind that this test does not know: ${type.name}`);
  }
}

function itemLimits({ MinItems, MaxItems }: MapperConstraints): {
  readonly minItems?: number;
  readonly maxItems?: number;
} {
  return {
    ...(MinItems === undefined ? {} : { minItems: MinItems }),
    ...(MaxItems === undefined ? {} : { maxItems: MaxItems }),
  };
}

function numberLimits({ InclusiveMinimum, InclusiveMaximum }: MapperConstraints) {
  return {
    ...(InclusiveMinimum === undefined ? {} : { min: InclusiveMinimum }),
    ...(InclusiveMaximum === undefined ? {} : { max: InclusiveMaximum }),
  };
}

function textLimits({ Pattern, MinLength, MaxLength }: MapperConstraints) {
  return {
    ...(Pattern === undefined ? {} : { pattern: Pattern }),
    ...(MinLength === undefined ? {} : { minLength: MinLength }),
    ...(MaxLength === undefined ? {} : { maxLength: MaxLength }),
  };
}

function objectOf(
  reference: CompositeMapper["type"],
  models: Serializer["modelMappers"],
  objects: DeclaredObjects,
): ObjectSchema {
  const { className: name = "" } = reference;
  // Most only name the model.
  const type = reference.modelProperties === undefined ? compositeOf(models, name) : reference;
  if (type.polymorphicDiscriminator !== undefined) {
    throw new Error(`${name} is one of several, told apart by a member: this test does not know how`);
  }
  const { additionalProperties } = type;
  return {
    kind: "object",
    name,
    ...(additionalProperties === undefined ? {} : { others: schemaOfMapper(additionalProperties, models, objects) }),
    members: once(() => {
      const declared = objects(name).members();
      const fields = Object.entries(type.modelProperties ?? {}).map(([alias, mapper]): Field => {
        const steps = stepsOf(mapper.serializedName ?? alias);
        const schema = schemaOfMapper(mapper, models, objects, declared.get(alias)?.schema);
        const { required = false, readOnly = false } = mapper;
        return { steps, member: { schema, required, readOnly, ...(steps.at(-1) === alias ? {} : { alias }) } };
      });
      return membersOf(name, fields);
    }),
  };
}

function compositeOf(models: Serializer["modelMappers"], name: string): CompositeMapper["type"] {
  const found: unknown = models[name];
  if (isComposite(found)) return found.type;
  throw new Error(`the package has no mapper ${name}`);
}

function isComposite(value: unknown): value is CompositeMapper {
  return typeof value === "object" && value !== null && "type" in value;
}

/** `properties.osProfile`; a dot that is part of a name has a backslash before it. */
const stepsOf = (serializedName: string): readonly string[] =>
  serializedName.split(/(?<!\\)\./).map((step) => step.replaceAll("\\.", "."));

interface Field {
  readonly steps: readonly string[];
  readonly member: Member;
}

/** With the objects around them that the SDK leaves out. */
function membersOf(name: string, fields: readonly Field[]): ReadonlyMap<string, Member> {
  const groups = Map.groupBy(fields, ({ steps: [first = ""] }) => first);
  return new Map(
    [...groups].map(([step, inside]) => {
      const whole = inside.find(({ steps }) => steps.length === 1);
      if (whole !== undefined) return [step, whole.member];
      const members = membersOf(
        `${name}.${step}`,
        inside.map(({ steps, member }) => ({ steps: steps.slice(1), member })),
      );
      const all = [...members.values()];
      const schema: Schema = { kind: "object", name: `${name}.${step}`, members: () => members };
      const required = all.some((member) => member.required && !member.readOnly);
      return [step, { schema, required, readOnly: all.every(({ readOnly }) => readOnly) }];
    }),
  );
}
