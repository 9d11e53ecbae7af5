import { isDeepStrictEqual } from "node:util";
import { formatPath, type Path } from "./paths.ts";
import type { PropertyDiff, ReportValue } from "./report.ts";
import { hasUnknown, isMap, own, Secret, Unknown, type PropertyMap, type Value } from "./values.ts";

/** One changed place, its path still in parts. */
export interface Difference {
  readonly path: Path;
  readonly old: Value | undefined;
  readonly new: Value | undefined;
}

/** Equal in every part, secrets and unknowns included (a secret is not equal to its plain value). */
export const equalValues = (a: Value | undefined, b: Value | undefined): boolean => isDeepStrictEqual(a, b);

/** Every place where two property maps differ, as deep as both have the same shape. */
export function difference(olds: PropertyMap, news: PropertyMap): readonly Difference[] {
  const found: Difference[] = [];
  compare(olds, news, [], found);
  return found;
}

function compare(old: Value | undefined, next: Value | undefined, path: Path, found: Difference[]): void {
  if (Array.isArray(old) && Array.isArray(next)) {
    const length = Math.max(old.length, next.length);
    for (let i = 0; i < length; i++) compare((old as Value[])[i], (next as Value[])[i], [...path, i], found);
  } else if (isMap(old) && isMap(next)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(next)]))
      compare(own(old, key), own(next, key), [...path, key], found);
  } else if (!equalValues(old, next)) found.push({ path, old, new: next });
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
