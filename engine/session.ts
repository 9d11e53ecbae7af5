import { readdir } from "node:fs/promises";
import path from "node:path";
import pLimit, { type LimitFunction } from "p-limit";
import { UserError } from "../shared/errors.ts";
import type { ResourceState } from "./deployment.ts";
import { masked } from "./diff.ts";
import type { OperationOptions } from "./operations.ts";
import { sdkOf } from "./program.ts";
import { configuredStacks, loadProject, type Project } from "./project.ts";
import { ProviderRegistry } from "./providers.ts";
import type { Recorder } from "./recorder.ts";
import type { EngineEvent, OperationKind, OperationResult } from "./report.ts";
import { findPassphrase, PassphraseSecrets } from "./secrets.ts";
import { hasSecure, loadStackConfig, resolveConfig, type ResolvedConfig, type StackConfig } from "./stack-config.ts";
import { stackFiles, StackStore } from "./store.ts";
import { stackType } from "./urn.ts";
import type { PropertyMap } from "./values.ts";

/** Measures how long something takes and adds it to the phase's time. */
export type Timed = <T>(phase: string, run: () => Promise<T>) => Promise<T>;

/** What one operation on one stack works with. */
export interface Session {
  readonly kind: OperationKind;
  readonly options: OperationOptions;
  readonly project: Project;
  readonly files: ReturnType<typeof stackFiles>;
  readonly readOnly: boolean;
  readonly providers: ProviderRegistry;
  readonly limit: LimitFunction;
  readonly parallel: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EngineEvent) => void;
  readonly timings: Record<string, number>;
  readonly timed: Timed;
  readonly stackConfig: StackConfig;
  /** The stack's config with its secrets opened. */
  readonly config: () => Promise<ResolvedConfig>;
}

const defaultParallel = 16;
/** Phases that run beside another: no event tells of them. */
const background: ReadonlySet<string> = new Set(["load state", "start program"]);

/** @throws UserError for anything wrong with the project, the stack or its configuration. */
export async function openSession(kind: OperationKind, options: OperationOptions): Promise<Session> {
  const { stack, stateDir, parallel = defaultParallel } = options;
  if (!/^[A-Za-z0-9_.-]+$/.test(stack))
    throw new UserError(`Stack name ${JSON.stringify(stack)}: letters, digits, ".", "_" and "-" only`, { exitCode: 2 });
  const project = await loadProject(options.projectRoot);
  const stackConfig = await loadStackConfig(
    project,
    stack,
    options.config ?? {},
    await stacksInState(stateDir, project),
  );
  const timings: Record<string, number> = {};
  const onEvent = options.onEvent ?? ((): void => undefined);
  return {
    kind,
    options,
    project,
    stackConfig,
    files: stackFiles({ stateDir, project: project.name, stack }),
    readOnly: kind === "preview" || (kind === "refresh" && options.previewOnly === true),
    providers: new ProviderRegistry(options.providers, (reference) => readStackOutputs(stateDir, project, reference)),
    limit: pLimit(parallel),
    parallel,
    signal: options.signal ?? new AbortController().signal,
    onEvent,
    timings,
    async timed(phase, run) {
      if (!background.has(phase)) onEvent({ kind: "phase", name: phase });
      const started = performance.now();
      try {
        return await run();
      } finally {
        timings[phase] = Math.round((timings[phase] ?? 0) + performance.now() - started);
      }
    },
    config: () => openConfig(stackConfig, stateDir),
  };
}

export async function openStore(session: Session): Promise<StackStore> {
  const { options, project, stackConfig, readOnly } = session;
  const { stateDir, stack } = options;
  const version = sdkOf(project).version;
  const store = await StackStore.open({
    stateDir,
    project: project.name,
    stack,
    salt: stackConfig.salt,
    version,
    readOnly,
  });
  if (store.generatedPassphrase !== undefined)
    session.onEvent({
      kind: "diagnostic",
      severity: "warning",
      message:
        `No passphrase was given: the secrets of stack ${stack} are encrypted with one made for this machine, ` +
        `${store.generatedPassphrase}. Keep that file as you keep the state, or set PULUMI_CONFIG_PASSPHRASE.`,
    });
  return store;
}

export function resultOf(session: Session, recorder: Recorder, resources: Iterable<ResourceState>): OperationResult {
  const stack = [...resources].find(({ type }) => type === stackType);
  const outputs = Object.entries(stack?.outputs ?? {});
  const { kind, project, options, timings } = session;
  return {
    kind,
    project: project.name,
    stack: options.stack,
    steps: recorder.steps,
    summary: recorder.summary,
    outputs: Object.fromEntries(outputs.map(([name, value]) => [name, masked(value, options.showSecrets)])),
    failed: recorder.failed,
    diagnostics: recorder.diagnostics,
    timings,
  };
}

async function openConfig(config: StackConfig, stateDir: string): Promise<ResolvedConfig> {
  if (![...config.entries.values()].some(({ value }) => hasSecure(value)))
    return resolveConfig(config, (ciphertext) => ciphertext);
  if (config.salt === undefined)
    throw new UserError("The stack's config has secure values but no encryptionsalt to open them with", {
      exitCode: 2,
    });
  const secrets = await PassphraseSecrets.open(await findPassphrase(stateDir), config.salt);
  return resolveConfig(config, (ciphertext) => secrets.decrypt(ciphertext, "config"));
}

/** Every stack that has a config file or a state. */
export async function listStacks(projectRoot: string, stateDir: string): Promise<readonly string[]> {
  const project = await loadProject(projectRoot);
  const stacks = [...(await configuredStacks(project)), ...(await stacksInState(stateDir, project))];
  return [...new Set(stacks)].sort();
}

async function stacksInState(stateDir: string, project: Project): Promise<readonly string[]> {
  const names = await readdir(path.join(stateDir, "stacks", project.name)).catch(() => []);
  return names.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -".json".length));
}

/** @param reference `stack`, `project/stack` or `organization/project/stack`. */
async function readStackOutputs(stateDir: string, own: Project, reference: string): Promise<PropertyMap | undefined> {
  const [stack = "", project = own.name] = reference.split("/").reverse();
  const store = await StackStore.open({ stateDir, project, stack, version: "", readOnly: true });
  return [...store.state.live.values()].find(({ type }) => type === stackType)?.outputs;
}
