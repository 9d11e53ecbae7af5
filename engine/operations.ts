import { access } from "node:fs/promises";
import type { ResourceState } from "./deployment.ts";
import { applyExecutor, planExecutor } from "./executor.ts";
import { acquireLock } from "./lock.ts";
import { runPass, type PassOptions, type PassOutcome } from "./pass.ts";
import type { ProviderFactory } from "./provider.ts";
import { providerFor } from "./providers.ts";
import { Recorder } from "./recorder.ts";
import { refreshResources } from "./refresh.ts";
import { refuseProtected, removeResources, settlePending, type RemovalContext } from "./removal.ts";
import type { EngineEvent, OperationKind, OperationResult, Pass } from "./report.ts";
import { openSession, openStore, resultOf, type Session } from "./session.ts";
import type { StackStore } from "./store.ts";

export interface OperationOptions {
  /** The folder of `Pulumi.yaml`. */
  readonly projectRoot: string;
  readonly stack: string;
  /** Provider factories by package name, e.g. `kubernetes`. */
  readonly providers: Readonly<Record<string, ProviderFactory>>;
  /** Where state, backups, journals and locks are kept. */
  readonly stateDir: string;
  /** How many provider operations run at once. @default 16 */
  readonly parallel?: number;
  /** Config on top of the stack's file, by full key (`kubernetes:kubeconfig`); never written anywhere. */
  readonly config?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: EngineEvent) => void;
  /** Aborted: no new step starts, running ones are told to stop, state is saved. */
  readonly signal?: AbortSignal;
  /** `up` without the plan pass before it: nothing is looked up before the first change. @default false */
  readonly skipPlan?: boolean;
  /**
   * `up` of a new stack: the program runs for the apply while it is still being planned, though nothing it registers is
   * acted upon before the plan is made and found good. For programs that do nothing but register. @default false
   */
  readonly eager?: boolean;
  /** `refresh` only: report drift and write nothing. @default false */
  readonly previewOnly?: boolean;
  /** Secrets in `outputs` in clear. @default false */
  readonly showSecrets?: boolean;
  /**
   * Looks at every resource that the program asks for: once they are planned, and after an apply again, when all their
   * values are known. Each message that it returns is an error; one of a plan keeps it from being applied.
   */
  readonly review?: (resources: readonly ResourceState[]) => readonly string[];
}

/**
 * Runs one operation on one stack.
 * @returns what was done; `failed` when a step, the program or the preflight failed.
 * @throws UserError before anything was changed: configuration, unknown stack, lock, wrong passphrase, protected resources.
 */
export async function runOperation(kind: OperationKind, options: OperationOptions): Promise<OperationResult> {
  const session = await openSession(kind, options);
  const lock = session.readOnly ? undefined : await acquireLock(session.files.lock, options.stack, kind);
  try {
    // Opened while the program starts: deriving the key takes a while.
    const store = session.timed("load state", () => openStore(session));
    try {
      return await operations[kind](session, store);
    } finally {
      const opened = await store.catch(() => undefined);
      if (opened !== undefined && !session.readOnly) await session.timed("save", () => opened.save());
    }
  } finally {
    await session.providers.close();
    await lock?.release();
  }
}

type Operation = (session: Session, store: Promise<StackStore>) => Promise<OperationResult>;

const operations: Readonly<Record<OperationKind, Operation>> = { preview, up, refresh, destroy };

async function preview(session: Session, store: Promise<StackStore>): Promise<OperationResult> {
  const outcome = await session.timed("plan", async () => runPass(await passOptions(session, store, "plan")));
  review(session, outcome);
  const { registrar, recorder } = outcome;
  return resultOf(session, recorder, registrar.news.values());
}

