import { acquireLock } from "./lock.ts";
import type { ResourceState } from "./deployment.ts";
import { masked } from "./diff.ts";
import { runPass } from "./pass.ts";
import type { ProviderFactory } from "./provider.ts";
import { Recorder } from "./recorder.ts";
import { refreshResources } from "./refresh.ts";
import type { Registrar } from "./registrar.ts";
import { refuseProtected, removeResources, settlePending } from "./removal.ts";
import type { EngineEvent, OperationKind, OperationResult } from "./report.ts";
import { Run } from "./run.ts";
import { openSession, openStore, type Session } from "./session.ts";
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
  const { stateDir, stack } = options;
  const files = stackFiles({ stateDir, project: session.project.name, stack });
  const release = session.readOnly ? undefined : await acquireLock(files.lock, stack, kind);
  try {
    // Opened while the program starts: deriving the key takes a while.
    const opening = session.timed("load state", () => openStore(session));
    // Whoever fails first is told of; this must not also be an unhandled rejection.
    const store = opening.catch(() => undefined);
    try {
      return await operations[kind](session, opening);
    } finally {
      const opened = await store;
      if (opened !== undefined && !session.readOnly) await session.timed("save", () => opened.save());
    }
  } finally {
    await session.providers.close();
    await release?.();
  }
}

type Operation = (session: Session, opening: Promise<StackStore>) => Promise<OperationResult>;

const operations: Readonly<Record<OperationKind, Operation>> = { preview, up, refresh, destroy };

async function preview(session: Session, opening: Promise<StackStore>): Promise<OperationResult> {
  const { onEvent } = session;
  const { run } = await session.timed("plan", () => runPass(session, opening, { pass: "plan", onEvent }));
  review(run);
  return resultOf(run, run.news);
}

async function up(session: Session, opening: Promise<StackStore>): Promise<OperationResult> {
  if (session.options.skipPlan === true) return apply(session, opening, Promise.resolve());
  const planned = Promise.withResolvers<undefined>();
  // It is rejected also when no pass waits for it.
  planned.promise.catch(() => undefined);
  // A new stack is all to be created: the program may start on that while the plan is made.
  const ahead = opening.then(({ state }) => {
    const early = session.options.eager === true && state.live.size === 0;
    return early ? apply(session, opening, planned.promise) : undefined;
  });
  ahead.catch(() => undefined);
  try {
    const { run, changed } = await plan(session, opening);
    const { recorder } = run;
    if (changed && !recorder.failed) {
      session.onEvent({ kind: "planned", summary: recorder.summary });
      planned.resolve(undefined);
      return (await ahead) ?? (await apply(session, opening, planned.promise));
    }
    // Only now: had an apply pass followed, the program would have said it all again.
    for (const diagnostic of recorder.diagnostics) session.onEvent({ kind: "diagnostic", ...diagnostic });
    if (recorder.failed) recorder.forgetSuccesses();
    return resultOf(run, run.news);
  } finally {
    planned.reject(new Error("there is nothing to apply"));
    await ahead.catch(() => undefined);
  }
}

async function plan(session: Session, opening: Promise<StackStore>): Promise<Registrar> {
  const quietly = (event: EngineEvent): void => (event.kind === "diagnostic" ? undefined : session.onEvent(event));
  const registrar = await session.timed("plan", () => runPass(session, opening, { pass: "plan", onEvent: quietly }));
  review(registrar.run);
  await session.timed("preflight", () => preflight(registrar));
  return registrar;
}

/** Runs the program to apply it; nothing is done, and nothing is told, before `ready`. */
async function apply(
  session: Session,
  opening: Promise<StackStore>,
  ready: Promise<unknown>,
): Promise<OperationResult> {
  const onEvent = (event: EngineEvent): void => void ready.then(() => session.onEvent(event)).catch(() => undefined);
  const running = runPass(session, opening, { pass: "apply", onEvent, ready });
  await Promise.race([ready, running]);
  const { run } = await session.timed("apply", () => running);
  review(run);
  return resultOf(run, run.news);
}

async function refresh(session: Session, opening: Promise<StackStore>): Promise<OperationResult> {
  const run = await runOnState(session, opening);
  await session.timed("refresh", () => refreshResources(run));
  return resultOf(run, run.state.live);
}

async function destroy(session: Session, opening: Promise<StackStore>): Promise<OperationResult> {
  const run = await runOnState(session, opening);
  const { resources } = run.state;
  refuseProtected(resources);
  await session.timed("delete", async () => {
    await settlePending(run);
    await removeResources(run, resources);
  });
  return resultOf(run, run.state.live);
}

async function runOnState(session: Session, opening: Promise<StackStore>): Promise<Run> {
  const recorder = new Recorder("apply", session.onEvent);
  return new Run(session, await opening, recorder, session.readOnly ? "plan" : "apply");
}

function review({ session, recorder, news }: Run): void {
  if (recorder.failed) return;
  for (const message of session.options.review?.([...news.values()]) ?? []) recorder.error(message);
}

/** Asks every provider what its creates would run into. Problems become errors of the plan. */
async function preflight({ run, creates }: Registrar): Promise<void> {
  if (run.recorder.failed) return;
  const asking = [...Map.groupBy(creates, ({ provider }) => provider)].map(async ([provider, group]) => {
    for (const message of (await provider.preflight?.(group)) ?? []) run.recorder.error(message);
  });
  await Promise.all(asking);
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
