/** What all nodes of a cluster have in common, whatever they are for. */
import type { NodePoolArgs } from "@pulumi/gcp/container/nodePool.js";
import type { container } from "@pulumi/gcp/types/input.js";
import type * as pulumi from "@pulumi/pulumi";
import type { GpuMachine } from "./gpu-machines.ts";

/** What a pool needs to know of its cluster. */
export interface PoolContext {
  /** Its id: pools are of the cluster itself, not of one of its name. */
  readonly cluster: pulumi.Input<string>;
  readonly region: string;
  /** Where nodes are, unless a pool says otherwise. */
  readonly zones: readonly string[];
  readonly serviceAccount: pulumi.Input<string>;
  /** Of boot disks. */
  readonly diskKey: pulumi.Input<string>;
  readonly labels: Readonly<Record<string, string>>;
}

/** The plain part of a pool, which settings of every kind of pool have. */
export interface PoolShape {
  readonly machineType: string;
  readonly diskGiB: number;
  readonly diskType: GpuMachine["diskType"];
  readonly min: number;
  readonly max: number;
  readonly zones?: readonly string[] | undefined;
  readonly spot: boolean;
  /** Of the nodes in Kubernetes. */
  readonly nodeLabels: Readonly<Record<string, string>>;
}

export function nodePoolArgs(
  context: PoolContext,
  shape: PoolShape,
  special: { readonly pool?: Partial<NodePoolArgs>; readonly node?: Partial<container.NodePoolNodeConfig> } = {},
): NodePoolArgs {
  const zones = shape.zones ?? context.zones;
  return {
    cluster: context.cluster,
    location: context.region,
    nodeLocations: [...zones],
    initialNodeCount: initialNodes(shape, zones.length),
    autoscaling: {
      totalMinNodeCount: shape.min,
      totalMaxNodeCount: shape.max,
      // Where there is capacity and a reservation is unused, rather than evenly.
      locationPolicy: shape.min === 0 || shape.spot ? "ANY" : "BALANCED",
    },
    ignoreNodeCountChanges: true,
    management: { autoRepair: true, autoUpgrade: true },
    upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
    networkConfig: { enablePrivateNodes: true },
    nodeDrainConfigs: [{ respectPdbDuringNodePoolDeletion: true }],
    ...special.pool,
    nodeConfig: { ...nodeConfig(context, shape), ...special.node },
  };
}

/** GKE counts them per zone, and `max` in all zones together. */
function initialNodes({ min, max }: PoolShape, zones: number): number {
  const perZone = Math.ceil(min / zones);
  return perZone * zones <= max ? perZone : Math.floor(min / zones);
}

function nodeConfig(context: PoolContext, shape: PoolShape): container.NodePoolNodeConfig {
  return {
    machineType: shape.machineType,
    diskSizeGb: shape.diskGiB,
    diskType: shape.diskType,
    bootDiskKmsKey: context.diskKey,
    imageType: "COS_CONTAINERD",
    serviceAccount: context.serviceAccount,
    // What the account may do is up to its roles.
    oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
    labels: shape.nodeLabels,
    resourceLabels: context.labels,
    metadata: { "disable-legacy-endpoints": "true" },
    spot: shape.spot,
    shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
    workloadMetadataConfig: { mode: "GKE_METADATA" },
    kubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" },
    // Images are read as they are needed: a notebook image of many gigabytes starts in seconds.
    gcfsConfig: { enabled: true },
    gvnic: { enabled: true },
  };
}
