import { messageOf } from "../shared/errors.ts";
import { applyExecutor, planExecutor, type Executor } from "./executor.ts";
import type { LimitFunction } from "p-limit";
import { startMonitorServer } from "./monitor-server.ts";
import { runProgram } from "./program.ts";
import type { Project } from "./project.ts";
import type { ProviderRegistry } from "./providers.ts";
import { Recorder } from "./recorder.ts";
import { Registrar } from "./registrar.ts";
import { refuseProtected, removeResources, settlePending, type RemovalContext } from "./removal.ts";
import type { Diagnostic, EngineEvent, Pass } from "./report.ts";
import type { ResolvedConfig } from "./stack-config.ts";
import type { Timed } from "./session.ts";
import type { StackStore } from "./store.ts";
import { makeUrn } from "./urn.ts";

export interface PassOptions {
  readonly pass: Pass;
  readonly project: Project;
  readonly stack: string;
  readonly config: ResolvedConfig;
  /** Resolves while the program is starting already. */
  readonly store: Promise<StackStore>;
  /** Once this resolves, what the program registers is acted upon. */
  readonly ready: Promise<unknown>;
  readonly providers: ProviderRegistry;
  readonly limit: LimitFunction;
  readonly parallel: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EngineEvent) => void;
  readonly timed: Timed;
}

export interface PassOutcome {
  readonly registrar: Registrar;
  readonly recorder: Recorder;
  /** Another pass that applies this plan would change something, if only in state. */
  readonly changed: boolean;
}

/** Runs the program once, then deletes what it no longer asks for. Failures are in the recorder. */
export async function runPass(options: PassOptions): Promise<PassOutcome> {
  const { pass, onEvent } = options;
  const recorder = new Recorder(pass, onEvent);
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const executor = options.store.then((store) =>
    pass === "plan" ? planExecutor : applyExecutor(store, options.limit, signal),
  );
  const registrar = options.ready.then(async () =>
    newRegistrar(options, await options.store, await executor, recorder),
  );
  // Without state there is nothing to run the program for.
  registrar.catch(() => stop.abort());
  await runToItsEnd(options, registrar, recorder, signal);
  return finish(options, await options.store, await registrar, await executor, recorder);
}

function newRegistrar(options: PassOptions, store: StackStore, executor: Executor, recorder: Recorder): Registrar {
  const { project, stack, config, providers } = options;
  return new Registrar({ project: project.name, stack, config, state: store.state, providers, executor, recorder });
}

async function runToItsEnd(
  options: PassOptions,
  registrar: Promise<Registrar>,
  recorder: Recorder,
  signal: AbortSignal,
): Promise<void> {
  const { project, stack, config, parallel, pass } = options;
  const diagnose = (diagnostic: Diagnostic): void => {
    if (!follows(diagnostic, recorder)) recorder.diagnose(diagnostic);
  };
  const connected = Promise.withResolvers<undefined>();
  const server = await startMonitorServer({
    registrar,
    diagnose,
    urnOf: (type, name) => makeUrn(stack, project.name, undefined, type, name),
    onConnected: () => connected.resolve(undefined),
  });
  const output: string[] = [];
  try {
    void options.timed("start program", () => connected.promise);
    const exitCode = await runProgram({
      project,
      stack,
      config,
      address: server.address,
      dryRun: pass === "plan",
      parallel,
      signal,
      onOutput(line) {
        output.push(line);
        if (line !== "") recorder.diagnose({ severity: "info", message: line });
      },
    });
    if (options.signal.aborted)
      recorder.diagnose({ severity: "error", message: `interrupted: ${messageOf(options.signal.reason)}` });
    else if (exitCode !== 0 && !signal.aborted && !recorder.failed) {
      const said = output.slice(-20).join("\n");
      recorder.diagnose({
        severity: "error",
        message: `the program ended with exit code ${exitCode}\n${said}`.trimEnd(),
      });
    }
  } finally {
    connected.resolve(undefined);
    await server.close();
  }
}

/** Whether the SDK only repeats, for a dependent, that a resource failed: that is a step of its own already. */
function follows({ severity, message }: Diagnostic, recorder: Recorder): boolean {
  return severity === "error" && recorder.failed && / failed to register\b/.test(message);
}

async function finish(
  options: PassOptions,
  store: StackStore,
  registrar: Registrar,
  executor: Executor,
  recorder: Recorder,
): Promise<PassOutcome> {
  const { state } = store;
  if (recorder.failed) return { registrar, recorder, changed: true };
  registrar.keepStackOutputs();
  const dropped = [...state.live.values()].filter(({ urn }) => !registrar.claimed.has(urn));
  const replaced = new Set(state.condemned.filter(({ urn }) => registrar.news.has(urn)));
  const changed = registrar.changed || dropped.length > 0 || state.condemned.length > 0 || state.pending.size > 0;
  const context: RemovalContext = {
    state,
    executor,
    recorder,
    providerOf: (ref) => registrar.providerOf(ref),
    signal: options.signal,
  };
  try {
    refuseProtected(dropped);
    if (executor.pass === "apply") await settlePending(context);
    const leaving = [...dropped, ...state.condemned];
    if (leaving.length > 0) await options.timed("delete", () => removeResources(context, leaving, replaced));
  } catch (error) {
    recorder.diagnose({ severity: "error", message: messageOf(error) });
  }
  return { registrar, recorder, changed };
}
