/** Objects whose names end with a digest of their contents: other contents, another name, and still the same object. Pure. */
import type { ReportValue } from "../../engine/report.ts";
import { nameOfUrn } from "../../engine/urn.ts";
import { isRecord } from "../../release/json.ts";
import type { PlannedResource } from "../operation.ts";

/** As kustomize's generators write it: ten characters of an alphabet without vowels and mistakable digits. */
const digestSuffix = /-[2456789bcdfghkmt]{10}$/;

export interface Renames {
  /** By the old URN, the new one. */
  readonly urns: ReadonlyMap<string, string>;
  /** By the old name, the new one. */
  readonly names: ReadonlyMap<string, string>;
}

/** Of every name without its digest, where one is gone and one is new. */
export function renames(before: readonly PlannedResource[], after: readonly PlannedResource[]): Renames {
  const [gone, come] = [missingIn(before, after), missingIn(after, before)];
  const pairs = [...gone].flatMap(([stem, olds]) => {
    const [[old, ...moreOld], [next, ...moreNew]] = [olds, come.get(stem) ?? []];
    return old === undefined || next === undefined || moreOld.length + moreNew.length > 0 ? [] : [[old, next] as const];
  });
  return {
    urns: new Map(pairs.map(([old, next]) => [old.urn, next.urn])),
    names: new Map(pairs.map(([old, next]) => [objectName(old), objectName(next)])),
  };
}

/** The resource with the new names wherever the old ones are: an object that only refers to them is the same. */
export function withRenamed(resource: PlannedResource, { names }: Renames): PlannedResource {
  if (names.size === 0) return resource;
  const map = (value: unknown): unknown => {
    if (typeof value === "string") return names.get(value) ?? value;
    if (Array.isArray(value)) return value.map(map);
    return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, map(item)])) : value;
  };
  return { ...resource, inputs: map(resource.inputs) as ReportValue };
}

/** By URN without its digest, those with one that the other listing lacks. */
function missingIn(
  listing: readonly PlannedResource[],
  other: readonly PlannedResource[],
): ReadonlyMap<string, readonly PlannedResource[]> {
  const known = new Set(other.map(({ urn }) => urn));
  const missing = listing.filter(
    ({ urn, type }) => type.startsWith("kubernetes:") && digestSuffix.test(urn) && !known.has(urn),
  );
  return Map.groupBy(missing, ({ urn }) => urn.replace(digestSuffix, ""));
}

/** Without the namespace, as references have it. */
const objectName = ({ urn }: PlannedResource): string => nameOfUrn(urn).split("/").at(-1) ?? "";
