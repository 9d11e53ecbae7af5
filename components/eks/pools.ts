/** The pools of a stack as the rest of the target sees them, and the defaults that AWS gives them. Pure. */
import { gpuTaint, type GpuPool } from "../contracts/gpu-pool.ts";
import { resourceNameOf, sharingLabels } from "../gpu/sharing.ts";
import type { CpuPoolSettings, GpuPoolSettings } from "../shared/cloud-settings.ts";
import { gpuMachineOf, gpuModels, type GpuMachine } from "./gpu-machines.ts";

/** On every node of a pool. */
export const poolLabel = "kubeflow.org/pool";

/** Of the system pool, when the stack names no machine: two of them hold Kubeflow. */
export const systemMachine = "m7i.2xlarge";

/** Of a CPU pool, when the stack names no machine: alike, so that there is one to be had. */
const cpuMachines = ["m7i.2xlarge", "m6i.2xlarge", "m7a.2xlarge", "m6a.2xlarge"] as const;

export function cpuMachinesOf({ machineType }: CpuPoolSettings): readonly [string, ...string[]] {
  return machineType === undefined ? cpuMachines : [machineType];
}

/** A pool of GPUs whose settings have been checked, with its machine. */
export interface GpuPlan {
  readonly settings: GpuPoolSettings;
  readonly machine: GpuMachine;
  readonly pool: GpuPool;
}

/** @throws when AWS has no such machine, which `gpuProblems` says first. */
export function planOf(settings: GpuPoolSettings): GpuPlan {
  const { name, gpu, gpusPerNode, min, max, sharing, clientsPerGpu, migProfile } = settings;
  const machine = gpuMachineOf(settings);
  if (machine === undefined) throw new Error(`no machine for the pool ${name}`);
  return {
    settings,
    machine,
    pool: {
      ...{ name, gpu, gpusPerNode, min, max, sharing },
      gpuMemoryGiB: gpuModels[gpu].memoryGiB,
      resourceName: resourceNameOf(settings),
      labels: { ...settings.labels, [poolLabel]: name, ...sharingLabels(settings) },
      taints: [gpuTaint],
      // Amazon's NVIDIA image has driver and container toolkit.
      driver: "preinstalled",
      ...(clientsPerGpu === undefined ? {} : { clientsPerGpu }),
      ...(migProfile === undefined ? {} : { migProfile }),
    },
  };
}

/** Whether Karpenter starts a pool's nodes when pods ask for them; what is reserved is a node group instead. */
export function isElastic({ capacity }: Pick<GpuPoolSettings, "capacity">): boolean {
  return capacity === "on-demand" || capacity === "spot";
}
