import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { Karpenter } from "./karpenter.ts";
import { ec2NodeClass, nodePool, type NodeClassPlan, type NodePoolPlan } from "./karpenter-objects.ts";

const TYPE = "kubeflow:eks:KarpenterPool";

export interface KarpenterPoolArgs {
  readonly pool: NodePoolPlan;
  readonly nodeClass: Omit<NodeClassPlan, "name" | "instanceProfile">;
  readonly karpenter: Karpenter;
  /** What nodes need to the end: the network. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * Nodes that Karpenter starts when a pod asks for them.
 *
 * ```ts
 * new KarpenterPool("l4", { pool, nodeClass, karpenter, dependsOn: [...network.egress] }, { parent: this });
 * ```
 *
 * Costs nothing while nobody needs it.
 */
export class KarpenterPool extends pulumi.ComponentResource {
  /** Deleting it waits until its machines are gone. */
  readonly resource: pulumi.Resource;

  constructor(name: string, args: KarpenterPoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { karpenter, pool, nodeClass } = args;
    const { instanceProfile } = karpenter;
    const machines = new CustomResource(
      `${name}-class`,
      ec2NodeClass({ ...nodeClass, name: pool.name, instanceProfile }),
      { parent: this, dependsOn: [...karpenter.ready, ...args.dependsOn] },
    );
    this.resource = new CustomResource(
      name,
      nodePool(pool),
      // Pulumi deletes in the foreground, so that the pool goes after its node claims, and those after their machines.
      // The class has to be there until then.
      { parent: this, dependsOn: [machines] },
    );
    this.registerOutputs({});
  }
}
