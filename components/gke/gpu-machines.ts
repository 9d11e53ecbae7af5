/** GPU machines of Compute Engine: what GKE is asked for when a pool says `l4` or `h100`. Data only. */
import type { GpuKind, GpuPoolSettings } from "../shared/cloud-settings.ts";

type Capacity = GpuPoolSettings["capacity"];

/** What a GPU model is to GKE, whichever machine it is in. */
export interface GpuModel {
  /** Memory of one GPU. */
  readonly memoryGiB: number;
  /** Slices that GKE can cut it into; empty: it cannot be cut. */
  readonly migProfiles: readonly string[];
  /** What Cloud Quotas calls it: a quota of its own (`id`), or a dimension of the one for new families. */
  readonly quota: { readonly id: string } | { readonly family: string };
}

export interface GpuMachine {
  readonly machineType: string;
  /** What GKE calls the GPU. */
  readonly accelerator: string;
  readonly gpus: number;
  readonly vcpus: number;
  readonly memoryGiB: number;
  /** How Google sells it. */
  readonly capacities: readonly Capacity[];
  /** Local SSDs to back scratch space; `always`: they come with the machine, asked for or not. */
  readonly localSsd: { readonly count: number; readonly always: boolean };
  /** Boot disks that it takes. */
  readonly diskType: "pd-balanced" | "hyperdisk-balanced";
}

