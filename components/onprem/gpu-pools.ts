/** Nodes with GPUs as the platform wants to know them, and what their owner has to put on them. Pure. */
import { gpuTaint, type GpuPool } from "../contracts/gpu-pool.ts";
import { resourceNameOf, sharingLabels } from "../gpu/sharing.ts";
import { memoryOf } from "./gpu-rules.ts";
import { installsGpuOperator } from "./profiles.ts";
import type { OnpremGpuPool, OnpremSettings } from "./settings.ts";

export function gpuPoolOf(pool: OnpremGpuPool, settings: OnpremSettings): GpuPool {
  const { name, gpu, gpusPerNode, nodes, driver, sharing, clientsPerGpu, migProfile } = pool;
  return {
    name,
    gpu,
    gpuMemoryGiB: memoryOf(pool) ?? 0,
    gpusPerNode,
    min: nodes.length,
    max: nodes.length,
    resourceName: resourceNameOf(pool),
    labels: gpuLabels(pool, settings),
    // What goes there has to tolerate it, whether the nodes have it or not.
    taints: [gpuTaint],
    driver,
    sharing,
    ...(clientsPerGpu === undefined ? {} : { clientsPerGpu }),
    ...(migProfile === undefined ? {} : { migProfile }),
  };
}

/** What somebody has to put on the pool's nodes: nobody but the cluster's owner makes nodes here. */
export function gpuLabels(pool: OnpremGpuPool, settings: OnpremSettings): Readonly<Record<string, string>> {
  const hasOwnDriver = pool.driver === "preinstalled" && bringsDriver(settings);
  return {
    "kubeflow/gpu-pool": pool.name,
    ...sharingLabels(pool),
    // The operator brings a driver to the other pools' nodes.
    ...(hasOwnDriver ? { "nvidia.com/gpu.deploy.driver": "false" } : {}),
  };
}

export function bringsDriver(settings: OnpremSettings): boolean {
  return installsGpuOperator(settings) && settings.gpuPools.some(({ driver }) => driver === "operator");
}
