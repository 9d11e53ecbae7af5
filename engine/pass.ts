import { messageOf } from "../shared/errors.ts";
import { startMonitorServer } from "./monitor-server.ts";
import { runProgram } from "./program.ts";
import { Recorder } from "./recorder.ts";
import { Registrar } from "./registrar.ts";
import { refuseProtected, removeResources, settlePending } from "./removal.ts";
import { replay, urgenciesOf } from "./replay.ts";
import type { EngineEvent, Pass } from "./report.ts";
import { Run } from "./run.ts";
import type { Session } from "./session.ts";
import { openConfig, type ResolvedConfig } from "./stack-config.ts";
import type { StackStore } from "./store.ts";

/** For an answer to be written to its end: whoever keeps the thread busy earlier keeps the program waiting. */
const answerMs = 10;

export interface PassOptions {
  readonly pass: Pass;
  readonly onEvent: (event: EngineEvent) => void;
}

/**
 * Runs the program once, then deletes what it no longer asks for. Failures are in the recorder.
 * @param opening resolves while the program is starting already.
 */
export async function runPass(
  session: Session,
  opening: Promise<StackStore>,
  { pass, onEvent }: PassOptions,
): Promise<Registrar> {
  const recorder = new Recorder(pass, onEvent);
  const config = await openConfig(session.stackConfig, session.options.stateDir);
  const starting = opening.then((store) => new Registrar(new Run(session, store, recorder, pass), config));
  await runToItsEnd(session, config, recorder, starting);
  const registrar = await starting;
  if (!recorder.failed) await finish(registrar);
  return registrar;
}

/** Applies a plan that knows every value: what the program would say, run again, it has said already. */
export async function replayPass(
  { run: planned, asked }: Registrar,
  store: StackStore,
  onEvent: (event: EngineEvent) => void,
): Promise<Registrar> {
  const { session } = planned;
  const recorder = new Recorder("apply", onEvent);
  planned.recorder.diagnostics.forEach((diagnostic) => recorder.diagnose(diagnostic));
  const config = await openConfig(session.stackConfig, session.options.stateDir);
  const registrar = new Registrar(new Run(session, store, recorder, "apply", urgenciesOf(asked)), config);
  await replay(asked, registrar);
  if (session.signal.aborted) recorder.error(`interrupted: ${messageOf(session.signal.reason)}`);
  if (!recorder.failed) await finish(registrar);
  return registrar;
}

async function runToItsEnd(
  session: Session,
  config: ResolvedConfig,
  recorder: Recorder,
  registrar: Promise<Registrar>,
): Promise<void> {
  const stop = new AbortController();
  // Without state there is nothing to run the program for.
  registrar.catch(() => stop.abort());
  const server = await startMonitorServer(session, recorder, registrar);
  const output: string[] = [];
  const onOutput = (line: string): void => {
    output.push(line);
    if (line !== "") recorder.diagnose({ severity: "info", message: line });
  };
  try {
    const started = session.timed("start program", () => server.connected);
    void started.then(() => setTimeout(() => session.options.onStart?.(), answerMs));
    const signal = AbortSignal.any([session.signal, stop.signal]);
    const dryRun = recorder.pass === "plan";
    const exitCode = await runProgram({ session, config, address: server.address, dryRun, signal, onOutput });
    if (session.signal.aborted) recorder.error(`interrupted: ${messageOf(session.signal.reason)}`);
    else if (exitCode !== 0 && !signal.aborted && !recorder.failed)
      recorder.error(`the program ended with exit code ${exitCode}\n${output.slice(-20).join("\n")}`.trimEnd());
  } finally {
    await server.close();
  }
}

async function finish(registrar: Registrar): Promise<void> {
  const { run } = registrar;
  const { state, recorder, session } = run;
  registrar.keepStackOutputs();
  const { keeps } = session.options;
  const dropped = [...state.live.values()]
    .filter(({ urn }) => !registrar.claimed.has(urn))
    .map((resource) => (keeps?.(resource) === true ? { ...resource, retainOnDelete: true as const } : resource));
  registrar.dropped = dropped;
  const replaced = new Set(state.condemned.filter(({ urn }) => run.news.has(urn)));
  const leaving = [...dropped, ...state.condemned];
  registrar.changed ||= leaving.length > 0 || state.pending.size > 0;
  try {
    refuseProtected(dropped);
    if (run.pass === "apply") await settlePending(run);
    if (leaving.length > 0) await session.timed("delete", () => removeResources(run, leaving, replaced));
  } catch (error) {
    recorder.error(messageOf(error));
  }
}
