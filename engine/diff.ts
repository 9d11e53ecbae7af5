import { formatPath, type Path } from "./paths.ts";
import type { PropertyDiff, ReportValue } from "./report.ts";
import { hasUnknown, isMap, Secret, Unknown, type PropertyMap, type Value } from "./values.ts";

/** One changed place, its path still in parts. */
export interface Difference {
  readonly path: Path;
  readonly old: Value | undefined;
  readonly new: Value | undefined;
}

/** Equal in every part, secrets and unknowns included (a secret is not equal to its plain value). */
export function equalValues(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (a instanceof Secret) return b instanceof Secret && equalValues(a.value, b.value);
  if (Array.isArray(a)) {
    const [left, right] = [a as readonly Value[], b as readonly Value[]];
    return Array.isArray(b) && left.length === right.length && left.every((item, i) => equalValues(item, right[i]));
  }
  return isMap(a) && isMap(b) && equalMaps(a, b);
}

function equalMaps(a: PropertyMap, b: PropertyMap): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equalValues(a[key], b[key]));
}

/** Every place where two property maps differ, as deep as both have the same shape. */
export function difference(olds: PropertyMap, news: PropertyMap): readonly Difference[] {
  const found: Difference[] = [];
  compareMaps(olds, news, [], found);
  return found;
}

function compare(old: Value | undefined, next: Value | undefined, path: Path, found: Difference[]): void {
  if (equalValues(old, next)) return;
  if (Array.isArray(old) && Array.isArray(next)) {
    const length = Math.max(old.length, next.length);
    for (let i = 0; i < length; i++) compare((old as Value[])[i], (next as Value[])[i], [...path, i], found);
  } else if (isMap(old) && isMap(next)) compareMaps(old, next, path, found);
  else found.push({ path, old, new: next });
}

function compareMaps(olds: PropertyMap, news: PropertyMap, path: Path, found: Difference[]): void {
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    const old = Object.hasOwn(olds, key) ? olds[key] : undefined;
    compare(old, Object.hasOwn(news, key) ? news[key] : undefined, [...path, key], found);
  }
}

export function reportDiff(changes: readonly Difference[]): readonly PropertyDiff[] {
  return changes.map((change) => ({
    path: formatPath(change.path),
    kind: change.old === undefined ? "add" : change.new === undefined ? "delete" : "update",
    ...(change.old === undefined ? {} : { old: masked(change.old) }),
    ...(change.new === undefined ? {} : { new: masked(change.new) }),
  }));
}

/** A value as a report may show it. */
export function masked(value: Value, showSecrets = false): ReportValue {
  if (value instanceof Unknown) return "[unknown]";
  if (value instanceof Secret) return showSecrets && !hasUnknown(value) ? masked(value.value, true) : "[secret]";
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => masked(item, showSecrets));
  if (!isMap(value)) return value as ReportValue;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item, showSecrets)]));
}