export const gpuModels: Readonly<Partial<Record<GpuKind, GpuModel>>> = {
  t4: { memoryGiB: 16, migProfiles: [], quota: { id: "NVIDIA-T4-GPUS" } },
  l4: { memoryGiB: 24, migProfiles: [], quota: { id: "NVIDIA-L4-GPUS" } },
  "a100-40": {
    memoryGiB: 40,
    migProfiles: ["1g.5gb", "2g.10gb", "3g.20gb", "7g.40gb"],
    quota: { id: "NVIDIA-A100-GPUS" },
  },
  "a100-80": {
    memoryGiB: 80,
    migProfiles: ["1g.10gb", "2g.20gb", "3g.40gb", "7g.80gb"],
    quota: { id: "NVIDIA-A100-80GB-GPUS" },
  },
  h100: {
    memoryGiB: 80,
    migProfiles: ["1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "7g.80gb"],
    quota: { family: "NVIDIA_H100" },
  },
  h200: {
    memoryGiB: 141,
    migProfiles: ["1g.18gb", "1g.35gb", "2g.35gb", "3g.71gb", "7g.141gb"],
    quota: { family: "NVIDIA_H200" },
  },
  b200: {
    memoryGiB: 180,
    migProfiles: ["1g.23gb", "1g.45gb", "2g.45gb", "3g.90gb", "7g.180gb"],
    quota: { family: "NVIDIA_B200" },
  },
  "rtx-pro-6000": {
    memoryGiB: 96,
    migProfiles: ["1g.24gb", "2g.48gb", "4g.96gb"],
    quota: { family: "NVIDIA_RTX_PRO_6000" },
  },
};

/** Sold to whoever asks, kept by reservation, or lent. */
const anyWay = ["on-demand", "spot", "reservation", "flex-start", "queued"] as const;
/** Parts of an A3 High host: not sold on demand, nor reserved. */
const partOfHost = ["spot", "flex-start", "queued"] as const;
/** Too scarce for on-demand: no price list has one. */
const scarce = ["spot", "reservation", "flex-start", "queued"] as const;

type Row = readonly [type: string, gpus: number, vcpus: number, memoryGiB: number, ssds: number];
type Common = Pick<GpuMachine, "accelerator" | "capacities" | "diskType"> & { readonly ssdAlways: boolean };

const table = ({ ssdAlways, ...common }: Common, rows: readonly Row[]): readonly GpuMachine[] =>
  rows.map(([machineType, gpus, vcpus, memoryGiB, count]) => ({
    ...common,
    machineType,
    gpus,
    vcpus,
    memoryGiB,
    localSsd: { count, always: ssdAlways },
  }));

const optionalSsd = { capacities: anyWay, ssdAlways: false, diskType: "pd-balanced" } as const;
const bundledSsd = { ssdAlways: true, diskType: "pd-balanced" } as const;
const bundledHyperdisk = { ssdAlways: true, diskType: "hyperdisk-balanced" } as const;

/** By model, the smallest of each number of GPUs first. */
export const gpuMachines: Readonly<Partial<Record<GpuKind, readonly GpuMachine[]>>> = {
  t4: table({ ...optionalSsd, accelerator: "nvidia-tesla-t4" }, [
    ["n1-standard-4", 1, 4, 15, 1],
    ["n1-standard-8", 1, 8, 30, 1],
    ["n1-standard-16", 1, 16, 60, 1],
    ["n1-standard-32", 1, 32, 120, 1],
    ["n1-standard-8", 2, 8, 30, 1],
    ["n1-standard-16", 2, 16, 60, 1],
    ["n1-standard-32", 2, 32, 120, 1],
    ["n1-standard-16", 4, 16, 60, 1],
    ["n1-standard-32", 4, 32, 120, 1],
    ["n1-standard-64", 4, 64, 240, 1],
  ]),
  l4: table({ ...optionalSsd, accelerator: "nvidia-l4" }, [
    ["g2-standard-4", 1, 4, 16, 1],
    ["g2-standard-8", 1, 8, 32, 1],
    ["g2-standard-12", 1, 12, 48, 1],
    ["g2-standard-16", 1, 16, 64, 1],
    ["g2-standard-32", 1, 32, 128, 1],
    ["g2-standard-24", 2, 24, 96, 2],
    ["g2-standard-48", 4, 48, 192, 4],
    ["g2-standard-96", 8, 96, 384, 8],
  ]),
  "a100-40": table({ ...optionalSsd, accelerator: "nvidia-tesla-a100" }, [
    ["a2-highgpu-1g", 1, 12, 85, 1],
    ["a2-highgpu-2g", 2, 24, 170, 2],
    ["a2-highgpu-4g", 4, 48, 340, 4],
    ["a2-highgpu-8g", 8, 96, 680, 8],
  ]),
  "a100-80": table({ ...bundledSsd, capacities: anyWay, accelerator: "nvidia-a100-80gb" }, [
    ["a2-ultragpu-1g", 1, 12, 170, 1],
    ["a2-ultragpu-2g", 2, 24, 340, 2],
    ["a2-ultragpu-4g", 4, 48, 680, 4],
    ["a2-ultragpu-8g", 8, 96, 1360, 8],
  ]),
  h100: [
    ...table({ ...bundledSsd, capacities: partOfHost, accelerator: "nvidia-h100-80gb" }, [
      ["a3-highgpu-1g", 1, 26, 234, 2],
      ["a3-highgpu-2g", 2, 52, 468, 4],
      ["a3-highgpu-4g", 4, 104, 936, 8],
    ]),
    ...table({ ...bundledSsd, capacities: anyWay, accelerator: "nvidia-h100-80gb" }, [
      ["a3-highgpu-8g", 8, 208, 1872, 16],
    ]),
    ...table({ ...bundledSsd, capacities: anyWay, accelerator: "nvidia-h100-mega-80gb" }, [
      ["a3-megagpu-8g", 8, 208, 1872, 16],
    ]),
  ],
  h200: table({ ...bundledHyperdisk, capacities: scarce, accelerator: "nvidia-h200-141gb" }, [
    ["a3-ultragpu-8g", 8, 224, 2952, 32],
  ]),
  b200: table({ ...bundledHyperdisk, capacities: scarce, accelerator: "nvidia-b200" }, [
    ["a4-highgpu-8g", 8, 224, 3968, 32],
  ]),
  "rtx-pro-6000": table(
    { capacities: anyWay, ssdAlways: false, diskType: "hyperdisk-balanced", accelerator: "nvidia-rtx-pro-6000" },
    [
      ["g4-standard-48", 1, 48, 180, 4],
      ["g4-standard-96", 2, 96, 360, 8],
      ["g4-standard-192", 4, 192, 720, 16],
      ["g4-standard-384", 8, 384, 1440, 32],
    ],
  ),
};

/** The machines that have the GPU in the number that a pool asks for. */
export function machinesFor(pool: Pick<GpuPoolSettings, "gpu" | "gpusPerNode">): readonly GpuMachine[] {
  return (gpuMachines[pool.gpu] ?? []).filter(({ gpus }) => gpus === pool.gpusPerNode);
}

/** The machine that a pool means; undefined when GKE has none such. */
export function machineFor(pool: Pick<GpuPoolSettings, "gpu" | "gpusPerNode" | "machineType">): GpuMachine | undefined {
  return machinesFor(pool).find(({ machineType }) => machineType === (pool.machineType ?? machineType));
}

/** Series that take no Persistent Disk. */
const hyperdiskOnly = /^(n4|n4d|c4|c4a|c4d|h4d|x4|m4)-/;

/** The boot disk of a machine without GPUs. */
export function diskTypeOf(machineType: string): GpuMachine["diskType"] {
  return hyperdiskOnly.test(machineType) ? "hyperdisk-balanced" : "pd-balanced";
}
