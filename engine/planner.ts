import type { ResourceState } from "./deployment.ts";
import { difference, equalValues, type Difference } from "./diff.ts";
import type { Goal } from "./goal.ts";
import { formatPath, keepOld, parsePath, touches } from "./paths.ts";
import type { LiveResource, Provider, ResourceRef } from "./provider.ts";
import { isMap, type PropertyMap } from "./values.ts";

interface ReplaceReason {
  readonly path: string;
  readonly reason: string;
}

/** What has to be done to bring a resource from its old state to the program's goal. */
export interface Decision {
  readonly op: "same" | "create" | "update" | "replace";
  /** As checked by the provider. */
  readonly inputs: PropertyMap;
  readonly differences: readonly Difference[];
  readonly reasons: readonly ReplaceReason[];
  /** The old object goes before the new one comes. */
  readonly deleteFirst: boolean;
}

export interface Circumstances {
  readonly goal: Goal;
  readonly ref: ResourceRef;
  readonly old: ResourceState | undefined;
  /** Undefined for components and providers, and while the provider's own configuration is unknown. */
  readonly provider: Provider | undefined;
  /** An update that was begun and never ended: what is out there may be neither old nor new. */
  readonly updateUnfinished: boolean;
  /** The resource moves to another provider instance. */
  readonly providerReplaced: boolean;
}

export const liveOf = (state: ResourceState): LiveResource => ({
  id: state.id ?? "",
  inputs: state.inputs,
  outputs: state.outputs,
});

/** @throws when the provider refuses the inputs, or a protected resource would have to be replaced. */
export async function decide(circumstances: Circumstances): Promise<Decision> {
  const { goal, ref, old, provider } = circumstances;
  const inputs = await checkedInputs(goal, ref, old, provider);
  if (old === undefined) return { op: "create", inputs, differences: [], reasons: [], deleteFirst: false };
  const differences = difference(old.inputs, inputs);
  if (old.pendingReplacement === true) {
    const reasons = [{ path: "", reason: "deleted already, to be created anew" }];
    return { op: "replace", inputs, differences, reasons, deleteFirst: true };
  }
  const { changed, deleteFirst, reasons } = await compared(circumstances, old, inputs, differences);
  if (reasons.length === 0)
    return { op: changed ? "update" : "same", inputs, differences, reasons, deleteFirst: false };
  if (goal.protect) throw new Error(protectedMessage([ref.urn], "replaced"));
  return { op: "replace", inputs, differences, reasons, deleteFirst };
}

async function checkedInputs(
  goal: Goal,
  ref: ResourceRef,
  old: ResourceState | undefined,
  provider: Provider | undefined,
): Promise<PropertyMap> {
  const recreated = old === undefined || old.pendingReplacement === true;
  const wanted = recreated ? goal.inputs : withIgnored(goal, old.inputs);
  if (provider === undefined) return wanted;
  const { inputs, failures } = await provider.check(ref, recreated ? undefined : old.inputs, wanted);
  if (failures.length === 0) return inputs;
  throw new Error(
    failures.map(({ property, reason }) => (property === "" ? reason : `${property}: ${reason}`)).join("; "),
  );
}

function withIgnored(goal: Goal, olds: PropertyMap): PropertyMap {
  let inputs = goal.inputs;
  for (const path of goal.ignoreChanges) {
    const kept = keepOld(olds, inputs, parsePath(path));
    if (isMap(kept)) inputs = kept;
  }
  return inputs;
}

async function compared(
  { goal, ref, provider, updateUnfinished, providerReplaced }: Circumstances,
  old: ResourceState,
  inputs: PropertyMap,
  differences: readonly Difference[],
): Promise<{ changed: boolean; deleteFirst: boolean; reasons: readonly ReplaceReason[] }> {
  const unchanged = equalValues(old.inputs, inputs);
  const answer =
    provider === undefined || unchanged
      ? { changed: !unchanged, replaces: [], deleteBeforeReplace: false }
      : await provider.diff(ref, liveOf(old), inputs);
  const patterns = goal.replaceOnChanges.map(parsePath);
  const forced = differences.filter((change) => patterns.some((pattern) => touches(change.path, pattern)));
  const reasons = [
    ...answer.replaces,
    ...forced.map(({ path }) => ({ path: formatPath(path), reason: "replaceOnChanges names it" })),
    ...(providerReplaced ? [{ path: "", reason: "its provider is another one" }] : []),
  ];
  return {
    changed: answer.changed || updateUnfinished,
    deleteFirst: goal.deleteBeforeReplace ?? answer.deleteBeforeReplace,
    reasons,
  };
}

export function protectedMessage(urns: readonly string[], verb: "deleted" | "replaced"): string {
  return (
    `${urns.join(", ")}: protected, so it cannot be ${verb}. ` +
    "To unprotect it, remove `protect` from the resource in the program and run `up` first."
  );
}
