/** A stack whose clouds are simulated: tables answer for them, and a sandbox is the Kubernetes API of its cluster. */
import { readFile, rename } from "node:fs/promises";
import path from "node:path";
import { clusterIdentifierOf } from "../components/shared/cluster-identifier.ts";
import { loadProject } from "../engine/project.ts";
import type { ProviderFactory } from "../engine/provider.ts";
import { randomProviderFactory } from "../engine/random/provider.ts";
import type { OperationKind } from "../engine/report.ts";
import { setAsideState, storedResources } from "../engine/stored-state.ts";
import { SimulatedCloud } from "../engine/simulation/cloud.ts";
import { Faults, parseFaults } from "../engine/simulation/faults.ts";
import { withSimulatedReleases } from "../engine/simulation/helm-release.ts";
import { withFunctions } from "../engine/simulation/functions.ts";
import { simulatedPackages } from "../engine/simulation/packages.ts";
import { simulationProviderFactory } from "../engine/simulation/provider.ts";
import { withStandIn } from "../engine/simulation/stand-in.ts";
import { withSimulatedVolumes } from "../engine/simulation/volumes.ts";
import { projectRoot } from "../shared/paths.ts";
import type { StackConfig } from "../stacks/config.ts";
import type { StackFlags } from "./operation.ts";
import type { Report } from "./progress.ts";

export type CloudName = "gke" | "eks" | "aks";

export function cloudOf({ target }: Pick<StackConfig, "target">): CloudName | undefined {
  return target === "gke" || target === "eks" || target === "aks" ? target : undefined;
}

/** Packages of the clouds. Only a stack's own are loaded. */
const packagesOf: Readonly<Record<CloudName, readonly string[]>> = {
  gke: ["gcp"],
  eks: ["aws"],
  aks: ["azure-native", "azuread"],
};

/** The providers that a stack's clusters are asked through. */
interface ClusterProviders {
  readonly kubernetes: ProviderFactory;
  readonly kubeflow: ProviderFactory;
}

export interface Simulation {
  readonly stateDir: string;
  readonly providers: (cluster: ClusterProviders, report: Report) => Readonly<Record<string, ProviderFactory>>;
  /** Faults that were asked for and had nothing to hit. */
  readonly unusedFaults: () => readonly string[];
}

/**
 * Opens what is simulated of a stack. Nothing is started before it is needed, and never for a preview.
 *
 * @param realStateDir where the state of real stacks is: a simulated one is kept below it, in a folder of its own.
 * @throws UserError (wrong usage) for faults that cannot happen.
 */
export async function openSimulation(
  kind: OperationKind,
  stack: string,
  cloud: CloudName,
  flags: StackFlags,
  realStateDir: string,
): Promise<Simulation> {
  const simulated = flags.simulate === true;
  const stateDir = simulated ? path.join(realStateDir, "simulated") : realStateDir;
  const packages = await Promise.all(
    packagesOf[cloud].map(async (name) => ({ name, table: {}, ...(await simulatedPackages[name]?.()) })),
  );
  const tables = packages.map(({ table }) => table);
  const faultList = parseFaults(flags.fault ?? [], tables);
  const sandbox = flags.sandbox ?? sandboxName(stack);
  const file = await cloudFile(realStateDir, stack);
  if (simulated) await forgetLostCluster(stack, stateDir, file, sandbox);
  const simulatedCloud = await SimulatedCloud.open(file);
  const progress: { report: Report } = { report: () => undefined };
  const faults = new Faults(faultList, { progress: (message) => progress.report(message) });
  const standIn = once(() => standInKubeconfig(kind, sandbox, simulatedCloud, (message) => progress.report(message)));
  return {
    stateDir,
    providers: (cluster, report) => {
      progress.report = report;
      const clouds = packages.map(({ name, table, functions = {} }) => {
        const answered = simulationProviderFactory(table, { cloud: simulatedCloud, faults });
        return [name, withFunctions(answered, functions)] as const;
      });
      return {
        ...Object.fromEntries(clouds),
        random: randomProviderFactory(),
        kubernetes: withStandIn(withSimulatedVolumes(withSimulatedReleases(cluster.kubernetes)), standIn),
        kubeflow: withStandIn(cluster.kubeflow, standIn),
      };
    },
    unusedFaults: () => faults.unused.map(({ text }) => text),
  };
}

/** A sandbox's name for any stack's. */
function sandboxName(stack: string): string {
  const name = `sim-${stack}`.toLowerCase().replace(/[^a-z0-9-]/g, "-");
  return name.slice(0, 30).replace(/-+$/, "");
}

async function cloudFile(stateDir: string, stack: string): Promise<string> {
  const { name } = await loadProject(projectRoot);
  return path.join(stateDir, "simulated", "clouds", name, `${stack}.json`);
}

/** Contents of the sandbox's kubeconfig. A preview takes the sandbox that there is, or does without. */
async function standInKubeconfig(
  kind: OperationKind,
  name: string,
  cloud: SimulatedCloud,
  progress: Report,
): Promise<string | undefined> {
  const { ensureSandbox, findSandbox } = await import("../sandbox/sandbox.ts");
  const sandbox = kind === "preview" ? await findSandbox(name) : await ensureSandbox({ name, progress });
  if (sandbox === undefined) return undefined;
  const kubeconfig = await readFile(sandbox.kubeconfig, "utf8");
  if (kind !== "preview") await cloud.useCluster(clusterIdentifierOf(kubeconfig));
  return kubeconfig;
}

/** A sandbox that is gone has taken with it what the state knows: the simulation starts from nothing. */
async function forgetLostCluster(stack: string, stateDir: string, file: string, sandbox: string): Promise<void> {
  const { cluster } = await SimulatedCloud.open(file);
  if (cluster === undefined) return;
  const { findSandbox } = await import("../sandbox/sandbox.ts");
  const found = await findSandbox(sandbox);
  const kubeconfig = found === undefined ? undefined : await readFile(found.kubeconfig, "utf8");
  if (kubeconfig !== undefined && clusterIdentifierOf(kubeconfig) === cluster) return;
  const where = { projectRoot, stateDir, stack };
  const aside = (await storedResources(where)).length === 0 ? undefined : await setAsideState(where);
  await rename(file, aside === undefined ? `${file}.old` : aside.replace(/\.json$/, ".cloud.json"));
  process.stderr.write(
    `kf: the sandbox that ${stack} was simulated in is gone; its simulated state is put aside` +
      `${aside === undefined ? "" : ` in ${aside}`}\n`,
  );
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
