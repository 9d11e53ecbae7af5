import { UserError } from "../shared/errors.ts";

/** Called as work goes on: `start etcd`. */
export type Progress = (message: string) => void;

export interface SandboxOptions {
  /** @default "default" */
  readonly name?: string;
  /** @default 3 */
  readonly cpuNodes?: number;
  /** @default 2 */
  readonly gpuNodes?: number;
  /** GPU nodes that offer MIG slices in place of whole GPUs. @default 0 */
  readonly migNodes?: number;
  readonly progress?: Progress;
}

export interface SandboxComponent {
  /** `etcd`, `kube-apiserver`, `kube-controller-manager`, `kube-scheduler`, `kwok-controller`. */
  readonly name: string;
  readonly pid: number | undefined;
  readonly running: boolean;
  readonly port: number | undefined;
}

export interface Sandbox {
  readonly name: string;
  /** Every component runs and the API server says that it is ready. */
  readonly running: boolean;
  /** Path of the kubeconfig, mode 0600. */
  readonly kubeconfig: string;
  /** `https://127.0.0.1:32764` */
  readonly apiServer: string;
  /** `v1.34.4` */
  readonly kubernetesVersion: string;
  readonly nodes: readonly string[];
  readonly components: readonly SandboxComponent[];
}

/** Starts the sandbox, or finds that it runs; repairs what is broken and keeps its data. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  return Promise.reject(new UserError(`sandbox ${options.name ?? "default"}: not there yet`));
}

/** Stops every process of the sandbox and keeps its data. Stopping what does not run is success. */
export async function stopSandbox(name = "default", progress?: Progress): Promise<void> {
  progress?.(`stop sandbox ${name}`);
  return Promise.resolve();
}

/** Deletes everything in the sandbox and starts a fresh one. */
export async function resetSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  return startSandbox(options);
}

/** Deletes the sandbox: processes and data. */
export async function deleteSandbox(name: string, progress?: Progress): Promise<void> {
  return stopSandbox(name, progress);
}

/** What there is of the sandbox now; `undefined` when there is no such sandbox. */
export async function sandboxStatus(name = "default"): Promise<Sandbox | undefined> {
  return Promise.resolve(name === "" ? undefined : undefined);
}

/** Names of all sandboxes, running or not. */
export async function listSandboxes(): Promise<readonly string[]> {
  return Promise.resolve([]);
}
