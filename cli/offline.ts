/** An operation by the offline engine: the cluster or the simulated cloud, the rendered release, then the engine. */
import { readFile } from "node:fs/promises";
import { clusterIdentifierOf } from "../components/shared/cluster-identifier.ts";
import type { ResourceState } from "../engine/deployment.ts";
import { kubernetesProviderFactory } from "../engine/kubernetes/provider.ts";
import { runOperation } from "../engine/operations.ts";
import { configuredStacks, loadProject } from "../engine/project.ts";
import type { ProviderFactory } from "../engine/provider.ts";
import { randomProviderFactory } from "../engine/random/provider.ts";
import type { Diagnostic, OperationKind, OperationResult } from "../engine/report.ts";
import { setAsideState, storedResources } from "../engine/stored-state.ts";
import { withRefusedReleases } from "../engine/simulation/helm-release.ts";
import { ClientPool } from "../kubernetes/pool.ts";
import type { RequestStats } from "../kubernetes/stats.ts";
import { crdProviderFactory } from "../plugins/crd/provider.ts";
import type { RenderedRelease } from "../release/types.ts";
import { UserError } from "../shared/errors.ts";
import { dataDir, projectRoot } from "../shared/paths.ts";
import type { StackConfig } from "../stacks/config.ts";
import { clusterlessPlan, type Clusterless } from "./clusterless.ts";
import type { Consent } from "./consent.ts";
import type { StackFlags, StackResult } from "./operation.ts";
import { plannedResources } from "./planned-resource.ts";
import { openPolicyReview } from "./policy.ts";
import { Phases, throttled, type Report } from "./progress.ts";
import { readReleasePart } from "./promote/release-part.ts";
import { readStackFile } from "./promote/stack-files.ts";
import { toHistoryNotes } from "./promote/updates.ts";
import { describeSummary, planTitle } from "./report.ts";
import { cloudOf, openSimulation, type Simulation } from "./simulation.ts";
import { standInsOfSecrets } from "./stack-file.ts";
import { loadOrSample } from "./stack-release.ts";
import { stepProgress } from "./step-progress.ts";
import { upgradeHooks } from "./upgrade.ts";

/** Where the offline engine keeps the state of every stack. `KF_STATE_DIR` moves it, e.g. to a shared disk. */
export function stateDir(): string {
  return process.env["KF_STATE_DIR"] ?? dataDir("stacks");
}

/** Plain lines come at most this often; a live list is redrawn in place and may be quicker. */
const reportEveryMs = process.stderr.isTTY ? 100 : 5_000;

/** What the offline engine did, and what it asked of the Kubernetes API for that. */
export interface OfflineResult extends StackResult {
  /** Requests by verb and status, e.g. `{"PATCH 201": 601}`. */
  readonly requests: RequestStats;
  /** When the last object was applied or deleted; everything after it was waiting. Absent when nothing was. */
  readonly lastWrite?: string;
}

