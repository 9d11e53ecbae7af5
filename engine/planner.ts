import { isDeepStrictEqual } from "node:util";
import { sortResources, withoutEmpty, type ResourceState } from "./deployment.ts";
import { difference, equalValues, type Difference } from "./diff.ts";

import type { Goal } from "./goal.ts";
import { contains, formatPath, keepOld, parsePath } from "./paths.ts";
import type { Provider, ProviderDiff, ProviderFactory, ResourceRef } from "./provider.ts";
import { withSecretOutputs, type Run } from "./run.ts";
import { parseProviderRef } from "./urn.ts";
import { isMap, Unknown, type PropertyMap } from "./values.ts";

/** What has to be done to bring a resource from its old state to the program's goal. */
export interface Decision {
  readonly op: "same" | "create" | "update" | "replace";
  /** As checked by the provider. */
  readonly inputs: PropertyMap;
  readonly differences: readonly Difference[];
  readonly reasons: ProviderDiff["replaces"];
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
  /** Of a provider: which changes of its configuration lead elsewhere. */
  readonly diffConfig: ProviderFactory["diffConfig"];
}

/** @throws when the provider refuses the inputs, or a protected resource would have to be replaced. */
export async function decide(circumstances: Circumstances): Promise<Decision> {
  const { goal, ref, old } = circumstances;
  const inputs = await checkedInputs(circumstances);
  if (old === undefined) return { op: "create", inputs, differences: [], reasons: [], deleteFirst: false };
  const differences = difference(old.inputs, inputs);
  if (old.pendingReplacement === true) {
    const reasons = [{ path: "", reason: "deleted already, to be created anew" }];
    return { op: "replace", inputs, differences, reasons, deleteFirst: true };
  }
  const { changed, replaces: reasons, deleteBeforeReplace } = await compared(circumstances, old, inputs, differences);
  if (reasons.length === 0)
    return {
      op: changed ? "update" : "same",
      inputs,
      differences: changed ? differences : [],
      reasons,
      deleteFirst: false,
    };
  if (goal.options.getProtect() === true) throw new Error(protectedMessage([ref.urn], "replaced"));
  return { op: "replace", inputs, differences, reasons, deleteFirst: deleteBeforeReplace };
}

async function checkedInputs({ goal, ref, old, provider }: Circumstances): Promise<PropertyMap> {
  const olds = old?.pendingReplacement === true ? undefined : old?.inputs;
  const wanted = olds === undefined ? goal.inputs : withIgnored(goal, olds);
  if (provider === undefined) return wanted;
  const { inputs, failures } = await provider.check(ref, olds, wanted);
  if (failures.length === 0) return inputs;
  throw new Error(
    failures.map(({ property, reason }) => (property === "" ? reason : `${property}: ${reason}`)).join("; "),
  );
}

function withIgnored(goal: Goal, olds: PropertyMap): PropertyMap {
  let inputs = goal.inputs;
  for (const path of goal.options.getIgnoreChangesList()) {
    const kept = keepOld(olds, inputs, parsePath(path));
    if (isMap(kept)) inputs = kept;
  }
  return inputs;
}

/** The provider's answer, and what else there is to say. */
async function compared(
  { goal: { options }, ref, provider, updateUnfinished, providerReplaced, diffConfig }: Circumstances,
  old: ResourceState,
  inputs: PropertyMap,
  differences: readonly Difference[],
): Promise<ProviderDiff> {
  const changed = !equalValues(old.inputs, inputs);
  const unasked = { changed, replaces: diffConfig?.(old.inputs, inputs) ?? [], deleteBeforeReplace: false };
  const answer = provider !== undefined && changed ? await provider.diff(ref, old, inputs) : unasked;
  const asked = options.hasDeleteBeforeReplace() ? options.getDeleteBeforeReplace() : undefined;
  const patterns = options.getReplaceOnChangesList().map(parsePath);
  const forced = differences.filter((change) => patterns.some((pattern) => contains(pattern, change.path)));
  const replaces = [
    ...answer.replaces,
    ...forced.map(({ path }) => ({ path: formatPath(path), reason: "replaceOnChanges names it" })),
    ...(providerReplaced ? [{ path: "", reason: "its provider is another one" }] : []),
  ];
  return {
    changed: answer.changed || updateUnfinished,
    replaces,
    deleteBeforeReplace: asked ?? answer.deleteBeforeReplace,
  };
}

/**
 * The resources that have to be replaced because `root` is deleted before it is created anew: those whose provider says
 * so when the inputs that come from a replaced resource are taken for unknown. In the order of their dependencies.
 */
export async function findDependents(root: ResourceState, run: Run): Promise<ResourceState[]> {
  const replaced = new Set([root.urn]);
  const dependents: ResourceState[] = [];
  for (const resource of sortResources([...run.state.live.values()])) {
    const { urn, custom, external, provider: ref } = resource;
    if (!custom || external === true || ref === undefined || replaced.has(urn) || run.news.has(urn)) continue;
    if (!replaced.has(parseProviderRef(ref).urn) && !(await mustFollow(run, resource, replaced))) continue;
    if (resource.protect === true)
      throw new Error(`${urn} is protected, but would have to be replaced because ${root.urn} is: unprotect it first`);
    replaced.add(urn);
    dependents.push(resource);
  }
  return dependents;
}

async function mustFollow(run: Run, resource: ResourceState, replaced: ReadonlySet<string>): Promise<boolean> {
  const affected = Object.entries(resource.propertyDependencies)
    .filter(([key, urns]) => Object.hasOwn(resource.inputs, key) && urns.some((urn) => replaced.has(urn)))
    .map(([key]) => [key, Unknown.value] as const);
  const provider = affected.length === 0 ? undefined : await run.providerOf(resource.provider);
  if (provider === undefined) return false;
  const inputs = { ...resource.inputs, ...Object.fromEntries(affected) };
  return (await provider.diff(resource, resource, inputs)).replaces.length > 0;
}

export function protectedMessage(urns: readonly string[], verb: "deleted" | "replaced"): string {
  return (
    `${urns.join(", ")}: protected, so it cannot be ${verb}. ` +
    "To unprotect it, remove `protect` from the resource in the program and run `up` first."
  );
}

/** The new state of a resource that stays as it is: only what the engine itself keeps of it may differ. */
export function unchanged({ id, outputs, created, modified }: ResourceState, next: ResourceState): ResourceState {
  return { ...next, id, outputs: withSecretOutputs(outputs, next.additionalSecretOutputs), created, modified };
}

export function sameState(old: ResourceState | undefined, next: ResourceState): boolean {
  return old !== undefined && isDeepStrictEqual(withoutEmpty(old), withoutEmpty(next));
}
