import { NodePool } from "@pulumi/gcp/container/nodePool.js";
import * as pulumi from "@pulumi/pulumi";
import type { GpuPool } from "../contracts/gpu-pool.ts";
import type { GpuPoolSettings } from "../shared/cloud-settings.ts";
import { machineFor } from "./gpu-machines.ts";
import { describeGpuPool, gpuNodePoolArgs } from "./gpu-node-config.ts";
import { gpuPoolProblems } from "./gpu-rules.ts";
import type { PoolContext } from "./node-config.ts";

const TYPE = "kubeflow:gke:GkeGpuNodePool";

export interface GkeGpuNodePoolArgs {
  readonly context: PoolContext;
  readonly pool: GpuPoolSettings;
  readonly kubernetesVersion: string;
  readonly highBandwidthNetworking: boolean;
  /** A pool without GPUs among them: GKE does not taint the GPU nodes of a cluster that has no other. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * Nodes with GPUs of one kind: tainted, scaled between `min` and `max`, with GKE's driver or none.
 *
 * Cost: the nodes that run; none at `min` 0.
 *
 * Upgrade hazard: another GPU, number of GPUs, sharing or capacity makes another pool, and the nodes of the old one go.
 */
export class GkeGpuNodePool extends pulumi.ComponentResource {
  readonly nodePool: NodePool;
  /** The pool as the platform sees it. */
  readonly description: GpuPool;

  constructor(name: string, args: GkeGpuNodePoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { pool, context, highBandwidthNetworking, kubernetesVersion } = args;
    const machine = machineFor(pool);
    const facts = { region: context.region, highBandwidthNetworking, kubernetesVersion };
    const problems = gpuPoolProblems([pool], facts);
    if (machine === undefined || problems.length > 0) {
      throw new pulumi.ResourceError(`${name}:\n  ${problems.join("\n  ")}`, this, true);
    }
    this.nodePool = new NodePool(name, gpuNodePoolArgs(context, pool, machine, highBandwidthNetworking), {
      parent: this,
      dependsOn: [...args.dependsOn],
      // The first is the autoscaler's from the first node on. The other GKE completes by itself on machines that come
      // with local SSDs. A change of either would replace the pool.
      ignoreChanges: ["initialNodeCount", "nodeConfig.ephemeralStorageLocalSsdConfig"],
    });
    this.description = describeGpuPool(pool, machine);
    this.registerOutputs({});
  }
}
