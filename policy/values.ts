/** Properties of a resource as rules read them: plain data, secrets in clear, and values that are not known yet. */

/** Stands for a value that only the operation itself will tell. By itself it violates no rule. */
export const unknown: unique symbol = Symbol("unknown");

export type Value = null | boolean | number | string | typeof unknown | readonly Value[] | Properties;
export interface Properties {
  readonly [key: string]: Value;
}

export function isMap(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * What is at a path of keys, `settings.ipConfiguration.ipv4Enabled`; `undefined` when there is nothing, and unknown
 * below what is unknown.
 */
export function at(properties: Value, path: string): Value | undefined {
  let value: Value | undefined = properties;
  for (const key of path.split(".")) {
    if (value === unknown) return unknown;
    if (!isMap(value)) return undefined;
    value = value[key];
  }
  return value ?? undefined;
}

/** The items of a list; none where there is no list, or where it is not known. */
export function itemsAt(properties: Value, path: string): readonly Value[] {
  const value = at(properties, path);
  return Array.isArray(value) ? (value as readonly Value[]) : [];
}

/** The texts in a list, or the one text where the format also allows that. */
export function textsAt(properties: Value, path: string): readonly string[] {
  const value = at(properties, path);
  const items = Array.isArray(value) ? (value as readonly Value[]) : [value];
  return items.filter((item) => typeof item === "string");
}

export function textAt(properties: Value, path: string): string | undefined {
  const value = at(properties, path);
  return typeof value === "string" ? value : undefined;
}

/** What is wrong when a property has to have a value: nothing when it has, or when it is not known. */
export function wants(properties: Value, path: string, wanted: boolean | string): readonly string[] {
  const value = at(properties, path);
  // Some properties of AWS are booleans as text.
  if (value === unknown || value === wanted || value === String(wanted)) return [];
  return [`${path} is ${value === undefined ? "not set" : JSON.stringify(value)}, not ${String(wanted)}`];
}

/** What is wrong when a property must not have a value, which is not its default. */
export function refuses(properties: Value, path: string, refused: boolean | string): readonly string[] {
  const value = at(properties, path);
  return value === refused || value === String(refused) ? [`${path} is ${String(refused)}`] : [];
}

/** What is wrong when a property has to be set at all. */
export function needs(properties: Value, path: string): readonly string[] {
  const value = at(properties, path);
  return value === undefined || value === "" ? [`${path} is not set`] : [];
}

/** The JSON that a property holds as text, or already parsed; `undefined` when there is none, or when it is not known. */
export function jsonAt(properties: Value, path: string): Properties | undefined {
  const value = at(properties, path);
  if (isMap(value)) return value;
  if (typeof value !== "string") return undefined;
  try {
    const parsed = JSON.parse(value) as Value;
    return isMap(parsed) ? parsed : undefined;
  } catch {
    // No document: the cloud will say so.
    return undefined;
  }
}
