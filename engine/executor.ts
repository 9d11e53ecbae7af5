import { randomUUID } from "node:crypto";
import type { LimitFunction } from "p-limit";
import { dependenciesOf, type OperationType, type ResourceState } from "./deployment.ts";
import { liveOf } from "./planner.ts";
import type { Provider } from "./provider.ts";
import type { Pass } from "./report.ts";
import type { Change } from "./state.ts";
import type { StackStore } from "./store.ts";
import { providerPackage } from "./urn.ts";
import { Secret, type PropertyMap } from "./values.ts";

/** Carries out what was decided: for real, or as a plan foresees it. */
export interface Executor {
  readonly pass: Pass;
  /** @param before changes to state that go with the creation. */
  create(provider: Provider | undefined, next: ResourceState, before?: readonly Change[]): Promise<ResourceState>;
  update(provider: Provider | undefined, old: ResourceState, next: ResourceState): Promise<ResourceState>;
  /** Notes what is the case already, without an operation. */
  record(changes: readonly Change[], settles?: readonly string[]): void;
  /** @param after what becomes of it in state. */
  remove(provider: Provider | undefined, old: ResourceState, after: Change): Promise<void>;
}

/** Outputs with those marked as secret that the program named. */
export function withSecretOutputs(outputs: PropertyMap, names: readonly string[]): PropertyMap {
  const marked = names.flatMap((name) => {
    const value = outputs[name];
    return value === undefined || value instanceof Secret ? [] : [[name, new Secret(value)] as const];
  });
  return { ...outputs, ...Object.fromEntries(marked) };
}

function planned(provider: Provider | undefined, next: ResourceState, old?: ResourceState): ResourceState {
  // A provider's outputs are its inputs; with no provider, nothing is known.
  if (provider === undefined) return { ...next, outputs: providerPackage(next.type) === undefined ? {} : next.inputs };
  const known = old === undefined ? undefined : liveOf(old);
  const { id, outputs } = provider.plan({ urn: next.urn, type: next.type }, next.inputs, known);
  return {
    ...next,
    ...(id === undefined ? {} : { id }),
    outputs: withSecretOutputs(outputs, next.additionalSecretOutputs),
  };
}

export const planExecutor: Executor = {
  pass: "plan",
  create: (provider, next) => Promise.resolve(planned(provider, next)),
  update: (provider, old, next) =>
    Promise.resolve({ ...planned(provider, next, old), ...(old.id === undefined ? {} : { id: old.id }) }),
  record: () => undefined,
  remove: () => Promise.resolve(),
};

