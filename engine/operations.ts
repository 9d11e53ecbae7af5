import { Declined } from "../shared/errors.ts";
import { acquireLock } from "./lock.ts";
import type { ResourceState } from "./deployment.ts";
import { masked } from "./diff.ts";
import { beginUpdate, type BegunUpdate } from "./history.ts";
import { replayPass, runPass } from "./pass.ts";
import { judge, preflight, type PlannedLosses } from "./preflight.ts";
import type { ProviderFactory } from "./provider.ts";
import { Recorder } from "./recorder.ts";
import { refreshFirst, refreshResources } from "./refresh.ts";
import type { Registrar } from "./registrar.ts";
import { isReplayable } from "./replay.ts";
import { refuseProtected, removeResources, settlePending } from "./removal.ts";
import type { Diagnostic, EngineEvent, OperationKind, OperationResult, Pass } from "./report.ts";
import { Run } from "./run.ts";
import { openSession, openStore, refuseUnfollowed, type Session } from "./session.ts";
import { stackFiles, type StackStore } from "./store.ts";
import { stackType } from "./urn.ts";

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
  /** Called when the program has started and is loading its own modules: there is time to load what it will need. */
  readonly onStart?: () => void;
  /** Aborted: no new step starts, running ones are told to stop, state is saved. */
  readonly signal?: AbortSignal;
  /** `up` without the plan pass before it: nothing is looked up before the first change. @default false */
  readonly skipPlan?: boolean;
  /**
   * `up`: a plan that knows every value is applied as it is; else the program runs again and is told what came of each
   * resource. For programs that do nothing but register. @default false
   */
  readonly replay?: boolean;
  /** `refresh` and `destroy`: tell what would be done, and write nothing. @default false */
  readonly previewOnly?: boolean;
  /** `preview`, `up` and `destroy`: first take over what has become of the resources. @default false */
  readonly refresh?: boolean;
  /** Created and deleted resources have a diff for each of their properties. @default false */
  readonly allDiffs?: boolean;
  /**
   * Agrees to what is planned before anything of it is done; the stack is locked meanwhile. What it throws ends the
   * operation. It is not called when the plan failed, or when there is nothing to do.
   */
  readonly confirm?: (plan: OperationResult) => Promise<void>;
  /** What the stack's history keeps of this operation, beside its kind, times and result; no secrets. */
  readonly notes?: Readonly<Record<string, string>>;
  /** Secrets in `outputs` in clear. @default false */
  readonly showSecrets?: boolean;
  /**
   * Looks at every resource that the program asks for: once they are planned, and after an apply again, when all their
   * values are known. Each message that it returns is an error; one of a plan keeps it from being applied.
   */
  readonly review?: (resources: readonly ResourceState[]) => readonly string[];
  /** Looks at what a plan takes away, before anything is touched: an error keeps it from being applied. */
  readonly judge?: (losses: PlannedLosses) => Promise<readonly Diagnostic[]>;
  /** Whether a resource that the program no longer asks for leaves the state only, as with `retainOnDelete`. */
  readonly keeps?: (resource: ResourceState) => boolean;
}

/**
 * Runs one operation on one stack.
 * @returns what was done; `failed` when a step, the program or the preflight failed.
 * @throws UserError before anything was changed: configuration, unknown stack, lock, wrong passphrase, protected resources.
 */
export async function runOperation(kind: OperationKind, options: OperationOptions): Promise<OperationResult> {
  const session = await openSession(kind, options);
  refuseUnfollowed(session);
  const { stateDir, stack } = options;
  const files = stackFiles({ stateDir, project: session.project.name, stack });
  const release = session.readOnly ? undefined : await acquireLock(files.lock, stack, kind);
  let begun: BegunUpdate | undefined;
  let note = (): Promise<void> | undefined => begun?.end(true);
  try {
    if (!session.readOnly)
      begun = await beginUpdate({ stateDir, project: session.project.name, stack }, kind, options.notes ?? {});
    // Opened while the program starts: deriving the key takes a while.
    const loading = session.timed("load state", () => openStore(session));
    const opening = options.refresh === true ? loading.then((store) => refreshFirst(session, store)) : loading;
    // Whoever fails first is told of; this must not also be an unhandled rejection.
    const store = opening.catch(() => undefined);
    let result: OperationResult;
    try {
      result = await operations[kind](session, opening);
    } finally {
      const opened = await store;
      if (opened !== undefined && !session.readOnly) await session.timed("save", () => opened.save());
    }
    note = () => begun?.end(result.failed, result.summary);
    return result;
  } catch (error) {
    if (error instanceof Declined) note = () => begun?.forget();
    throw error;
  } finally {
    try {
      await session.providers.close();
      await note();
    } finally {
      await release?.();
    }
  }
}

type Operation = (session: Session, opening: Promise<StackStore>) => Promise<OperationResult>;

