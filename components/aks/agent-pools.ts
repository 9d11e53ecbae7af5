import { AgentPool, type AgentPoolArgs } from "@pulumi/azure-native/containerservice/agentPool.js";
import * as pulumi from "@pulumi/pulumi";
import { gpuTaint, type GpuPool } from "../contracts/gpu-pool.ts";
import { resourceNameOf, sharingLabels } from "../gpu/sharing.ts";
import type { CpuPoolSettings, GpuPoolSettings, SystemPoolSettings } from "../shared/cloud-settings.ts";
import { driverOf, machineFor } from "./gpu-machines.ts";
import { ownPools } from "./gpu-rules.ts";

const TYPE = "kubeflow:aks:AgentPools";

/** AKS puts it on spot nodes by itself, and refuses a pool without it in its record. */
const spotTaint = { key: "kubernetes.azure.com/scalesetpriority", value: "spot", effect: "NoSchedule" } as const;

export interface AgentPoolsArgs {
  readonly resourceGroupName: pulumi.Input<string>;
  readonly clusterName: pulumi.Input<string>;
  readonly subnetId: pulumi.Input<string>;
  readonly kubernetesVersion: string;
  readonly zones: readonly string[];
  readonly encryptionAtHost: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly systemPool: SystemPoolSettings;
  readonly cpuPools: readonly CpuPoolSettings[];
  /** Checked by `gpuPoolProblems`. */
  readonly gpuPools: readonly GpuPoolSettings[];
}

/**
 * The nodes of a cluster: one pool for Kubeflow, and those for notebooks, pipeline steps and GPUs, each autoscaled.
 *
 * ```ts
 * const pools = new AgentPools("pools", { resourceGroupName, clusterName, subnetId, zones: ["1"], ... });
 * ```
 *
 * Cost: the machines that run. Upgrade hazard: another machine type replaces a pool, old nodes first.
 */
export class AgentPools extends pulumi.ComponentResource {
  readonly ready: readonly pulumi.Resource[];
  readonly gpuPools: readonly GpuPool[];

  constructor(name: string, args: AgentPoolsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { systemPool, cpuPools } = args;
    this.gpuPools = args.gpuPools.flatMap((pool) => gpuPoolOf(pool) ?? []);
    const kubeflow = this.createPool(name, args, ownPools.kubeflow, {
      vmSize: systemPool.machineType ?? "Standard_D8ds_v5",
      ...sizeOf(systemPool),
      nodeLabels: poolLabels(ownPools.kubeflow),
    });
    const cpu = cpuPools.map((pool) =>
      this.createPool(name, args, pool.name, {
        vmSize: pool.machineType ?? "Standard_D8ds_v5",
        ...sizeOf(pool),
        ...zonesOf(pool),
        ...(pool.spot ? { ...spot, nodeTaints: [formatTaint(spotTaint)] } : {}),
        nodeLabels: { ...pool.labels, ...poolLabels(pool.name) },
      }),
    );
    const gpu = args.gpuPools.map((pool, index) =>
      this.createPool(name, args, pool.name, gpuArgs(pool, this.gpuPools[index])),
    );
    this.ready = [kubeflow, ...cpu, ...gpu];
    this.registerOutputs({});
  }

  private createPool(
    name: string,
    args: AgentPoolsArgs,
    agentPoolName: string,
    rest: Omit<AgentPoolArgs, "resourceGroupName" | "resourceName">,
  ): AgentPool {
    return new AgentPool(
      `${name}-${agentPoolName}`,
      {
        resourceGroupName: args.resourceGroupName,
        resourceName: args.clusterName,
        agentPoolName,
        mode: "User",
        type: "VirtualMachineScaleSets",
        osType: "Linux",
        osSKU: "Ubuntu",
        orchestratorVersion: args.kubernetesVersion,
        vnetSubnetID: args.subnetId,
        enableNodePublicIP: false,
        enableEncryptionAtHost: args.encryptionAtHost,
        scaleDownMode: "Delete",
        availabilityZones: [...args.zones],
        upgradeSettings: { maxSurge: "1", drainTimeoutInMinutes: 30, undrainableNodeBehavior: "Cordon" },
        tags: args.tags,
        ...rest,
      },
      {
        parent: this,
        // The autoscaler's.
        ignoreChanges: ["count"],
        // Config names the pools, so the old one has to go before the new one.
        deleteBeforeReplace: true,
      },
    );
  }
}

