/** An operation by the Pulumi CLI, driven through Pulumi's automation API. */
import { chmod, copyFile } from "node:fs/promises";
import path from "node:path";
import {
  LocalWorkspace,
  PulumiCommand,
  type EngineEvent as PulumiEvent,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";
import { execa } from "execa";
import { parse as parseYaml } from "yaml";
import { loadProject, type Project } from "../engine/project.ts";
import type { OperationKind, OperationResult } from "../engine/report.ts";
import type { PulumiTools } from "../tools/pulumi.ts";
import { withPrivateTemporary } from "./private-temporary.ts";
import { throttled, type Report } from "./progress.ts";
import { explained, withMends, wordsOf } from "./pulumi-errors.ts";
import { EventCollector } from "./pulumi-events.ts";

export interface PulumiRun {
  /** The folder of `Pulumi.yaml`. */
  readonly root: string;
  readonly kind: OperationKind;
  readonly stack: string;
  readonly parallel: number;
  readonly refresh?: true;
  /** URNs: only these, and with `targetDependents` what depends on them. */
  readonly targets?: readonly string[];
  readonly targetDependents?: true;
  /** Shows what would be done, and does nothing. */
  readonly previewOnly?: true;
  readonly tools: Pick<PulumiTools, "folders" | "standIns">;
  /** Config for this run alone, by full key. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The folder of a policy pack that what is planned and made has to keep to. */
  readonly policyPack?: string;
  /** Plans first, and does nothing where the plan fails. @default false */
  readonly planFirst?: boolean;
  /** Has the plan agreed to before anything is changed; implies `planFirst`. */
  readonly agree?: ((plan: OperationResult) => Promise<void>) | undefined;
  readonly report: Report;
}

/** @throws UserError when the CLI did not get so far as to look at a resource. */
export async function runPulumiCli(run: PulumiRun): Promise<OperationResult> {
  const isPlan = run.kind === "preview" || run.previewOnly === true;
  if (isPlan || (run.agree === undefined && run.planFirst !== true)) return runOnce(run);
  const plan: OperationResult = { ...(await runOnce({ ...run, previewOnly: true })), planned: true };
  if (plan.failed) {
    // What a plan that failed would have done was not done, and is not told.
    const steps = plan.steps.filter(({ error }) => error !== undefined);
    return { ...plan, steps, summary: { same: 0, create: 0, update: 0, replace: 0, delete: 0 } };
  }
  const { create, update, replace, delete: gone } = plan.summary;
  if (create + update + replace + gone > 0) await run.agree?.(plan);
  return runOnce(run);
}

function runOnce(run: PulumiRun): Promise<OperationResult> {
  return withPrivateTemporary((temporary) => runIn(temporary, run));
}

async function runIn(temporary: string, run: PulumiRun): Promise<OperationResult> {
  const project = await loadProject(run.root);
  const stack = await selectStack(run, temporary);
  const collector = new EventCollector({
    ...run,
    project: project.name,
    secrets: Object.values(run.secrets).flatMap(secretTexts),
    notes: run.tools.standIns,
    progress: throttled(run.report, 1_000),
  });
  const stop = new AbortController();
  const terminate = (): void => stop.abort();
  // Ctrl-C reaches the CLI by itself (same terminal), and a second one would make it drop everything: only wait.
  const wait = (): void => run.report("stopping: the Pulumi CLI finishes what it has begun");
  // Not `once`: without a listener that is still there, one of execa would end this process at once.
  process.on("SIGINT", wait).on("SIGTERM", terminate);
  try {
    const configFile = await secretConfig(run, project, temporary);
    await operate(run, stack, {
      parallel: run.parallel,
      color: "never",
      signal: stop.signal,
      onEvent: (event) => collector.add(event),
      ...(configFile === undefined ? {} : { configFile }),
    });
    return collector.result();
  } catch (error) {
    if (!collector.begun) throw explained(error, run.stack);
    return withMends(collector.result(wordsOf(error)));
  } finally {
    process.off("SIGINT", wait).off("SIGTERM", terminate);
  }
}

interface CommandOptions {
  readonly parallel: number;
  readonly color: "never";
  readonly signal: AbortSignal;
  readonly onEvent: (event: PulumiEvent) => void;
  readonly configFile?: string;
}

async function operate(run: PulumiRun, stack: Stack, options: CommandOptions): Promise<void> {
  const { kind, previewOnly, policyPack, targets, targetDependents, refresh } = run;
  const policies = policyPack === undefined ? {} : { policyPacks: [policyPack] };
  const part = {
    ...(targets === undefined ? {} : { target: [...targets] }),
    ...(targetDependents === undefined ? {} : { targetDependents }),
  };
  const scope = { ...options, ...part, ...(refresh === undefined ? {} : { refresh }) };
  // What is asked for here comes by events; `showSecrets` would only put secrets into the memory of one more process.
  const silent = { ...scope, showSecrets: false };
  if (kind === "preview" || (kind === "up" && previewOnly === true)) await stack.preview({ ...scope, ...policies });
  else if (kind === "up") await stack.up({ ...silent, ...policies });
  else if (kind === "refresh") await (previewOnly === true ? stack.previewRefresh(scope) : stack.refresh(silent));
  else await (previewOnly === true ? stack.previewDestroy(scope) : stack.destroy(silent));
}

/** The CLI's stack of a checkout. */
type StackOfCli = Pick<PulumiRun, "root" | "stack" | "tools">;

/** @returns the state as JSON, its secrets in clear: for this process's memory. What encrypts them in the backend is left out. */
export async function exportStack(of: StackOfCli, temporary: string): Promise<string> {
  const stack = await selectStack(of, temporary);
  const exported: { readonly version: number; readonly deployment: object } = await stack
    .exportStack()
    .catch((error: unknown) => {
      throw explained(error, of.stack);
    });
  const { version, deployment } = exported;
  const parts = Object.entries(deployment);
  const own = parts.filter(([name]) => name !== "secrets_providers");
  return JSON.stringify({ version, deployment: Object.fromEntries(own) });
}

/** The stack in the backend. It is not made here: where its state lives and what encrypts it is the user's to choose. */
async function selectStack({ root, stack, tools }: StackOfCli, temporary: string): Promise<Stack> {
  // The automation API takes all from PATH: the CLI, its plugins, and the Node that the program runs on.
  const folders = [path.dirname(process.execPath), ...tools.folders, process.env["PATH"] ?? ""];
  process.env["PATH"] = folders.join(path.delimiter);
  // Both names of the variable: of Unix, and of Windows.
  const temporaries = { TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  // Consent was asked for by now; to the CLI the variable is `--yes`, which it refuses beside `--preview-only`.
  const envVars = {
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_SKIP_CONFIRMATIONS: "false",
    // The CLI encodes its state at every step: with Go's default a fifth of that is the garbage collector's work.
    GOGC: process.env["GOGC"] ?? "400",
    ...temporaries,
  };
  try {
    const pulumiCommand = await PulumiCommand.get();
    return await LocalWorkspace.selectStack({ stackName: stack, workDir: root }, { pulumiCommand, envVars });
  } catch (error) {
    throw explained(error, stack);
  }
}

/**
 * Gives the run its secret config. The CLI takes config from files only: `--config key=value` would show the secret in
 * the list of processes and save it to the stack's file, and `PULUMI_CONFIG` is overwritten for the program. So the run
 * gets a copy of the stack's file outside of the project, into which the CLI itself writes the secrets, read from its
 * standard input and encrypted by the stack's own secrets provider. In clear they touch no disk.
 *
 * @returns the copy; undefined where there is no secret to give.
 */
async function secretConfig(
  { root, stack, secrets }: PulumiRun,
  { configDir }: Project,
  folder: string,
): Promise<string | undefined> {
  if (Object.keys(secrets).length === 0) return undefined;
  const file = path.join(folder, `Pulumi.${stack}.yaml`);
  await copyFile(path.join(configDir, `Pulumi.${stack}.yaml`), file);
  await chmod(file, 0o600);
  for (const [key, value] of Object.entries(secrets)) {
    await execa(
      "pulumi",
      ["config", "set", "--secret", key, "--stack", stack, "--config-file", file, "--non-interactive"],
      // The CLI takes one line end off.
      { cwd: root, input: `${value}\n`, env: { PULUMI_SKIP_UPDATE_CHECK: "true" } },
    );
  }
  return file;
}

/** A secret, and where it is a kubeconfig also what it holds of keys, tokens and passwords. */
function secretTexts(secret: string): readonly string[] {
  const leaves = (value: unknown): readonly string[] => {
    if (typeof value === "string") return value.length < 8 ? [] : [value];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [];
  };
  const parsed = parseYaml(secret) as unknown;
  const users = typeof parsed === "object" && parsed !== null && "users" in parsed ? leaves(parsed.users) : [];
  return [secret, ...users];
}
