/**
 * Property values as the engine holds them: JSON, plus secrets and values that are not known before the resource they
 * come from exists. Providers receive and return these too.
 */

/** A value that is encrypted in state, masked in every report, and passed on as a secret to the program. */
export class Secret {
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

/** Stands for a value that only the operation itself will tell (a plan's answer for an output of a new resource). */
export class Unknown {
  static readonly value = new Unknown();
  /** Makes the type differ from every other: nothing else passes for an unknown. */
  readonly isUnknown = true;
}

export type Value = null | boolean | number | string | Secret | Unknown | readonly Value[] | PropertyMap;
export interface PropertyMap {
  readonly [key: string]: Value;
}

/** Tells a property map from every other kind of value. */
export function isMap(value: Value | undefined): value is PropertyMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Unknown)
  );
}

/** What a map has of its own under a key, whatever the key's name. */
export const own = (map: PropertyMap, key: string): Value | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined;

/** The value without its secret wrappers, at any depth: for the wire, never for a report or a file. */
export function unwrapSecrets(value: Value): Value {
  if (value instanceof Secret) return unwrapSecrets(value.value);
  if (Array.isArray(value)) return (value as readonly Value[]).map(unwrapSecrets);
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrapSecrets(item)]));
  return value;
}

/** `value` with a secret wrapper wherever `pattern` has one at the same path. */
export function wrapSecretsLike(value: Value, pattern: Value | undefined): Value {
  if (pattern instanceof Secret) return value instanceof Secret ? value : new Secret(value);
  if (Array.isArray(value) && Array.isArray(pattern)) {
    const items = pattern as readonly Value[];
    return (value as readonly Value[]).map((item, index) => wrapSecretsLike(item, items[index]));
  }
  if (isMap(value) && isMap(pattern)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, wrapSecretsLike(item, pattern[key])]));
  }
  return value;
}

/** Whether any part of the value is unknown. */
export function hasUnknown(value: Value): boolean {
  if (value instanceof Unknown) return true;
  if (value instanceof Secret) return hasUnknown(value.value);
  if (Array.isArray(value)) return (value as readonly Value[]).some(hasUnknown);
  return isMap(value) && Object.values(value).some(hasUnknown);
}