const operations: Readonly<Record<OperationKind, Operation>> = { preview, up, refresh, destroy };

async function preview(session: Session, opening: Promise<StackStore>): Promise<OperationResult> {
  const { onEvent } = session;
  const registrar = await session.timed("plan", () => runPass(session, opening, { pass: "plan", onEvent }));
  const { run } = registrar;
  review(run);
  await judge(registrar);
  return resultOf(run, run.news);
}

async function up(session: Session, opening: Promise<StackStore>): Promise<OperationResult> {
  if (session.options.skipPlan === true) return apply(session, opening);
  const planned = await plan(session, opening);
  const { run, changed } = planned;
  const { recorder } = run;
  if (changed && !recorder.failed) {
    await confirm(run, run.news);
    return apply(session, opening, planned);
  }
  // Only now: had an apply pass followed, it would all have been said again.
  for (const diagnostic of recorder.diagnostics) session.onEvent({ kind: "diagnostic", ...diagnostic });
  if (recorder.failed) recorder.forgetSuccesses();
  else (await opening).noteForeseen();
  return resultOf(run, run.news);
}

async function plan(session: Session, opening: Promise<StackStore>): Promise<Registrar> {
  const quietly = (event: EngineEvent): void => (event.kind === "diagnostic" ? undefined : session.onEvent(event));
  const registrar = await session.timed("plan", () => runPass(session, opening, { pass: "plan", onEvent: quietly }));
  review(registrar.run);
  await session.timed("preflight", async () => {
    await judge(registrar);
    await preflight(registrar);
  });
  return registrar;
}

async function apply(session: Session, opening: Promise<StackStore>, planned?: Registrar): Promise<OperationResult> {
  const { onEvent, options } = session;
  const replayed = planned !== undefined && options.replay === true && isReplayable(planned.asked);
  const { run } = await session.timed("apply", async () =>
    replayed ? replayPass(planned, await opening, onEvent) : runPass(session, opening, { pass: "apply", onEvent }),
  );
  review(run);
  return resultOf(run, run.news);
}

async function refresh(session: Session, opening: Promise<StackStore>): Promise<OperationResult> {
  const run = runOn(session, await opening, session.readOnly ? "plan" : "apply");
  const changes = await session.timed("refresh", () => refreshResources(run));
  if (session.readOnly) return planOf(run, run.state.live);
  if (session.options.confirm !== undefined) {
    if (run.recorder.failed) return resultOf(run, run.state.live);
    await confirm(run, run.state.live);
  }
  if (changes.length > 0) run.record(changes);
  return resultOf(run, run.state.live);
}

async function destroy(session: Session, opening: Promise<StackStore>): Promise<OperationResult> {
  const store = await opening;
  const { resources, live } = store.state;
  refuseProtected(resources);
  if (session.readOnly || session.options.confirm !== undefined) {
    const plan = runOn(session, store, "plan");
    await session.timed("plan", () => removeResources(plan, resources));
    if (session.readOnly || plan.recorder.failed) return planOf(plan, live);
    await confirm(plan, live);
  }
  const run = runOn(session, store, "apply");
  await session.timed("delete", async () => {
    await settlePending(run);
    await removeResources(run, resources);
  });
  store.noteForeseen();
  return resultOf(run, live);
}

function runOn(session: Session, store: StackStore, pass: Pass): Run {
  return new Run(session, store, new Recorder(pass, session.onEvent), pass);
}

/** Has what is planned agreed to, if there is anything to do. */
async function confirm(run: Run, resources: ReadonlyMap<string, ResourceState>): Promise<void> {
  const { session, recorder, state } = run;
  session.onEvent({ kind: "planned", summary: recorder.summary });
  const isChange = recorder.steps.some(({ op }) => op !== "same" && op !== "read") || state.pending.size > 0;
  if (isChange) await session.options.confirm?.(planOf(run, resources));
}

function review({ session, recorder, news }: Run): void {
  if (recorder.failed) return;
  for (const message of session.options.review?.([...news.values()]) ?? []) recorder.error(message);
}

function planOf(run: Run, resources: ReadonlyMap<string, ResourceState>): OperationResult {
  return { ...resultOf(run, resources), planned: true };
}

/** @param resources those the stack's own is among. */
function resultOf({ session, recorder }: Run, resources: ReadonlyMap<string, ResourceState>): OperationResult {
  const { kind, project, options, timings } = session;
  const { steps, summary, failed, diagnostics } = recorder;
  const stack = [...resources.values()].find(({ type }) => type === stackType);
  const outputs = Object.entries(stack?.outputs ?? {});
  return {
    kind,
    project: project.name,
    stack: options.stack,
    steps,
    summary,
    outputs: Object.fromEntries(outputs.map(([name, value]) => [name, masked(value, options.showSecrets)])),
    failed,
    diagnostics,
    timings,
  };
}
