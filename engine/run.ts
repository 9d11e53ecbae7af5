import { randomUUID } from "node:crypto";
import type { OperationType, ResourceState } from "./deployment.ts";
import { difference, reportDiff } from "./diff.ts";
import { providerOutputs } from "./goal.ts";
import type { Provider } from "./provider.ts";
import type { Recorder } from "./recorder.ts";
import type { Pass, StepReport } from "./report.ts";
import type { Session } from "./session.ts";
import type { Change, StackState } from "./state.ts";
import type { StackStore } from "./store.ts";
import { parseProviderRef, providerPackage } from "./urn.ts";
import { Secret, type PropertyMap } from "./values.ts";

/**
 * What works on a stack's state: a pass of the program, or a refresh or destroy, which need no program. Carries out
 * what was decided: for real, or as a plan foresees it.
 */
export class Run {
  readonly session: Session;
  readonly state: StackState;
  readonly recorder: Recorder;
  readonly pass: Pass;
  /** Resources as the program has registered them, by URN. */
  readonly news = new Map<string, ResourceState>();
  readonly #store: StackStore;
  readonly #urgencies: ReadonlyMap<string, number>;

  /** @param urgencies by URN, where the whole order is known beforehand. */
  constructor(
    session: Session,
    store: StackStore,
    recorder: Recorder,
    pass: Pass,
    urgencies: ReadonlyMap<string, number> = new Map(),
  ) {
    this.session = session;
    this.state = store.state;
    this.recorder = recorder;
    this.pass = pass;
    this.#store = store;
    this.#urgencies = urgencies;
  }

  /** The instance that a provider reference stands for; undefined while part of its configuration is not known. */
  async providerOf(ref: string | undefined): Promise<Provider | undefined> {
    if (ref === undefined) return undefined;
    const { urn, id } = parseProviderRef(ref);
    // While resources move from one cluster to another there are two providers of one name.
    const named = [this.news.get(urn), this.state.live.get(this.state.currentUrn(urn)), ...this.state.condemned];
    const known = named.filter((resource) => resource?.urn === urn || resource?.urn === this.state.currentUrn(urn));
    const resource = known.find((candidate) => candidate?.id === id) ?? known[0];
    const packageName = resource && providerPackage(resource.type);
    if (resource === undefined || packageName === undefined) throw new Error(`its provider ${urn} is not registered`);
    return this.session.providers.configured(packageName, providerOutputs(resource.inputs));
  }

  /**
   * Creates what is not there yet, else updates it.
   * @param before changes to state that go with that.
   */
  async write(
    provider: Provider | undefined,
    old: ResourceState | undefined,
    next: ResourceState,
    before: readonly Change[] = [],
  ): Promise<ResourceState> {
    if (this.pass === "plan") return planned(provider, old, next);
    const modified = new Date().toISOString();
    const state = { ...next, id: old?.id ?? "", created: old === undefined ? modified : old.created, modified };
    if (provider === undefined) return this.#settle(withoutProvider(state), before);
    const { urn, type, customTimeouts } = next;
    const { create, update } = customTimeouts;
    const task = { urn, type, urgency: this.#urgencies.get(urn) };
    const [{ id, outputs }, operation] = await (old === undefined
      ? this.#operate("creating", state, create, (stop) => provider.create(task, next.inputs, stop))
      : this.#operate("updating", old, update, async (stop) => {
          return { id: old.id, ...(await provider.update(task, old, next.inputs, stop)) };
        }));
    const known = withSecretOutputs(outputs, next.additionalSecretOutputs);
    return this.#settle({ ...state, id, outputs: known }, before, [operation]);
  }

  /** @param after what becomes of it in state. */
  async remove(provider: Provider | undefined, old: ResourceState, after: Change): Promise<void> {
    if (this.pass === "plan") return;
    const seconds = old.customTimeouts.delete;
    const done = provider && (await this.#operate("deleting", old, seconds, (stop) => provider.delete(old, old, stop)));
    this.record([after], done === undefined ? [] : [done[1]]);
  }

  /** What the report has of a resource that goes. */
  goneDetails({ inputs }: ResourceState): Pick<StepReport, "diffs"> {
    return { diffs: this.session.options.allDiffs === true ? reportDiff(difference(inputs, {})) : [] };
  }

  /** Notes what is the case already, without an operation. */
  record(changes: readonly Change[], settles: readonly string[] = []): void {
    if (this.pass === "apply") this.#store.record(changes, settles);
  }

  /**
   * The operation is in the journal before it starts; one that fails stays there as pending, for the next run.
   * @returns what came of it, and the operation's id, to be settled.
   */
  #operate<T>(
    type: OperationType,
    resource: ResourceState,
    seconds: number | undefined,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<readonly [T, string]> {
    const { queue, signal } = this.session;
    return queue.add(
      async () => {
        signal.throwIfAborted();
        const id = await this.#store.begin(type, resource);
        if (seconds === undefined) return [await run(signal), id];
        const timeout = AbortSignal.timeout(seconds * 1000);
        try {
          return [await run(AbortSignal.any([signal, timeout])), id];
        } catch (cause) {
          throw timeout.aborted ? new Error(`not done after ${seconds} s (customTimeouts)`, { cause }) : cause;
        }
      },
      { priority: this.#urgencies.get(resource.urn) ?? 0 },
    );
  }

  #settle(state: ResourceState, before: readonly Change[], operations: readonly string[] = []): ResourceState {
    const unfinished = this.state.pendingOf(state.urn).map(([pending]) => pending);
    this.record([...before, { put: state }], [...unfinished, ...operations]);
    return state;
  }
}

/** Outputs with those marked as secret that the program named. */
export function withSecretOutputs(outputs: PropertyMap, names: readonly string[]): PropertyMap {
  const marked = names.flatMap((name) => {
    const value = outputs[name];
    return value === undefined || value instanceof Secret ? [] : [[name, new Secret(value)] as const];
  });
  return { ...outputs, ...Object.fromEntries(marked) };
}

async function planned(
  provider: Provider | undefined,
  old: ResourceState | undefined,
  next: ResourceState,
): Promise<ResourceState> {
  // A provider's are known by its inputs; with no provider, nothing is known.
  const unknown = { id: "", outputs: providerPackage(next.type) === undefined ? {} : providerOutputs(next.inputs) };
  const { id = "", outputs } = (await provider?.plan(next, next.inputs, old)) ?? unknown;
  return { ...next, id: old?.id ?? id, outputs: withSecretOutputs(outputs, next.additionalSecretOutputs) };
}

/** Components have no id; a provider resource gets one of ours, and its inputs are its outputs. */
function withoutProvider(state: ResourceState): ResourceState {
  if (providerPackage(state.type) === undefined) return state;
  return { ...state, id: state.id || randomUUID(), outputs: providerOutputs(state.inputs) };
}