async function up(session: Session, store: Promise<StackStore>): Promise<OperationResult> {
  if (session.options.skipPlan === true) return apply(session, store, Promise.resolve());
  const planned = Promise.withResolvers<undefined>();
  // It is rejected also when no pass waits for it.
  planned.promise.catch(() => undefined);
  // A new stack is all to be created: the program may start on that while the plan is made.
  const ahead =
    session.options.eager === true && (await isNew(session)) ? apply(session, store, planned.promise) : undefined;
  ahead?.catch(() => undefined);
  try {
    const { registrar, recorder, changed } = await plan(session, store);
    if (changed && !recorder.failed) {
      session.onEvent({ kind: "planned", summary: recorder.summary });
      planned.resolve(undefined);
      return await (ahead ?? apply(session, store, planned.promise));
    }
    // Only now: had an apply pass followed, the program would have said it all again.
    for (const diagnostic of recorder.diagnostics) session.onEvent({ kind: "diagnostic", ...diagnostic });
    // What a plan that failed would have done was not done, and is not told.
    const told = recorder.failed ? recorder.onlyFailures() : recorder;
    return resultOf(session, told, registrar.news.values());
  } finally {
    planned.reject(new Error("there is nothing to apply"));
    await ahead?.catch(() => undefined);
  }
}

async function plan(session: Session, store: Promise<StackStore>): Promise<PassOutcome> {
  const outcome = await session.timed("plan", async () => runPass(quietly(await passOptions(session, store, "plan"))));
  review(session, outcome);
  await session.timed("preflight", () => preflight(outcome));
  return outcome;
}

/** Runs the program to apply it; nothing is done, and nothing is told, before `ready`. */
async function apply(session: Session, store: Promise<StackStore>, ready: Promise<unknown>): Promise<OperationResult> {
  const options = await passOptions(session, store, "apply", ready);
  const tell = (event: EngineEvent): void => void ready.then(() => session.onEvent(event)).catch(() => undefined);
  const running = runPass({ ...options, onEvent: tell });
  await Promise.race([ready, running]);
  const outcome = await session.timed("apply", () => running);
  review(session, outcome);
  const { registrar, recorder } = outcome;
  return resultOf(session, recorder, registrar.news.values());
}

async function isNew({ files }: Session): Promise<boolean> {
  const found = await Promise.all(
    [files.snapshot, files.journal].map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return !found.some(Boolean);
}

async function refresh(session: Session, opening: Promise<StackStore>): Promise<OperationResult> {
  const store = await opening;
  const recorder = new Recorder("apply", session.onEvent);
  const context = stateContext(session, store, recorder);
  await session.timed("refresh", () => refreshResources(context, session.limit));
  return resultOf(session, recorder, store.state.live.values());
}

async function destroy(session: Session, opening: Promise<StackStore>): Promise<OperationResult> {
  const store = await opening;
  const recorder = new Recorder("apply", session.onEvent);
  const context = stateContext(session, store, recorder);
  refuseProtected(store.state.resources);
  await session.timed("delete", async () => {
    await settlePending(context);
    await removeResources(context, store.state.resources);
  });
  return resultOf(session, recorder, store.state.live.values());
}

/** For what works on state alone, without the program. */
function stateContext(session: Session, store: StackStore, recorder: Recorder): RemovalContext {
  const { state } = store;
  return {
    state,
    executor: session.readOnly ? planExecutor : applyExecutor(store, session.limit, session.signal),
    recorder,
    providerOf: (ref) => providerFor(ref, (urn) => state.live.get(state.currentUrn(urn)), session.providers),
    signal: session.signal,
  };
}

async function passOptions(
  session: Session,
  store: Promise<StackStore>,
  pass: Pass,
  ready: Promise<unknown> = Promise.resolve(),
): Promise<PassOptions> {
  // Whoever fails first is told of; this must not also be an unhandled rejection.
  store.catch(() => undefined);
  return { ...session, stack: session.options.stack, pass, store, ready, config: await session.config() };
}

const quietly = ({ onEvent, ...options }: PassOptions): PassOptions => ({
  ...options,
  onEvent: (event) => (event.kind === "diagnostic" ? undefined : onEvent(event)),
});

function review({ options }: Session, { registrar, recorder }: PassOutcome): void {
  if (recorder.failed) return;
  for (const message of options.review?.([...registrar.news.values()]) ?? [])
    recorder.diagnose({ severity: "error", message });
}

/** Asks every provider what its creates would run into. Problems become errors of the plan. */
async function preflight({ registrar, recorder }: PassOutcome): Promise<void> {
  if (recorder.failed) return;
  const byProvider = Map.groupBy(registrar.creates, ({ provider }) => provider);
  await Promise.all(
    [...byProvider].map(async ([provider, creates]) => {
      for (const message of (await provider.preflight?.(creates)) ?? [])
        recorder.diagnose({ severity: "error", message });
    }),
  );
}
