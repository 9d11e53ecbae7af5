import { NodePool } from "@pulumi/gcp/container/nodePool.js";
import * as pulumi from "@pulumi/pulumi";
import type { GpuPool } from "../contracts/gpu-pool.ts";
import type { CpuPoolSettings, SystemPoolSettings } from "../shared/cloud-settings.ts";
import { diskTypeOf } from "./gpu-machines.ts";
import { GkeGpuNodePool } from "./gpu-node-pool.ts";
import { nodePoolArgs, type PoolContext, type PoolShape } from "./node-config.ts";
import type { GkeSettings } from "./settings.ts";

const TYPE = "kubeflow:gke:GkeNodePools";

export interface GkeNodePoolsArgs {
  readonly context: PoolContext;
  readonly settings: Pick<GkeSettings, "systemPool" | "cpuPools" | "gpuPools" | "highBandwidthNetworking">;
  readonly kubernetesVersion: string;
  /** What a node needs to become ready beside the cluster: the way out, its account's roles, the key of its disk. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The nodes of a cluster: one pool for Kubeflow itself, those for CPU work, and those with GPUs after them. */
export class GkeNodePools extends pulumi.ComponentResource {
  readonly gpuPools: readonly GpuPool[];
  readonly all: readonly NodePool[];

  constructor(name: string, args: GkeNodePoolsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { settings, context, kubernetesVersion, dependsOn } = args;
    const system = this.createPool(`${name}-system`, args, systemShape(settings.systemPool));
    const cpu = settings.cpuPools.map((pool) => this.createPool(`${name}-${pool.name}`, args, cpuShape(pool)));
    const gpu = settings.gpuPools.map(
      (pool) =>
        new GkeGpuNodePool(
          `${name}-${pool.name}`,
          {
            context,
            pool,
            kubernetesVersion,
            highBandwidthNetworking: settings.highBandwidthNetworking,
            dependsOn: [...dependsOn, system],
          },
          { parent: this },
        ),
    );
    this.gpuPools = gpu.map(({ description }) => description);
    this.all = [system, ...cpu, ...gpu.map(({ nodePool }) => nodePool)];
    this.registerOutputs({});
  }

  private createPool(name: string, { context, dependsOn }: GkeNodePoolsArgs, shape: PoolShape): NodePool {
    return new NodePool(name, nodePoolArgs(context, shape), {
      parent: this,
      dependsOn: [...dependsOn],
      // The autoscaler's business from the first node on; to change it would replace the pool.
      ignoreChanges: ["initialNodeCount"],
    });
  }
}

/** Four vCPU and 16 GiB: three of them hold Kubeflow without work. */
const defaultSystemMachine = "e2-standard-4";
const defaultCpuMachine = "e2-standard-8";

function systemShape({ machineType = defaultSystemMachine, ...pool }: SystemPoolSettings): PoolShape {
  // No taint: it is the pool of everything that asks for nothing special.
  const nodeLabels = { "kubeflow.org/pool": "system" };
  return { ...pool, machineType, diskType: diskTypeOf(machineType), spot: false, nodeLabels };
}

function cpuShape({ machineType = defaultCpuMachine, name, labels, ...pool }: CpuPoolSettings): PoolShape {
  const nodeLabels = { ...labels, "kubeflow.org/pool": name };
  return { ...pool, machineType, diskType: diskTypeOf(machineType), nodeLabels };
}
