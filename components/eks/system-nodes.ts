import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate.js";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup.js";
import * as pulumi from "@pulumi/pulumi";
import type { SystemPoolSettings } from "../shared/cloud-settings.ts";
import { nodeTemplate } from "./launch-template.ts";
import type { NodeRole } from "./node-role.ts";
import { poolLabel, systemMachine } from "./pools.ts";

const TYPE = "kubeflow:eks:SystemNodes";

export interface SystemNodesArgs {
  readonly pool: SystemPoolSettings;
  readonly clusterName: pulumi.Input<string>;
  readonly version: string;
  readonly role: NodeRole;
  readonly subnetIds: readonly pulumi.Output<string>[];
  readonly keyArn: pulumi.Input<string>;
  readonly tags: Readonly<Record<string, string>>;
  /** What nodes need to the end: network, and the add-ons that give pods addresses and identities. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** Karpenter's pods ask for it: they may not run on nodes that Karpenter could take away. */
export const controllerLabel = "karpenter.sh/controller";

/**
 * The nodes that are always there: for Karpenter, the cluster's own pods, and Kubeflow.
 *
 * ```ts
 * new SystemNodes("system", { pool, clusterName, version: "1.35", role, subnetIds, keyArn, tags, dependsOn });
 * ```
 *
 * Costs its machines at `min`, all the time. Upgrade hazard: another machine replaces the group.
 */
export class SystemNodes extends pulumi.ComponentResource {
  readonly group: pulumi.Resource;

  constructor(name: string, args: SystemNodesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { pool, role, keyArn, tags } = args;
    const template = new LaunchTemplate(name, nodeTemplate({ diskGiB: pool.diskGiB, keyArn, tags }), { parent: this });
    this.group = new NodeGroup(
      name,
      {
        clusterName: args.clusterName,
        version: args.version,
        nodeRoleArn: role.arn,
        subnetIds: [...args.subnetIds],
        amiType: "AL2023_x86_64_STANDARD",
        capacityType: "ON_DEMAND",
        instanceTypes: [pool.machineType ?? systemMachine],
        launchTemplate: { id: template.id, version: pulumi.interpolate`${template.latestVersion}` },
        scalingConfig: { minSize: pool.min, maxSize: pool.max, desiredSize: pool.min },
        updateConfig: { maxUnavailable: 1 },
        nodeRepairConfig: { enabled: true },
        labels: { [controllerLabel]: "true", [poolLabel]: "system" },
      },
      // The number of nodes is whoever's scaled them last; a deployment is no reason to scale back.
      { parent: this, dependsOn: [...role.policies, ...args.dependsOn], ignoreChanges: ["scalingConfig.desiredSize"] },
    );
    this.registerOutputs({});
  }
}
