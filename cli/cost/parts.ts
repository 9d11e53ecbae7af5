/** What a stack's cloud bills, in quantities: no price is known here. */
import type {
  CpuPoolSettings,
  GpuKind,
  GpuPoolSettings,
  SystemPoolSettings,
} from "../../components/shared/cloud-settings.ts";
import type { Capacity, Unit } from "./prices.ts";

/** Something that is billed, as many as there are with the pools at their minimum and at their maximum. */
export interface Part {
  readonly what: string;
  /** How it is looked up in the price list. */
  readonly priced:
    | { readonly machineType: string; readonly capacity: Capacity }
    | { readonly key: string; readonly unit: Unit; readonly capacity: Capacity };
  /** Undefined: what is used, which nothing in the configuration tells. */
  readonly floor: number | undefined;
  readonly ceiling: number | undefined;
}

/** A machine with GPUs, as far as it costs something. */
export interface GpuMachinePrice {
  readonly machineType: string;
  readonly gpus: number;
  /** Of one GPU. */
  readonly gpuMemoryGiB: number;
  /** The item that its boot disk is billed as; undefined when it costs nothing of its own. */
  readonly bootDisk: string | undefined;
  /** What each of these machines is billed beside its own price. */
  readonly extras: readonly {
    readonly what: string;
    readonly key: string;
    readonly unit: Unit;
    readonly count: number;
  }[];
}

interface OwnNodes {
  readonly what: string;
  readonly machineType: string;
  readonly min: number;
  readonly max: number;
}

/** What estimates need to know of a cloud; all of it comes from `components/<cloud>`. */
export interface CloudFacts<Settings> {
  region(settings: Settings): string;
  /** @throws UserError for a pool that the cloud has no machine for. */
  gpuMachine(pool: GpuPoolSettings, path: string): GpuMachinePrice;
  /** The machine of a pool for Kubeflow, and of one for work without GPUs. */
  systemMachine(pool: SystemPoolSettings): string;
  cpuMachine(pool: CpuPoolSettings): string;
  /** Nodes that a cluster has beside its pools. */
  ownNodes(settings: Settings): readonly OwnNodes[];
  /** The same of a machine without GPUs. */
  bootDisk(machineType: string): string | undefined;
  /** Everything but the nodes. */
  others(settings: Settings, nodes: { readonly floor: number; readonly ceiling: number }): readonly Part[];
  /** Machines that anyone can have by the hour, for a comparison. */
  onDemandMachines(gpu: GpuKind): readonly GpuMachinePrice[];
  /** Whether it has the GPU, however it is sold. */
  has(gpu: GpuKind): boolean;
}