const spot = { scaleSetPriority: "Spot", scaleSetEvictionPolicy: "Delete", spotMaxPrice: -1 } as const;

function sizeOf({ min, max, diskGiB }: { readonly min: number; readonly max: number; readonly diskGiB: number }) {
  return { enableAutoScaling: true, count: min, minCount: min, maxCount: max, osDiskSizeGB: diskGiB };
}

function zonesOf({ zones }: { readonly zones?: readonly string[] | undefined }) {
  return zones === undefined ? {} : { availabilityZones: [...zones] };
}

const poolLabels = (pool: string): Readonly<Record<string, string>> => ({ "kubeflow.org/pool": pool });

function formatTaint({
  key,
  value,
  effect,
}: {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}) {
  return `${key}=${value ?? ""}:${effect}`;
}

/** A pool as those that schedule on it see it; undefined for one that AKS has no machine for. */
function gpuPoolOf(pool: GpuPoolSettings): GpuPool | undefined {
  const machine = machineFor(pool);
  if (machine === undefined) return undefined;
  const { name, gpu, gpusPerNode, min, max, sharing, clientsPerGpu, migProfile } = pool;
  const driver = driverOf(pool, machine);
  return {
    ...{ name, gpu, gpusPerNode, min, max, sharing },
    gpuMemoryGiB: machine.memoryGiB,
    resourceName: resourceNameOf(pool),
    labels: {
      ...pool.labels,
      ...poolLabels(name),
      "kubeflow.org/gpu": gpu,
      // AKS's own label of nodes with a GPU.
      accelerator: "nvidia",
      ...softwareLabels(pool, driver),
    },
    taints: [gpuTaint, ...(pool.capacity === "spot" ? [spotTaint] : [])],
    driver: driver === "managed" ? "preinstalled" : "operator",
    ...(clientsPerGpu === undefined ? {} : { clientsPerGpu }),
    ...(migProfile === undefined ? {} : { migProfile }),
  };
}

/** What tells the operator what a node needs of it: AKS slices GPUs itself where it brings the driver. */
function softwareLabels(pool: GpuPoolSettings, driver: "managed" | "operator"): Readonly<Record<string, string>> {
  if (driver === "operator") return sharingLabels(pool);
  const own = { "nvidia.com/gpu.deploy.driver": "false", "nvidia.com/gpu.deploy.container-toolkit": "false" };
  return pool.sharing === "mig"
    ? { ...own, "nvidia.com/gpu.deploy.mig-manager": "false" }
    : { ...own, ...sharingLabels(pool) };
}

function gpuArgs(pool: GpuPoolSettings, seen: GpuPool | undefined) {
  const machine = machineFor(pool);
  if (machine === undefined || seen === undefined) throw new Error(`${pool.name}: unchecked settings`);
  const isManaged = seen.driver === "preinstalled";
  const part = pool.migProfile?.split(".")[0];
  return {
    vmSize: machine.vmSize,
    ...sizeOf(pool),
    ...zonesOf(pool),
    gpuProfile: { driver: isManaged ? "Install" : "None" },
    ...(isManaged && pool.sharing === "mig" && part !== undefined ? { gpuInstanceProfile: `MIG${part}` } : {}),
    // Pods' scratch space and images on the machine's own disk.
    ...(pool.localSsd ? { kubeletDiskType: "Temporary" } : {}),
    ...(pool.capacity === "spot" ? spot : {}),
    ...(pool.reservation === undefined ? {} : { capacityReservationGroupID: pool.reservation }),
    nodeLabels: seen.labels,
    nodeTaints: seen.taints.map(formatTaint),
  };
}
