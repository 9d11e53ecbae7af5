import type { ResourceState } from "./deployment.ts";
import { applyExecutor, planExecutor, type Executor } from "./executor.ts";
import type { Provider } from "./provider.ts";
import type { Recorder } from "./recorder.ts";
import type { Pass } from "./report.ts";
import type { Session } from "./session.ts";
import type { StackState } from "./state.ts";
import type { StackStore } from "./store.ts";
import { parseProviderRef, providerPackage } from "./urn.ts";

/** What works on a stack's state: a pass of the program, or a refresh or destroy, which need no program. */
export interface Run {
  readonly session: Session;
  readonly state: StackState;
  readonly executor: Executor;
  readonly recorder: Recorder;
  /** Resources as the program has registered them, by URN. */
  readonly news: Map<string, ResourceState>;
  /** The instance that a provider reference stands for; undefined while part of its configuration is not known. */
  readonly providerOf: (ref: string) => Promise<Provider | undefined>;
}

export function newRun(session: Session, store: StackStore, recorder: Recorder, pass: Pass): Run {
  const { state } = store;
  const news = new Map<string, ResourceState>();
  const providerOf = async (ref: string): Promise<Provider | undefined> => {
    const { urn } = parseProviderRef(ref);
    const resource = news.get(urn) ?? state.live.get(state.currentUrn(urn));
    const packageName = resource && providerPackage(resource.type);
    if (resource === undefined || packageName === undefined) throw new Error(`its provider ${urn} is not registered`);
    return session.providers.configured(packageName, resource.inputs);
  };
  const executor = pass === "plan" ? planExecutor : applyExecutor(store, session.limit, session.signal);
  return { session, state, executor, recorder, news, providerOf };
}
