/** What a stack's file says of its money and its GPUs. Pure, but for the price files. */
import type { StackConfig } from "../../stacks/config.ts";
import { estimate } from "../cost/estimate.ts";
import { facts } from "../cost/facts.ts";
import type { StackDiff } from "./report.ts";

export type Cost = StackDiff["cost"]["before"];
export type Gpus = StackDiff["gpus"]["before"];

/** By the prices of here, so that two stacks differ by what they have and not by the day. */
export function costOf(config: StackConfig): Cost {
  const { cloud, floor, ceiling } = estimate(config);
  return cloud === "none" ? undefined : { atLeastUsd: floor.monthlyUsd, atMostUsd: ceiling.monthlyUsd };
}

export function gpusOf(config: StackConfig): Gpus {
  const found: Record<string, { min: number; max: number }> = {};
  for (const { gpu, min, max } of poolsOf(config)) {
    const before = found[gpu] ?? { min: 0, max: 0 };
    found[gpu] = { min: before.min + min, max: before.max + max };
  }
  return found;
}

interface GpuPool {
  readonly gpu: string;
  readonly min: number;
  readonly max: number;
}

function poolsOf({ target, gke, eks, aks, onprem }: StackConfig): readonly GpuPool[] {
  const times = (gpu: string, gpus: number, { min, max }: { readonly min: number; readonly max: number }): GpuPool => ({
    ...{ gpu, min: min * gpus, max: max * gpus },
  });
  const path = `kubeflow:${target}.gpuPools`;
  switch (target) {
    case "gke":
      return gke?.gpuPools.map((pool) => times(pool.gpu, facts.gke.gpuMachine(pool, path).gpus, pool)) ?? [];
    case "eks":
      return eks?.gpuPools.map((pool) => times(pool.gpu, facts.eks.gpuMachine(pool, path).gpus, pool)) ?? [];
    case "aks":
      return aks?.gpuPools.map((pool) => times(pool.gpu, facts.aks.gpuMachine(pool, path).gpus, pool)) ?? [];
    case "kubeconfig":
      return (
        onprem?.gpuPools.map(({ gpu, gpusPerNode, nodes }) =>
          times(gpu, gpusPerNode, { min: nodes.length, max: nodes.length }),
        ) ?? []
      );
    case "sandbox":
      return [];
  }
}
