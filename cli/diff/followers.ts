/**
 * What is made anew because something else is: a node pool with its cluster, a database with its key. In a plan
 * from nothing it reads the same on both sides, since what only the other's creation tells is unknown on both. Pure.
 */
import { isMap, type Value } from "../../engine/values.ts";
import type { PlannedResource } from "../operation.ts";
import { inputsOf, unknownText } from "../planned-resource.ts";
import type { ResourceChange } from "./compare.ts";
import type { ReplacementRules } from "./replacements.ts";

export interface Follower {
  readonly urn: string;
  readonly type: string;
  /** The property that cannot be changed in place and will have another value. */
  readonly path: string;
  readonly before: PlannedResource;
}

/** A change without what follows from it. */
export type OwnChange = Omit<ResourceChange, "followers">;

/** By URN of the change that is at the bottom of it, in the order of their URNs. */
export function followersOf(
  changes: readonly OwnChange[],
  before: readonly PlannedResource[],
  after: readonly PlannedResource[],
  replacesOf: ReplacementRules,
): ReadonlyMap<string, readonly Follower[]> {
  const roots = changes.filter(({ op }) => op === "replace" || op === "delete").map(({ urn }) => urn);
  const rootOf = new Map(roots.map((urn) => [urn, urn]));
  const olds = new Map(before.map((resource) => [resource.urn, resource]));
  const followers = new Map<string, Follower[]>();
  for (let grown = rootOf.size > 0; grown;) {
    grown = false;
    for (const next of after) {
      const old = olds.get(next.urn);
      if (old === undefined || rootOf.has(next.urn)) continue;
      const found = followed(old, next, rootOf, replacesOf);
      if (found === undefined) continue;
      const { root, path } = found;
      const { urn, type } = next;
      rootOf.set(urn, root);
      followers.set(root, [...(followers.get(root) ?? []), { urn, type, path, before: old }]);
      grown = true;
    }
  }
  return followers;
}

/** The first property whose unknown value comes from what is made anew, and that is another resource's when it changes. */
function followed(
  old: PlannedResource,
  next: PlannedResource,
  rootOf: ReadonlyMap<string, string>,
  replacesOf: ReplacementRules,
): { readonly root: string; readonly path: string } | undefined {
  const inputs = inputsOf(next);
  for (const [key, sources] of Object.entries({ ...next.unknownFrom, ...old.unknownFrom })) {
    const root = sources.map((urn) => rootOf.get(urn)).find((urn) => urn !== undefined);
    const value = inputs[key];
    if (root === undefined || value === undefined) continue;
    const [reason] = replacesOf(next, inputs, { ...inputs, [key]: anew(value) });
    if (reason !== undefined) return { root, path: reason.path };
  }
  return undefined;
}

/** The value that comes of it: other than before, wherever it was unknown. */
function anew(value: Value): Value {
  if (value === unknownText) return "[unknown, made anew]";
  if (Array.isArray(value)) return (value as readonly Value[]).map(anew);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, anew(item)]));
}
