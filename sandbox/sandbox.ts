import fs from "node:fs/promises";
import { UserError } from "../shared/errors.ts";
import { dataDir } from "../shared/paths.ts";
import { withLock } from "../tools/lock.ts";
import { ensureSandboxTools, type Progress } from "../tools/tools.ts";
import { SandboxApi } from "./api.ts";
import { componentNames, kubernetesVersionOf, portOptionNames, portOptions, portsOf } from "./config.ts";
import { ensureContents } from "./contents.ts";
import { apiServerOf, isHealthy, launch } from "./launch.ts";
import { placeOf, readIfThere, sandboxNames, type Place } from "./place.ts";
import { runningProcesses, stopProcesses } from "./processes.ts";

export interface SandboxOptions {
  /** @default "default" */
  readonly name?: string | undefined;
  /** @default - what the sandbox has, 3 in a new one */
  readonly cpuNodes?: number | undefined;
  /** @default - what the sandbox has, 2 in a new one */
  readonly gpuNodes?: number | undefined;
  /** GPU nodes that offer MIG slices in place of whole GPUs. @default - what the sandbox has, 0 in a new one */
  readonly migNodes?: number | undefined;
  readonly progress?: Progress;
}

interface SandboxComponent {
  /** `etcd`, `kube-apiserver`, `kube-controller-manager`, `kube-scheduler`, `kwok-controller`. */
  readonly name: string;
  readonly pid: number | undefined;
  readonly running: boolean;
  readonly port: number | undefined;
}

export interface SandboxAddress {
  /** Path of the kubeconfig, mode 0600. */
  readonly kubeconfig: string;
  /** `https://127.0.0.1:20002` */
  readonly apiServer: string;
}

export interface Sandbox extends SandboxAddress {
  readonly name: string;
  /** Every component runs and the API server says that it is ready. */
  readonly running: boolean;
  /** `v1.34.4` */
  readonly kubernetesVersion: string;
  /** Empty while it does not run. */
  readonly nodes: readonly string[];
  readonly components: readonly SandboxComponent[];
}

const maxNodes = 200;
/** How long a sandbox whose processes all run may take to answer before it is started again. */
const patienceMs = 15_000;
const silent: Progress = () => undefined;

/**
 * Starts the sandbox, or finds that it runs; repairs what is broken (dead processes, a port that somebody took) and
 * keeps its data. Its processes outlive this one.
 *
 * @throws UserError when a component does not come up: the end of its log and what to do.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  await ensureSandbox(options);
  return await describe(placeOf(options.name ?? "default"));
}

/** The same, for whoever wants no more than to reach it: half the time, where it runs already. */
export async function ensureSandbox(options: SandboxOptions = {}): Promise<SandboxAddress> {
  const place = placeOf(options.name ?? "default");
  const progress = options.progress ?? silent;
  const counts = {
    cpu: checkCount("cpuNodes", options.cpuNodes),
    gpu: checkCount("gpuNodes", options.gpuNodes),
    mig: checkCount("migNodes", options.migNodes),
  };
  const tools = await ensureSandboxTools(progress);
  return await locked(progress, async () => {
    if (!(await isHealthy(place, patienceMs))) await launch(place, tools, progress);
    await withApi(place, async (api) => await ensureContents(api, counts));
    return { kubeconfig: place.kubeconfig, apiServer: (await apiServerOf(place)) ?? "" };
  });
}

/** Stops every process of the sandbox and keeps its data. Stopping what does not run is success. */
export async function stopSandbox(name = "default", progress: Progress = silent): Promise<void> {
  const place = placeOf(name);
  await locked(progress, async () => {
    progress(`stop sandbox ${name}`);
    await stopProcesses(place);
  });
}

/** Stops the sandbox and deletes all that it holds. */
export async function deleteSandbox(name = "default", progress: Progress = silent): Promise<void> {
  const place = placeOf(name);
  await locked(progress, async () => {
    progress(`delete sandbox ${name}`);
    await stopProcesses(place);
    await fs.rm(place.root, { recursive: true, force: true });
  });
}

/** Deletes everything in the sandbox and starts a fresh one. */
export async function resetSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  await deleteSandbox(options.name, options.progress);
  return await startSandbox(options);
}

/** Where the sandbox is reached while it runs; `undefined` when there is no such sandbox. */
export async function findSandbox(name = "default"): Promise<SandboxAddress | undefined> {
  const place = placeOf(name);
  const apiServer = await apiServerOf(place);
  return apiServer === undefined ? undefined : { kubeconfig: place.kubeconfig, apiServer };
}

/** What there is of the sandbox now; `undefined` when there is no such sandbox. */
export async function sandboxStatus(name = "default"): Promise<Sandbox | undefined> {
  const place = placeOf(name);
  return (await apiServerOf(place)) === undefined ? undefined : await describe(place);
}

/** Names of all sandboxes, running or not. */
export async function listSandboxes(): Promise<readonly string[]> {
  return await sandboxNames();
}

async function describe(place: Place): Promise<Sandbox> {
  const running = await isHealthy(place, 0);
  const [config, clusterConfig] = await Promise.all([readIfThere(place.config), readIfThere(place.clusterConfig)]);
  const ports = portsOf(config ?? "");
  const processes = await runningProcesses(place);
  return {
    name: place.name,
    running,
    kubeconfig: place.kubeconfig,
    apiServer: (await apiServerOf(place)) ?? "",
    kubernetesVersion: kubernetesVersionOf(clusterConfig ?? "") ?? "",
    nodes: running ? await withApi(place, nodeNames) : [],
    components: componentNames.map((name) => {
      const pid = processes.get(name)?.[0];
      const option = portOptionNames.find((candidate) => portOptions[candidate] === name);
      return { name, pid, running: pid !== undefined, port: option === undefined ? undefined : ports[option] };
    }),
  };
}

async function nodeNames(api: SandboxApi): Promise<readonly string[]> {
  return (await api.list("/api/v1/nodes")).map((node) => node.metadata.name);
}

async function withApi<T>(place: Place, work: (api: SandboxApi) => Promise<T>): Promise<T> {
  const api = await SandboxApi.open(place, (await apiServerOf(place)) ?? "");
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}

/** One change at a time over all sandboxes, so that no two choose the same free port. */
async function locked<T>(progress: Progress, work: () => Promise<T>): Promise<T> {
  const waiting = (pid: number): void => progress(`wait for process ${pid}, which is changing a sandbox`);
  return await withLock(dataDir("sandboxes", ".lock"), waiting, work);
}

function checkCount(field: string, value: number | undefined): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= maxNodes)) return value;
  throw new UserError(`${field} ${value}: allowed is a whole number from 0 to ${maxNodes}; give one of these.`, {
    exitCode: 2,
  });
}
