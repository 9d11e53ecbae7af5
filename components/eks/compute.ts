import * as pulumi from "@pulumi/pulumi";
import { Addon, type AddonName } from "./addon.ts";
import type { Place } from "./aws-names.ts";
import type { Cluster } from "./cluster.ts";
import { FabricPlugin } from "./fabric-plugin.ts";
import { hasFabric, vcpusOf } from "./gpu-machines.ts";
import { KarpenterPool } from "./karpenter-pool.ts";
import type { NodePoolPlan } from "./karpenter-objects.ts";
import { Karpenter } from "./karpenter.ts";
import type { Network } from "./network.ts";
import { NodeRole } from "./node-role.ts";
import { cpuMachinesOf, isElastic, poolLabel, type GpuPlan } from "./pools.ts";
import { ReservedGpuNodes } from "./reserved-gpu-nodes.ts";
import type { EksSettings } from "./settings.ts";
import { SystemNodes } from "./system-nodes.ts";

const TYPE = "kubeflow:eks:Compute";

export interface ComputeArgs {
  readonly settings: EksSettings;
  readonly place: Place;
  /** `1.35` */
  readonly version: string;
  readonly cluster: Cluster;
  readonly network: Network;
  readonly keyArn: pulumi.Output<string>;
  readonly gpuPools: readonly GpuPlan[];
  readonly tags: Readonly<Record<string, string>>;
  /** What nodes need to the end, beside the network's way out: private ways to AWS. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * Every node of a cluster, and what makes them nodes: add-ons, the system group, Karpenter with its pools, and groups on
 * capacity that was bought.
 *
 * ```ts
 * const compute = new Compute("compute", { settings, place, version, cluster, network, keyArn, gpuPools, tags, dependsOn });
 * ```
 *
 * It goes in the order in which nodes can still say goodbye: pools, Karpenter, system nodes, then what they stand on.
 */
export class Compute extends pulumi.ComponentResource {
  /** Nodes that are always there, and what pods of the cluster itself need. */
  readonly base: readonly pulumi.Resource[];
  /** Those that give volumes and take them back. */
  readonly drivers: readonly pulumi.Resource[];
  /** Every pool, too. */
  readonly ready: readonly pulumi.Resource[];
  private readonly args: ComputeArgs;
  /** What every node needs to its end. */
  private readonly underNodes: readonly pulumi.Resource[];

  constructor(name: string, args: ComputeArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { settings, place, version, cluster, network, keyArn, gpuPools, tags } = args;
    this.args = args;
    const underAddons = [...network.egress, ...args.dependsOn];
    // Before nodes: without addresses for pods, a way to their roles and to the API no node gets ready.
    const first = (["vpc-cni", "eks-pod-identity-agent", "kube-proxy"] as const).map((addon) =>
      this.addon(name, addon, underAddons),
    );
    this.underNodes = [...underAddons, ...first];
    const role = new NodeRole(`${name}-nodes`, { place }, { parent: this });
    const system = new SystemNodes(
      `${name}-system`,
      {
        pool: settings.systemPool,
        ...{ clusterName: cluster.name, version, role, keyArn, tags },
        subnetIds: network.subnetIds("private"),
        dependsOn: this.underNodes,
      },
      { parent: this },
    );
    this.drivers = [
      this.addon(name, "aws-ebs-csi-driver", [system.group]),
      ...(settings.sharedStorage ? [this.addon(name, "aws-efs-csi-driver", [system.group])] : []),
    ];
    this.base = [system.group, this.addon(name, "coredns", [system.group])];
    const elastic = this.createElasticPools(name);
    const reserved = gpuPools
      .filter((plan) => !isElastic(plan.settings))
      .map((plan) => this.createReservedPool(name, plan, role));
    if (reserved.length > 0 && gpuPools.some(({ settings, machine }) => !isElastic(settings) && hasFabric(machine))) {
      new FabricPlugin(`${name}-fabric`, this.base, { parent: this });
    }
    this.ready = [...this.base, ...this.drivers, ...elastic, ...reserved];
    this.registerOutputs({});
  }

  private addon(name: string, addon: AddonName, dependsOn: readonly pulumi.Resource[]): pulumi.Resource {
    const { place, cluster, settings } = this.args;
    return new Addon(
      `${name}-${addon}`,
      { addon, place, clusterName: cluster.name, versions: settings.addonVersions, dependsOn },
      { parent: this },
    ).resource;
  }

  private createElasticPools(name: string): readonly pulumi.Resource[] {
    const { settings, place, cluster, network, keyArn, gpuPools, tags } = this.args;
    const pools = [
      ...settings.cpuPools.map((pool) => ({ ...cpuPlan(pool, settings), diskGiB: pool.diskGiB, localSsd: false })),
      ...gpuPools
        .filter((plan) => isElastic(plan.settings))
        .map((plan) => {
          const { diskGiB, localSsd } = plan.settings;
          return { ...gpuPlan(plan, settings), diskGiB, localSsd };
        }),
    ];
    if (pools.length === 0) return [];
    const karpenter = new Karpenter(
      `${name}-karpenter`,
      {
        place,
        clusterName: cluster.name,
        replicas: Math.min(2, settings.systemPool.min),
        dependsOn: [...this.base, ...this.underNodes],
      },
      { parent: this },
    );
    return pools.map(({ diskGiB, localSsd, ...pool }) => {
      const subnetIds = network.subnetIds("private", pool.zones);
      const { amiVersion } = settings;
      const nodeClass = {
        amiVersion,
        subnetIds,
        securityGroupId: cluster.securityGroupId,
        keyArn,
        diskGiB,
        localSsd,
        tags,
      };
      return new KarpenterPool(
        `${name}-${pool.name}`,
        { pool, nodeClass, karpenter, dependsOn: this.underNodes },
        { parent: this },
      ).resource;
    });
  }

  private createReservedPool(name: string, plan: GpuPlan, role: NodeRole): pulumi.Resource {
    const { version, cluster, network, keyArn, tags } = this.args;
    return new ReservedGpuNodes(
      `${name}-${plan.pool.name}`,
      {
        ...{ plan, cluster, version, role, keyArn, tags },
        vpcId: network.vpcId,
        subnetIds: network.subnetIds("private", plan.settings.zones),
        dependsOn: this.underNodes,
      },
      { parent: this },
    ).group;
  }
}

type Elsewhere = Pick<EksSettings, "zones" | "maintenance">;

/** A pool is capped by vCPUs, which its machines have alike. */
function cpuPlan(pool: EksSettings["cpuPools"][number], { zones, maintenance }: Elsewhere): NodePoolPlan {
  const machines = cpuMachinesOf(pool);
  return {
    name: pool.name,
    machines,
    zones: pool.zones ?? zones,
    spot: pool.spot,
    labels: { ...pool.labels, [poolLabel]: pool.name },
    taints: [],
    limits: { cpu: pool.max * (vcpusOf(machines[0]) ?? 0) },
    keepBusyNodes: false,
    maintenance,
  };
}

function gpuPlan({ settings, machine, pool }: GpuPlan, { zones, maintenance }: Elsewhere): NodePoolPlan {
  return {
    name: pool.name,
    machines: [machine.type],
    zones: settings.zones ?? zones,
    spot: settings.capacity === "spot",
    labels: pool.labels,
    taints: pool.taints,
    limits: { "nvidia.com/gpu": pool.max * pool.gpusPerNode },
    keepBusyNodes: true,
    maintenance,
  };
}
