/** From inputs of @pulumi/azure-native to the body of a request: what it lifts out of `properties` goes back there. Pure. */
import { isMap, type PropertyMap, type Value } from "../../../engine/values.ts";
import { below, type ObjectSchema, type Schema } from "./schema.ts";

export interface Placed {
  readonly value: Value;
  /** Paths of inputs that no member of the model takes. */
  readonly lost: readonly string[];
}

/** The value as the request carries it. */
export function placed(schema: Schema, value: Value, path: string): Placed {
  if (schema.kind === "list" && Array.isArray(value)) {
    const items = (value as readonly Value[]).map((item, index) => placed(schema.item, item, `${path}[${index}]`));
    return { value: items.map((item) => item.value), lost: items.flatMap(({ lost }) => lost) };
  }
  if (schema.kind === "map" && isMap(value)) {
    const entries = Object.entries(value).map(
      ([key, item]) => [key, placed(schema.value, item, `${path}[${key}]`)] as const,
    );
    return {
      value: Object.fromEntries(entries.map(([key, item]) => [key, item.value])),
      lost: entries.flatMap(([, { lost }]) => lost),
    };
  }
  // The ids of identities are the keys of a map, whose values are Azure's.
  if (schema.kind === "map" && schema.value.kind !== "text" && Array.isArray(value)) {
    return {
      value: Object.fromEntries(value.filter((key) => typeof key === "string").map((key) => [key, {}])),
      lost: [],
    };
  }
  return schema.kind === "object" && isMap(value) ? placedMembers(schema, value, path) : { value, lost: [] };
}

function placedMembers(schema: ObjectSchema, inputs: PropertyMap, path: string): Placed {
  const body = new Map<readonly string[], Value>();
  const lost: string[] = [];
  for (const [name, value] of Object.entries(inputs)) {
    const where = below(path, name);
    const found = placeOf(schema, name);
    if (found === undefined) {
      lost.push(where);
      continue;
    }
    const inner = placed(found.schema, value, where);
    body.set(found.steps, inner.value);
    lost.push(...inner.lost);
  }
  return { value: nested([...body]), lost };
}

interface Place {
  readonly steps: readonly string[];
  readonly schema: Schema;
}

/** Where in the object the input belongs: under its own name, or inside `properties`. */
function placeOf(schema: ObjectSchema, input: string): Place | undefined {
  const members = schema.members();
  const exact = members.get(input);
  const named =
    exact?.readOnly === false
      ? ([input, exact] as const)
      : [...members].find(([, { alias, readOnly }]) => alias === input && !readOnly);
  if (named !== undefined) return { steps: [named[0]], schema: named[1].schema };
  const lifted = members.get("properties");
  if (lifted?.schema.kind === "object" && !lifted.readOnly) {
    const inside = placeOf(lifted.schema, input);
    if (inside !== undefined) return { steps: ["properties", ...inside.steps], schema: inside.schema };
  }
  return schema.others === undefined ? undefined : { steps: [input], schema: schema.others };
}

function nested(entries: readonly (readonly [readonly string[], Value])[]): PropertyMap {
  const groups = Map.groupBy(entries, ([[first = ""]]) => first);
  return Object.fromEntries(
    [...groups].map(([name, inside]) => {
      const whole = inside.find(([steps]) => steps.length === 1);
      const deeper = inside.flatMap(([steps, value]) => (steps.length > 1 ? [[steps.slice(1), value] as const] : []));
      return [name, whole === undefined ? nested(deeper) : whole[1]];
    }),
  );
}
