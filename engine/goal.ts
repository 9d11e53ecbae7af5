import { isDeepStrictEqual } from "node:util";
import type { Alias } from "@pulumi/pulumi/proto/alias_pb.js";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb.js";
import type { CustomTimeouts, ResourceState } from "./deployment.ts";
import { equalValues } from "./diff.ts";
import { withSecretOutputs } from "./executor.ts";
import type { PropertyMap } from "./values.ts";

/** What the program wants a resource to be. */
export interface Goal extends GoalOptions {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly parent: string | undefined;
  readonly inputs: PropertyMap;
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** Run on this resource and on its children. */
  readonly transforms: readonly Callback[];
}

/** The part of it that a remote transform may change. */
export interface GoalOptions {
  readonly dependencies: readonly string[];
  readonly protect: boolean;
  /** `<urn>::<id>` */
  readonly provider: string | undefined;
  readonly version: string;
  readonly deleteBeforeReplace: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly Alias[];
  readonly customTimeouts: CustomTimeouts;
  readonly retainOnDelete: boolean;
  readonly deletedWith: string | undefined;
}

/** What a goal has unless it says otherwise. */
export const defaultOptions = {
  propertyDependencies: {},
  transforms: [],
  dependencies: [],
  protect: false,
  provider: undefined,
  version: "",
  deleteBeforeReplace: undefined,
  ignoreChanges: [],
  replaceOnChanges: [],
  additionalSecretOutputs: [],
  aliases: [],
  customTimeouts: {},
  retainOnDelete: false,
  deletedWith: undefined,
} as const;

/** A goal that leaves out what is as usual. */
export type Registration = Pick<Goal, "type" | "name" | "custom" | "parent" | "inputs"> & Partial<Goal>;

/** A resource's state as far as its goal decides it: no id, no outputs yet. */
export function stateOf(urn: string, goal: Goal, provider: string | undefined, inputs: PropertyMap): ResourceState {
  // The SDK gathers them as they resolve, in another order each time.
  const sorted = (urns: readonly string[]): readonly string[] => [...new Set(urns)].sort();
  const properties = Object.entries(goal.propertyDependencies).map(([key, urns]) => [key, sorted(urns)] as const);
  return {
    urn,
    type: goal.type,
    custom: goal.custom,
    inputs,
    outputs: {},
    ...(goal.parent === undefined ? {} : { parent: goal.parent }),
    ...(provider === undefined ? {} : { provider }),
    dependencies: sorted(goal.dependencies),
    propertyDependencies: Object.fromEntries(properties),
    ...(goal.protect ? { protect: true } : {}),
    ...(goal.retainOnDelete ? { retainOnDelete: true } : {}),
    ...(goal.deletedWith === undefined ? {} : { deletedWith: goal.deletedWith }),
    additionalSecretOutputs: goal.additionalSecretOutputs,
    customTimeouts: goal.customTimeouts,
  };
}

/** The new state of a resource that stays as it is: only what the engine itself keeps of it may differ. */
export function unchanged({ id, outputs, created, modified }: ResourceState, next: ResourceState): ResourceState {
  return {
    ...next,
    outputs: withSecretOutputs(outputs, next.additionalSecretOutputs),
    ...(id === undefined ? {} : { id }),
    ...(created === undefined ? {} : { created }),
    ...(modified === undefined ? {} : { modified }),
  };
}

export function sameState(old: ResourceState | undefined, next: ResourceState): boolean {
  if (old === undefined) return false;
  const { inputs, outputs, ...rest } = old;
  const { inputs: newInputs, outputs: newOutputs, ...newRest } = next;
  return isDeepStrictEqual(rest, newRest) && equalValues(inputs, newInputs) && equalValues(outputs, newOutputs);
}
