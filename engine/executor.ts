import { randomUUID } from "node:crypto";
import type { LimitFunction } from "p-limit";
import type { OperationType, ResourceState } from "./deployment.ts";
import type { Provider } from "./provider.ts";
import type { Pass } from "./report.ts";
import type { Change } from "./state.ts";
import type { StackStore } from "./store.ts";
import { providerPackage } from "./urn.ts";
import { Secret, type PropertyMap } from "./values.ts";

/** Carries out what was decided: for real, or as a plan foresees it. */
export interface Executor {
  readonly pass: Pass;
  /**
   * Creates what is not there yet, else updates it.
   * @param before changes to state that go with that.
   */
  write(
    provider: Provider | undefined,
    old: ResourceState | undefined,
    next: ResourceState,
    before?: readonly Change[],
  ): Promise<ResourceState>;
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

export const planExecutor: Executor = {
  pass: "plan",
  write: (provider, old, next) => Promise.resolve(planned(provider, old, next)),
  record: () => undefined,
  remove: () => Promise.resolve(),
};

function planned(provider: Provider | undefined, old: ResourceState | undefined, next: ResourceState): ResourceState {
  // A provider's outputs are its inputs; with no provider, nothing is known.
  const unknown = { id: "", outputs: providerPackage(next.type) === undefined ? {} : next.inputs };
  const { id = "", outputs } = provider?.plan(next, next.inputs) ?? unknown;
  return { ...next, id: old?.id ?? id, outputs: withSecretOutputs(outputs, next.additionalSecretOutputs) };
}

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

  return {
    pass: "apply",

    async write(provider, old, next, before = []) {
      const modified = new Date().toISOString();
      const state = { ...next, id: old?.id ?? "", created: old === undefined ? modified : old.created, modified };
      const { create, update } = next.customTimeouts;
      if (provider === undefined) return settled(withoutProvider(state), before);
      const [{ id, outputs }, operation] = await (old === undefined
        ? operate("creating", state, create, (stop) => provider.create(next, next.inputs, stop))
        : operate("updating", old, update, async (stop) => {
            return { id: old.id, ...(await provider.update(next, old, next.inputs, stop)) };
          }));
      const known = withSecretOutputs(outputs, next.additionalSecretOutputs);
      return settled({ ...state, id, outputs: known }, before, [operation]);
    },

    record: (changes, settles) => store.record(changes, settles),

    async remove(provider, old, after) {
      const operations: string[] = [];
      if (provider !== undefined) {
        const run = (stop: AbortSignal): Promise<void> => provider.delete(old, old, stop);
        const [, operation] = await operate("deleting", old, old.customTimeouts.delete, run);
        operations.push(operation);
      }
      store.record([after], operations);
    },
  };

  function settled(state: ResourceState, before: readonly Change[], operations: readonly string[] = []): ResourceState {
    const unfinished = store.state.pendingOf(state.urn).map(([pending]) => pending);
    store.record([...before, { put: state }], [...unfinished, ...operations]);
    return state;
  }
}

/** Components have no id; a provider resource gets one of ours, and its inputs are its outputs. */
function withoutProvider(state: ResourceState): ResourceState {
  if (providerPackage(state.type) === undefined) return state;
  return { ...state, id: state.id || randomUUID(), outputs: state.inputs };
}
