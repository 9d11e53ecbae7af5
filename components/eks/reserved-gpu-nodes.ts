import { LaunchTemplate, type LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate.js";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup.js";
import { SecurityGroupEgressRule } from "@pulumi/aws/vpc/securityGroupEgressRule.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";
import { hasFabric, type GpuMachine } from "./gpu-machines.ts";
import { nodeTemplate } from "./launch-template.ts";
import type { NodeRole } from "./node-role.ts";
import type { GpuPlan } from "./pools.ts";

const TYPE = "kubeflow:eks:ReservedGpuNodes";

export interface ReservedGpuNodesArgs {
  /** With capacity `reservation` or `capacity-block`. */
  readonly plan: GpuPlan;
  readonly cluster: Cluster;
  readonly version: string;
  readonly role: NodeRole;
  readonly vpcId: pulumi.Input<string>;
  /** Of the one zone that the capacity was bought in. */
  readonly subnetIds: readonly pulumi.Output<string>[];
  readonly keyArn: pulumi.Input<string>;
  readonly tags: Readonly<Record<string, string>>;
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * Nodes on GPU capacity that was bought beforehand. Machines that have an Elastic Fabric get all of its interfaces.
 *
 * ```ts
 * new ReservedGpuNodes("h100", { plan, cluster, version: "1.35", role, vpcId, subnetIds, keyArn, tags, dependsOn });
 * ```
 *
 * Buys nothing by itself: what the reservation costs, it costs without nodes too. Nobody scales the group but you; a
 * capacity block drains its nodes half an hour before it ends.
 */
export class ReservedGpuNodes extends pulumi.ComponentResource {
  readonly group: NodeGroup;

  constructor(name: string, args: ReservedGpuNodesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { plan, cluster, role } = args;
    const { pool } = plan;
    const fabric = hasFabric(plan.machine) ? this.createFabric(name, args) : undefined;
    const template = new LaunchTemplate(name, templateOf(args, fabric?.group.id), { parent: this });
    const isBlock = plan.settings.capacity === "capacity-block";
    this.group = new NodeGroup(
      name,
      {
        clusterName: cluster.name,
        version: args.version,
        nodeRoleArn: role.arn,
        subnetIds: [...args.subnetIds],
        amiType: "AL2023_x86_64_NVIDIA",
        capacityType: isBlock ? "CAPACITY_BLOCK" : "ON_DEMAND",
        // A block's machine has to be in the template, and then may not be here.
        ...(isBlock ? {} : { instanceTypes: [plan.machine.type] }),
        launchTemplate: { id: template.id, version: pulumi.interpolate`${template.latestVersion}` },
        scalingConfig: { minSize: pool.min, maxSize: pool.max, desiredSize: pool.min },
        updateConfig: { maxUnavailable: 1 },
        nodeRepairConfig: { enabled: true },
        labels: { ...pool.labels },
        taints: pool.taints.map(({ key, value }) => ({
          key,
          effect: "NO_SCHEDULE",
          ...(value === undefined ? {} : { value }),
        })),
      },
      {
        parent: this,
        dependsOn: [...role.policies, ...(fabric?.rules ?? []), ...args.dependsOn],
        // Scaled by hand or on a schedule, when the capacity is there.
        ignoreChanges: ["scalingConfig.desiredSize"],
      },
    );
    this.registerOutputs({});
  }

  /** The fabric goes past the kernel, and only between members of a group that allows everything between them. */
  private createFabric(name: string, { vpcId }: ReservedGpuNodesArgs) {
    const group = new SecurityGroup(
      name,
      { vpcId, description: "Elastic Fabric between the nodes of a GPU pool" },
      { parent: this },
    );
    const rule = { securityGroupId: group.id, referencedSecurityGroupId: group.id, ipProtocol: "-1" };
    const rules = [
      new SecurityGroupIngressRule(name, rule, { parent: this }),
      new SecurityGroupEgressRule(name, rule, { parent: this }),
    ];
    return { group, rules };
  }
}

function templateOf(args: ReservedGpuNodesArgs, fabricGroup: pulumi.Output<string> | undefined): LaunchTemplateArgs {
  const { plan, keyArn, tags, cluster } = args;
  const { capacity, reservation, diskGiB, localSsd } = plan.settings;
  return {
    ...nodeTemplate({ diskGiB, keyArn, tags }),
    ...(capacity === "capacity-block"
      ? { instanceType: plan.machine.type, instanceMarketOptions: { marketType: "capacity-block" } }
      : {}),
    ...(reservation === undefined
      ? {}
      : { capacityReservationSpecification: { capacityReservationTarget: { capacityReservationId: reservation } } }),
    ...(fabricGroup === undefined
      ? {}
      : { networkInterfaces: fabricInterfaces(plan.machine, [cluster.securityGroupId, fabricGroup]) }),
    ...(localSsd ? { userData: Buffer.from(localSsdUserData).toString("base64") } : {}),
  };
}

/** One per network card; only the first has an address. */
function fabricInterfaces({ efa }: Pick<GpuMachine, "efa">, securityGroups: readonly pulumi.Output<string>[]) {
  return Array.from({ length: efa }, (_, card) => ({
    networkCardIndex: card,
    deviceIndex: card === 0 ? 0 : 1,
    interfaceType: card === 0 ? "efa" : "efa-only",
    securityGroups: [...securityGroups],
    deleteOnTermination: "true",
  }));
}

/** EKS adds its own part. */
const localSsdUserData = `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="//"

--//
Content-Type: application/node.eks.aws

apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  instance:
    localStorage:
      strategy: RAID0

--//--
`;
