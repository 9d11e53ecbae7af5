/** Two listings of one stack's resources -> what changes. Pure. */
import { difference, equalValues, reportDiff } from "../../engine/diff.ts";
import type { PropertyDiff } from "../../engine/report.ts";
import { nameOfUrn } from "../../engine/urn.ts";
import { isMap, type PropertyMap, type Value } from "../../engine/values.ts";
import type { PlannedResource } from "../operation.ts";
import { inputsOf } from "../planned-resource.ts";
import { aligned, withoutNoise } from "./noise.ts";
import { followersOf, type Follower, type OwnChange } from "./followers.ts";
import type { ReplacementRules } from "./replacements.ts";
import { renames, withRenamed } from "./renames.ts";
import type { Change, ChangeOp } from "./report.ts";

export interface ResourceChange extends Pick<Change, "op" | "type" | "name" | "diffs" | "replaceReasons"> {
  /** Of what there is now, or was. */
  readonly urn: string;
  readonly before: PlannedResource | undefined;
  readonly after: PlannedResource | undefined;
  /** What is made anew with it, though nothing in the program's words about it differs. */
  readonly followers: readonly Follower[];
}

/** What differs between two listings, in the order of the URNs. What only reads otherwise does not. */
export function compareListings(
  before: readonly PlannedResource[],
  after: readonly PlannedResource[],
  replacesOf: ReplacementRules,
): readonly ResourceChange[] {
  const renamed = renames(before, after);
  const olds = new Map(before.map((resource) => [renamed.urns.get(resource.urn) ?? resource.urn, resource]));
  const news = new Map(after.map((resource) => [resource.urn, resource]));
  const changes = [...new Set([...olds.keys(), ...news.keys()])].sort().flatMap((urn): readonly OwnChange[] => {
    const [old, next] = [olds.get(urn), news.get(urn)];
    if (old === undefined || next === undefined) return newOrGone(urn, old, next);
    const compared = compareResource(withRenamed(old, renamed), next, replacesOf);
    return compared === undefined ? [] : [{ ...described(urn, next), ...compared, before: old, after: next }];
  });
  const followers = followersOf(changes, before, after, replacesOf);
  return changes.map((change) => ({ ...change, followers: followers.get(change.urn) ?? [] }));
}

function newOrGone(
  urn: string,
  before: PlannedResource | undefined,
  after: PlannedResource | undefined,
): readonly OwnChange[] {
  const resource = after ?? before;
  if (resource === undefined) return [];
  const op = after === undefined ? "delete" : "create";
  return [{ ...described(urn, resource), op, before, after, diffs: [], replaceReasons: [] }];
}

const described = (urn: string, { type }: PlannedResource) => ({ urn, type, name: nameOfUrn(urn) });

function compareResource(
  old: PlannedResource,
  next: PlannedResource,
  replacesOf: ReplacementRules,
): { op: ChangeOp; diffs: readonly PropertyDiff[]; replaceReasons: Change["replaceReasons"] } | undefined {
  const news = asMap(withoutNoise(next.type, inputsOf(next)));
  const olds = asMap(aligned(next.type, withoutNoise(old.type, inputsOf(old)), news));
  const diffs = [...reportDiff(difference(olds, news)), ...optionDiffs(old, next)];
  if (diffs.length === 0) return undefined;
  const replaceReasons = equalValues(olds, news) ? [] : replacesOf(next, olds, news);
  return { op: replaceReasons.length > 0 ? "replace" : "change", diffs, replaceReasons };
}

/** Options of a resource that are no property of it: shown in parentheses, as no property is called. */
function optionDiffs(old: PlannedResource, next: PlannedResource): readonly PropertyDiff[] {
  return (["protect", "retainOnDelete"] as const).flatMap((option): readonly PropertyDiff[] => {
    const [before, after] = [old[option] === true, next[option] === true];
    return before === after ? [] : [{ path: `(${option})`, kind: "update", old: before, new: after }];
  });
}

const asMap = (value: Value): PropertyMap => (isMap(value) ? value : {});
