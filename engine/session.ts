import { readdir } from "node:fs/promises";
import path from "node:path";
import PQueue from "p-queue";
import { UserError } from "../shared/errors.ts";
import type { OperationOptions } from "./operations.ts";
import { sdkOf } from "./program.ts";
import { configuredStacks, loadProject, type Project } from "./project.ts";
import { ProviderRegistry, stackReferences } from "./providers.ts";
import type { EngineEvent, OperationKind } from "./report.ts";
import { loadStackConfig, type StackConfig } from "./stack-config.ts";
import { StackStore } from "./store.ts";
import { makeUrn } from "./urn.ts";

/** What one operation on one stack works with. */
export interface Session {
  readonly kind: OperationKind;
  readonly options: OperationOptions;
  readonly project: Project;
  readonly stackConfig: StackConfig;
  readonly readOnly: boolean;
  readonly providers: ProviderRegistry;
  /** As many provider operations as may run at once. */
  readonly queue: PQueue;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EngineEvent) => void;
  /** The URN of a resource of this stack. */
  readonly urnOf: (type: string, name: string, parent?: string) => string;
  readonly timings: Record<string, number>;
  /** Measures how long something takes and adds it to the phase's time. */
  readonly timed: <T>(phase: string, run: () => Promise<T>) => Promise<T>;
}

/** Phases that run beside another: no event tells of them. */
const background: ReadonlySet<string> = new Set(["load state", "start program"]);

/** @throws UserError (wrong usage) for what the files ask of an operation and this engine does not follow. */
export function refuseUnfollowed({ project, stackConfig, options: { stack } }: Session): void {
  refuseKeys("Pulumi.yaml", project.unsupported, stack);
  refuseKeys(`Pulumi.${stack}.yaml`, stackConfig.unsupported, stack);
}

function refuseKeys(file: string, keys: readonly string[], stack: string): void {
  if (keys.length === 0) return;
  throw new UserError(
    `${file}: the offline engine does not follow ${keys.join(", ")}. Work on the stack with the Pulumi CLI, which does ` +
      `(kf preview ${stack} --engine pulumi), or take it out`,
    { exitCode: 2 },
  );
}

/** @throws UserError for anything wrong with the project, the stack or its configuration. */
export async function openSession(kind: OperationKind, options: OperationOptions): Promise<Session> {
  const { stack, stateDir, config = {} } = options;
  if (!/^[A-Za-z0-9_.-]+$/.test(stack))
    throw new UserError(`Stack name ${JSON.stringify(stack)}: letters, digits, ".", "_" and "-" only`, { exitCode: 2 });
  const project = await loadProject(options.projectRoot);
  const stackConfig = await loadStackConfig(project, stack, config, await listStacks(project, stateDir));
  const timings: Record<string, number> = {};
  const onEvent = options.onEvent ?? ((): void => undefined);
  return {
    kind,
    options,
    project,
    stackConfig,
    readOnly: kind === "preview" || (kind !== "up" && options.previewOnly === true),
    providers: new ProviderRegistry({
      ...options.providers,
      pulumi: () => Promise.resolve(stackReferences(stateDir, project)),
    }),
    queue: new PQueue({ concurrency: options.parallel ?? 16 }),
    signal: options.signal ?? new AbortController().signal,
    onEvent,
    urnOf: (type, name, parent) => makeUrn({ stack, project: project.name }, type, name, parent),
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
  };
}

export async function openStore({ options, project, stackConfig, readOnly, onEvent }: Session): Promise<StackStore> {
  const { stateDir, stack } = options;
  const { version } = sdkOf(project);
  const { salt } = stackConfig;
  const store = await StackStore.open({ stateDir, project: project.name, stack, salt, version, readOnly });
  if (store.generatedPassphrase !== undefined)
    onEvent({
      kind: "diagnostic",
      severity: "warning",
      message:
        `No passphrase was given: the secrets of stack ${stack} are encrypted with one made for this machine, ` +
        `${store.generatedPassphrase}. Keep that file as you keep the state, or set PULUMI_CONFIG_PASSPHRASE.`,
    });
  return store;
}

/** Every stack that has a config file or a state. */
export async function listStacks(project: Project, stateDir: string): Promise<readonly string[]> {
  const names = await readdir(path.join(stateDir, "stacks", project.name)).catch(() => []);
  const inState = names.filter((name) => name.endsWith(".json")).map((name) => path.basename(name, ".json"));
  return [...new Set([...(await configuredStacks(project)), ...inState])].sort();
}
