/**
 * The machines with GPUs that EKS can have. Read in Karpenter's list of instance types of 2026-08-21; the number of vCPUs
 * follows from a machine's size.
 */
import type { GpuKind } from "../shared/cloud-settings.ts";

export interface GpuMachine {
  readonly type: string;
  readonly gpus: number;
  /** Interfaces of the Elastic Fabric Adapter, which GPUs of several nodes talk over. */
  readonly efa: number;
  /** Local NVMe in all. */
  readonly nvmeGB: number;
  /** AWS sells it by the block only. */
  readonly blockOnly?: true;
}

export interface GpuModel {
  /** Of one GPU, as it reports itself. */
  readonly memoryGiB: number;
  /** Quota and kinds of capacity go by this letter of the machine's family. */
  readonly family: "g" | "p";
  /** NVIDIA's profiles that divide the whole GPU into equal slices; empty where MIG is not possible. */
  readonly migProfiles: readonly string[];
  /** The smallest that has a number of GPUs first. */
  readonly machines: readonly GpuMachine[];
}

/** Every model that a pool may ask for; those without machines AWS does not have. */
export const gpuModels: Readonly<Record<GpuKind, GpuModel>> = {
  t4: {
    memoryGiB: 16,
    family: "g",
    migProfiles: [],
    machines: [
      { type: "g4dn.xlarge", gpus: 1, efa: 0, nvmeGB: 125 },
      { type: "g4dn.2xlarge", gpus: 1, efa: 0, nvmeGB: 225 },
      { type: "g4dn.4xlarge", gpus: 1, efa: 0, nvmeGB: 225 },
      { type: "g4dn.8xlarge", gpus: 1, efa: 1, nvmeGB: 900 },
      { type: "g4dn.16xlarge", gpus: 1, efa: 1, nvmeGB: 900 },
      { type: "g4dn.12xlarge", gpus: 4, efa: 1, nvmeGB: 900 },
      { type: "g4dn.metal", gpus: 8, efa: 1, nvmeGB: 1800 },
    ],
  },
  l4: {
    memoryGiB: 22.4,
    family: "g",
    migProfiles: [],
    machines: [
      { type: "g6.xlarge", gpus: 1, efa: 0, nvmeGB: 250 },
      { type: "g6.2xlarge", gpus: 1, efa: 0, nvmeGB: 450 },
      { type: "g6.4xlarge", gpus: 1, efa: 0, nvmeGB: 600 },
      { type: "g6.8xlarge", gpus: 1, efa: 1, nvmeGB: 900 },
      { type: "g6.16xlarge", gpus: 1, efa: 1, nvmeGB: 1880 },
      { type: "g6.12xlarge", gpus: 4, efa: 1, nvmeGB: 3760 },
      { type: "g6.24xlarge", gpus: 4, efa: 1, nvmeGB: 3760 },
      { type: "g6.48xlarge", gpus: 8, efa: 1, nvmeGB: 7520 },
    ],
  },
  a10g: {
    memoryGiB: 22.4,
    family: "g",
    migProfiles: [],
    machines: [
      { type: "g5.xlarge", gpus: 1, efa: 0, nvmeGB: 250 },
      { type: "g5.2xlarge", gpus: 1, efa: 0, nvmeGB: 450 },
      { type: "g5.4xlarge", gpus: 1, efa: 0, nvmeGB: 600 },
      { type: "g5.8xlarge", gpus: 1, efa: 1, nvmeGB: 900 },
      { type: "g5.16xlarge", gpus: 1, efa: 1, nvmeGB: 1900 },
      { type: "g5.12xlarge", gpus: 4, efa: 1, nvmeGB: 3800 },
      { type: "g5.24xlarge", gpus: 4, efa: 1, nvmeGB: 3800 },
      { type: "g5.48xlarge", gpus: 8, efa: 1, nvmeGB: 7600 },
    ],
  },
  a10: { memoryGiB: 24, family: "g", migProfiles: [], machines: [] },
  l40s: {
    memoryGiB: 44.7,
    family: "g",
    migProfiles: [],
    machines: [
      { type: "g6e.xlarge", gpus: 1, efa: 0, nvmeGB: 250 },
      { type: "g6e.2xlarge", gpus: 1, efa: 0, nvmeGB: 450 },
      { type: "g6e.4xlarge", gpus: 1, efa: 0, nvmeGB: 600 },
      { type: "g6e.8xlarge", gpus: 1, efa: 1, nvmeGB: 900 },
      { type: "g6e.16xlarge", gpus: 1, efa: 1, nvmeGB: 1900 },
      { type: "g6e.12xlarge", gpus: 4, efa: 1, nvmeGB: 3800 },
      { type: "g6e.24xlarge", gpus: 4, efa: 2, nvmeGB: 3800 },
      { type: "g6e.48xlarge", gpus: 8, efa: 4, nvmeGB: 7600 },
    ],
  },
  "a100-40": {
    memoryGiB: 40,
    family: "p",
    migProfiles: ["1g.5gb", "1g.10gb", "2g.10gb", "3g.20gb", "7g.40gb"],
    machines: [{ type: "p4d.24xlarge", gpus: 8, efa: 4, nvmeGB: 8000 }],
  },
  "a100-80": {
    memoryGiB: 80,
    family: "p",
    migProfiles: ["1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "7g.80gb"],
    machines: [{ type: "p4de.24xlarge", gpus: 8, efa: 4, nvmeGB: 8000 }],
  },
  h100: {
    memoryGiB: 80,
    family: "p",
    migProfiles: ["1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "7g.80gb"],
    machines: [
      { type: "p5.4xlarge", gpus: 1, efa: 1, nvmeGB: 3800 },
      { type: "p5.48xlarge", gpus: 8, efa: 32, nvmeGB: 30400 },
    ],
  },
  h200: {
    memoryGiB: 141,
    family: "p",
    migProfiles: ["1g.18gb", "1g.35gb", "2g.35gb", "3g.71gb", "7g.141gb"],
    machines: [
      { type: "p5en.48xlarge", gpus: 8, efa: 16, nvmeGB: 30400 },
      { type: "p5e.48xlarge", gpus: 8, efa: 32, nvmeGB: 30400, blockOnly: true },
    ],
  },
  b200: {
    memoryGiB: 179,
    family: "p",
    migProfiles: ["1g.23gb", "1g.45gb", "2g.45gb", "3g.90gb", "7g.180gb"],
    machines: [{ type: "p6-b200.48xlarge", gpus: 8, efa: 8, nvmeGB: 30400 }],
  },
  "rtx-pro-6000": {
    memoryGiB: 96,
    family: "g",
    migProfiles: ["1g.24gb", "2g.48gb", "4g.96gb"],
    machines: [
      { type: "g7e.2xlarge", gpus: 1, efa: 0, nvmeGB: 1900 },
      { type: "g7e.4xlarge", gpus: 1, efa: 0, nvmeGB: 1900 },
      { type: "g7e.8xlarge", gpus: 1, efa: 1, nvmeGB: 1900 },
      { type: "g7e.12xlarge", gpus: 2, efa: 1, nvmeGB: 3800 },
      { type: "g7e.24xlarge", gpus: 4, efa: 2, nvmeGB: 7600 },
      { type: "g7e.48xlarge", gpus: 8, efa: 4, nvmeGB: 15200 },
    ],
  },
};

/** What of a pool says which machine it has. */
export interface MachineChoice {
  readonly gpu: GpuKind;
  readonly gpusPerNode: number;
  readonly machineType?: string | undefined;
}

/** The machine of a pool; undefined when AWS has none like it. */
export function gpuMachineOf({ gpu, gpusPerNode, machineType }: MachineChoice): GpuMachine | undefined {
  return gpuModels[gpu].machines.find(
    ({ type, gpus }) => gpus === gpusPerNode && (machineType === undefined || machineType === type),
  );
}

/** From the size in a machine's name: `m7i.2xlarge` has 8. Undefined for a size that does not tell. */
export function vcpusOf(machineType: string): number | undefined {
  // The one bare machine of the list above.
  if (machineType === "g4dn.metal") return 96;
  const [, size = ""] = machineType.split(".");
  if (size === "medium" || size === "large") return 2;
  const times = /^(\d*)xlarge$/.exec(size)?.[1];
  if (times === undefined) return undefined;
  return 4 * (times === "" ? 1 : Number(times));
}

/** Whether GPUs of several nodes are meant to work together: the network interfaces for it are set up then. */
export function hasFabric(machine: GpuMachine): boolean {
  return machine.efa >= 4;
}