/** Each operation is in the journal before it starts; one that fails stays there as pending, for the next run. */
export function applyExecutor(store: StackStore, limit: LimitFunction, signal: AbortSignal): Executor {
  /** @returns what came of it, and the operation's id, to be settled. */
  const operate = <T>(
    type: OperationType,
    resource: ResourceState,
    seconds: number | undefined,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<readonly [T, string]> =>
    limit(async () => {
      signal.throwIfAborted();
      const id = await store.begin(type, resource);
      if (seconds === undefined) return [await run(signal), id];
      const timeout = AbortSignal.timeout(seconds * 1000);
      try {
        return [await run(AbortSignal.any([signal, timeout])), id];
      } catch (cause) {
        throw timeout.aborted ? new Error(`not done after ${seconds} s (customTimeouts)`, { cause }) : cause;
      }
    });
  const refOf = ({ urn, type }: ResourceState) => ({ urn, type });

  return {
    pass: "apply",

    async create(provider, next, before = []) {
      const now = new Date().toISOString();
      const born = { ...next, created: now, modified: now };
      if (provider === undefined) return settled(withoutProvider(born), before);
      const [made, id] = await operate("creating", born, next.customTimeouts.create, (stop) =>
        provider.create(refOf(next), next.inputs, stop),
      );
      const outputs = withSecretOutputs(made.outputs, next.additionalSecretOutputs);
      return settled({ ...born, id: made.id, outputs }, before, id);
    },

    async update(provider, old, next) {
      const kept = {
        ...(old.id === undefined ? {} : { id: old.id }),
        ...(old.created === undefined ? {} : { created: old.created }),
      };
      const changed = { ...next, ...kept, modified: new Date().toISOString() };
      if (provider === undefined) return settled(withoutProvider(changed));
      const [{ outputs }, id] = await operate("updating", old, next.customTimeouts.update, (stop) =>
        provider.update(refOf(next), liveOf(old), next.inputs, stop),
      );
      return settled({ ...changed, outputs: withSecretOutputs(outputs, next.additionalSecretOutputs) }, [], id);
    },

    record: (changes, settles) => store.record(changes, settles),

    async remove(provider, old, after) {
      if (provider === undefined) {
        store.record([after]);
        return;
      }
      const [, id] = await operate("deleting", old, old.customTimeouts.delete, (stop) =>
        provider.delete(refOf(old), liveOf(old), stop),
      );
      store.record([after], [id]);
    },
  };

  function settled(state: ResourceState, before: readonly Change[] = [], id?: string): ResourceState {
    const unfinished = store.state.pendingOf(state.urn).map(([pending]) => pending);
    store.record([...before, { put: state }], id === undefined ? unfinished : [...unfinished, id]);
    return state;
  }
}

/** Components have no id; a provider resource gets one of ours, and its inputs are its outputs. */
function withoutProvider(state: ResourceState): ResourceState {
  if (providerPackage(state.type) === undefined) return state;
  return { ...state, id: state.id ?? randomUUID(), outputs: state.inputs };
}

/**
 * Deletes resources, each after all that depend on it, as many at once as that allows. What a resource that could not
 * be deleted depends on is left alone.
 * @param remove deletes one; its failure is told there.
 * @returns whether all are gone.
 */
export async function removeAll(
  resources: readonly ResourceState[],
  remove: (resource: ResourceState) => Promise<boolean>,
): Promise<boolean> {
  const dependents = dependentsWithin(resources);
  const running = new Map<ResourceState, Promise<boolean>>();
  const run = (resource: ResourceState): Promise<boolean> => {
    const known = running.get(resource);
    if (known !== undefined) return known;
    const result = Promise.all((dependents.get(resource) ?? []).map(run)).then((gone) =>
      gone.every(Boolean) ? remove(resource) : false,
    );
    running.set(resource, result);
    return result;
  };
  return (await Promise.all(resources.map(run))).every(Boolean);
}

/** For each resource those of the others that depend on it, without cycles (old and new of a replacement share a URN). */
function dependentsWithin(resources: readonly ResourceState[]): ReadonlyMap<ResourceState, readonly ResourceState[]> {
  const byUrn = Map.groupBy(resources, ({ urn }) => urn);
  const dependents = new Map<ResourceState, ResourceState[]>(resources.map((resource) => [resource, []]));
  const state = new Map<ResourceState, "entered" | "left">();
  const visit = (resource: ResourceState): void => {
    state.set(resource, "entered");
    const targets = new Set(dependenciesOf(resource).flatMap((urn) => byUrn.get(urn) ?? []));
    for (const target of targets) {
      if (state.get(target) === "entered") continue;
      dependents.get(target)?.push(resource);
      if (state.get(target) === undefined) visit(target);
    }
    state.set(resource, "left");
  };
  for (const resource of resources) if (state.get(resource) === undefined) visit(resource);
  return dependents;
}

/** Whether there is a real object behind the state that deleting has to take away. */
export function hasObject(resource: ResourceState, gone: ReadonlySet<string>): boolean {
  const { custom, type, external, retainOnDelete, pendingReplacement, deletedWith } = resource;
  if (!custom || providerPackage(type) !== undefined) return false;
  if (external === true || retainOnDelete === true || pendingReplacement === true) return false;
  return deletedWith === undefined || !gone.has(deletedWith);
}