interface Run {
  readonly kind: OperationKind;
  readonly stack: string;
  readonly flags: StackFlags;
  readonly config: Readonly<Record<string, string>>;
  readonly simulation: Simulation | undefined;
  readonly clusterless: Clusterless | undefined;
  /** For the stack's history. */
  readonly notes: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface OfflineOptions {
  readonly phases?: Phases;
  /** Keys that are planned otherwise than the stack's file has them. */
  readonly overrides?: Readonly<Record<string, string>>;
  /** @default - what is planned is done */
  readonly consent?: Consent | undefined;
}

/** @param config as checked, `overrides` included. */
export async function runOffline(
  kind: OperationKind,
  stack: string,
  config: StackConfig,
  flags: StackFlags,
  { phases = new Phases(flags.quiet), overrides = {}, consent }: OfflineOptions = {},
): Promise<OfflineResult> {
  const cloud = cloudOf(config);
  const simulation = cloud && (await openSimulation(kind, stack, cloud, flags, stateDir()));
  const fromNothing = flags.fromNothing === true;
  const clusterless = clusterlessPlan(kind, config, fromNothing);
  const standIns = fromNothing ? await standInsOfSecrets(stack) : {};
  // First, so that a mistake in it is found before a sandbox is started for nothing.
  const release = await releaseConfig(kind, stack, config, phases);
  const sandbox: Readonly<Record<string, string>> =
    config.target === "sandbox" && !fromNothing ? await sandboxConfig(kind, config, phases) : {};
  const kubeconfig = sandbox["kubeflow:kubeconfig"];
  if (kubeconfig !== undefined) await forgetLostSandbox(stack, kubeconfig);
  const abort = new AbortController();
  const stop = (): void => abort.abort(new UserError("stopped by a signal; the next up goes on from here"));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const simulated: Readonly<Record<string, string>> = flags.simulate === true ? { "kubeflow:simulated": "true" } : {};
  const settings = { ...standIns, ...overrides, ...sandbox, ...clusterless?.config, ...release.config, ...simulated };
  const { signal } = abort;
  const run = { kind, stack, flags, config: settings, simulation, clusterless, notes: release.notes, signal };
  const title = `${stack}${simulation === undefined ? "" : " (simulated)"}`;
  const summarise = (result: StackResult): string => `${result.failed ? "FAILED: " : ""}${describeSummary(result)}`;
  try {
    if (consent === undefined)
      return await phases.run(`${kind} ${title}`, (report) => runEngine(run, report), summarise);
    return await phases.runInTwo({
      titles: [`${planTitle(kind)} ${title}`, `${kind} ${title}`],
      work: (report, agree) => runEngine(run, report, agree),
      between: (plan: StackResult) => consent(plan, signal),
      summarise,
    });
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/** Makes the release present that the program asks for, and says which it is. What works on state alone needs none. */
async function releaseConfig(
  kind: OperationKind,
  stack: string,
  config: StackConfig,
  phases: Phases,
): Promise<Pick<Run, "config" | "notes">> {
  if (kind === "refresh" || kind === "destroy") return { config: {}, notes: {} };
  const { choice, rendered } = await phases.run(
    `release ${config.release}`,
    (report) => loadOrSample(config, { projectRoot, stateDir: stateDir(), stack }, report),
    ({ rendered: { objects, crds, sample } }) =>
      `${String(objects.length + crds.length)} objects${sample ? " of the SAMPLE, which is not Kubeflow" : ""}`,
  );
  return {
    config: { "kubeflow:release": choice },
    notes: kind === "up" ? await notesOf(stack, rendered) : {},
  };
}

/** What `kf promote` asks the stack's history for; a stack that is in state only has no file to be promoted. */
async function notesOf(stack: string, { name, digest }: RenderedRelease): Promise<Readonly<Record<string, string>>> {
  if (!(await configuredStacks(await loadProject(projectRoot))).includes(stack)) return {};
  const { file, text } = await readStackFile(projectRoot, stack);
  const { digest: part } = await readReleasePart(projectRoot, file, text);
  return toHistoryNotes({ release: name, render: digest, part });
}

async function runEngine(
  run: Run,
  report: Report,
  agree?: (plan: StackResult) => Promise<void>,
): Promise<OfflineResult> {
  const { kind, stack, flags, config, simulation, clusterless, notes, signal } = run;
  const progress = throttled(report, reportEveryMs);
  const policies = await openPolicyReview(stack);
  let planned: readonly ResourceState[] = [];
  const clients = new ClientPool({ progress: report });
  const shared = { fieldManager: `pulumi-kubeflow-${stack}`, clients, adopt: flags.adopt === true, progress };
  const cluster = { kubernetes: kubernetesProviderFactory(shared), kubeflow: crdProviderFactory(shared) };
  const real: Readonly<Record<string, ProviderFactory>> = {
    ...cluster,
    kubernetes: withRefusedReleases(cluster.kubernetes),
    random: randomProviderFactory({ isPlanKept: kind === "up" }),
  };
  const asStackResult = (result: OperationResult): StackResult => ({
    ...result,
    diagnostics: [...result.diagnostics, ...simulationNotes(run)],
    policies: policies.violations,
    ...(simulation === undefined && clusterless === undefined ? {} : { simulated: true }),
  });
  try {
    const result = await runOperation(kind, {
      projectRoot,
      stack,
      stateDir: simulation?.stateDir ?? stateDir(),
      parallel: flags.parallel,
      previewOnly: flags.previewOnly === true,
      refresh: flags.refresh === true,
      // For `details`, where it can be asked for.
      allDiffs: flags.diff === true || agree !== undefined,
      ...(agree === undefined ? {} : { confirm: (plan) => agree(asStackResult(plan)) }),
      // Our program reads no more of a Kubernetes object than what it put in.
      replay: true,
      config,
      notes,
      ...(clusterless === undefined ? await upgradeHooks(kind, config["kubeflow:release"], clients) : {}),
      providers: simulation?.providers(cluster, report) ?? real,
      signal,
      onEvent: stepProgress(progress),
      onStart: () => void clients.load(),
      review: (resources) => {
        planned = resources;
        return policies.review(resources);
      },
    });
    const { stats, lastWrite } = clients;
    return {
      ...asStackResult(result),
      ...(flags.resources === true ? { resources: plannedResources(planned) } : {}),
      requests: stats,
      ...(lastWrite === undefined ? {} : { lastWrite: new Date(lastWrite).toISOString() }),
    };
  } finally {
    await clients.close();
  }
}

/** So that no report of a simulation can be taken for one of a real cloud. */
function simulationNotes({ flags, simulation, clusterless }: Run): readonly Diagnostic[] {
  if (clusterless !== undefined) return [{ severity: "info", message: clusterless.note }];
  if (simulation === undefined) return [];
  const what =
    flags.simulate === true
      ? "simulated: tables answered for the cloud and a sandbox for its cluster; nothing real was asked or changed"
      : "offline plan, simulated providers: no cloud and no cluster was asked, and what only they can tell is unknown";
  const unused = simulation
    .unusedFaults()
    .map((text) => ({ severity: "warning" as const, message: `--fault ${text}: there was no such call to hit` }));
  return [...unused, { severity: "info", message: what }];
}

/** What the sandbox adds to the stack's configuration: its kubeconfig. An operation that changes it starts it. */
export async function sandboxConfig(
  kind: OperationKind,
  config: StackConfig,
  phases: Phases,
): Promise<Readonly<Record<string, string>>> {
  if (config.kubeconfig !== undefined) return {};
  const { ensureSandbox, findSandbox } = await import("../sandbox/sandbox.ts");
  const sandbox =
    kind === "preview"
      ? await findSandbox()
      : await phases.run(
          "sandbox",
          (progress) => ensureSandbox({ progress }),
          ({ apiServer }) => apiServer,
        );
  if (sandbox === undefined) {
    throw new UserError(
      "there is no sandbox yet, so there is nothing to compare with. Start one with: kf sandbox start",
    );
  }
  return { "kubeflow:kubeconfig": await readFile(sandbox.kubeconfig, "utf8") };
}

/** A sandbox that was reset has taken with it what the state knows: a plan against the new one starts from nothing. */
async function forgetLostSandbox(stack: string, kubeconfig: string): Promise<void> {
  const where = { projectRoot, stateDir: stateDir(), stack };
  const provider = (await storedResources(where)).find(({ type }) => type === "pulumi:providers:kubernetes");
  const inputs = provider?.inputs;
  if (typeof inputs !== "object" || inputs === null || !("clusterIdentifier" in inputs)) return;
  if (inputs["clusterIdentifier"] === clusterIdentifierOf(kubeconfig)) return;
  const file = await setAsideState(where);
  process.stderr.write(`kf: the sandbox that ${stack} was in is gone; its state is put aside in ${file}\n`);
}
