/** Nodes with GPUs, as those that schedule on them see them. */
export interface GpuPool {
  readonly name: string;
  /** Model, by the name that config uses: `l4`, `a100-80`, ... */
  readonly gpu: string;
  /** Memory of one GPU, before it is shared. */
  readonly gpuMemoryGiB: number;
  readonly gpusPerNode: number;
  /** Nodes. */
  readonly min: number;
  readonly max: number;
  /** Extended resource that pods ask for, e.g. `nvidia.com/gpu`. */
  readonly resourceName: string;
  /** On every node of the pool. */
  readonly labels: Readonly<Record<string, string>>;
  /** Always the one taint `nvidia.com/gpu`; a cloud may add its own for spot nodes. */
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** Who brings the driver: the node's image, or the GPU operator that the platform installs. */
  readonly driver: "preinstalled" | "operator";
  readonly sharing: "none" | "time-slicing" | "mps" | "mig";
  /** Pods per GPU: with `time-slicing` and `mps`. */
  readonly clientsPerGpu?: number;
  /** The size of every slice, e.g. `1g.10gb`: with `mig`. */
  readonly migProfile?: string;
}

/** The one taint of every GPU pool, on every target: GKE's own, so that one toleration fits all. */
export const gpuTaint = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" } as const;
