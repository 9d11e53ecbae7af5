/** What AWS or Karpenter would refuse, or quietly never do, of the pools of a stack. Pure. */
import type { CpuPoolSettings, GpuPoolSettings } from "../shared/cloud-settings.ts";
import { gpuMachineOf, gpuModels, vcpusOf } from "./gpu-machines.ts";
import { isElastic } from "./pools.ts";

interface Finding {
  /** Under the pool's own path. */
  readonly key: string;
  readonly value: unknown;
  /** What is allowed, and what to do. */
  readonly allowed: string;
}

type Rule<Pool> = (pool: Pool, zones: readonly string[]) => Finding | undefined;

const reservationId = /^cr-[0-9a-f]{8,17}$/;

/** Every reason why AWS has no such machine. */
const machineRules: readonly Rule<GpuPoolSettings>[] = [
  ({ gpu }) =>
    gpuModels[gpu].machines.length === 0
      ? { key: "gpu", value: gpu, allowed: `${soldGpus().join(", ")}. AWS has no machine with this GPU` }
      : undefined,
  ({ gpu, gpusPerNode }) => {
    const counts = [...new Set(gpuModels[gpu].machines.map(({ gpus }) => gpus))];
    return counts.length === 0 || counts.includes(gpusPerNode)
      ? undefined
      : {
          key: "gpusPerNode",
          value: gpusPerNode,
          allowed: `${counts.join(", ")}. AWS's machines with ${gpu} have so many`,
        };
  },
  ({ gpu, gpusPerNode, machineType }) => {
    const fitting = gpuModels[gpu].machines.filter(({ gpus }) => gpus === gpusPerNode).map(({ type }) => type);
    return machineType === undefined || fitting.length === 0 || fitting.includes(machineType)
      ? undefined
      : { key: "machineType", value: machineType, allowed: `${fitting.join(", ")}. Those have ${gpusPerNode} ${gpu}` };
  },
];

const capacityRules: readonly Rule<GpuPoolSettings>[] = [
  ({ capacity }) =>
    capacity === "flex-start" || capacity === "queued"
      ? {
          key: "capacity",
          value: capacity,
          allowed:
            "on-demand, spot, reservation, capacity-block. Only Google Cloud queues for capacity; on AWS, buy a capacity block",
        }
      : undefined,
  ({ capacity, reservation }) =>
    !isElastic({ capacity }) && isOfAws(capacity) && (reservation === undefined || !reservationId.test(reservation))
      ? {
          key: "reservation",
          value: reservation,
          allowed: `the id of a capacity reservation, cr-... Capacity ${capacity} is bought before the stack comes up: name what you bought`,
        }
      : undefined,
  ({ capacity, reservation }) =>
    isElastic({ capacity }) && reservation !== undefined
      ? {
          key: "reservation",
          value: reservation,
          allowed: `not set with capacity ${capacity}. Set capacity to reservation or capacity-block to use it`,
        }
      : undefined,
  ({ capacity, zones }) =>
    !isElastic({ capacity }) && isOfAws(capacity) && zones?.length !== 1
      ? { key: "zones", value: zones, allowed: "the one zone that the capacity was bought in" }
      : undefined,
  ({ gpu, capacity }) =>
    capacity === "capacity-block" && gpuModels[gpu].family !== "p"
      ? {
          key: "capacity",
          value: capacity,
          allowed: "on-demand, spot, reservation. AWS sells blocks of machines of its P families only",
        }
      : undefined,
  (pool) =>
    gpuMachineOf(pool)?.blockOnly === true && pool.capacity !== "capacity-block"
      ? {
          key: "capacity",
          value: pool.capacity,
          allowed: `capacity-block. ${pool.machineType ?? ""} is sold in blocks only`,
        }
      : undefined,
  ({ capacity, min }) =>
    capacity === "capacity-block" && min > 0
      ? {
          key: "min",
          value: min,
          allowed: "0. Before the block begins and after it ends no node can start, and the node group would fail",
        }
      : undefined,
  ({ capacity, min }) =>
    isElastic({ capacity }) && min > 0
      ? {
          key: "min",
          value: min,
          allowed: "0. Karpenter starts a node when a pod needs it, and keeps none for nobody; a reservation does",
        }
      : undefined,
];

const sharingRules: readonly Rule<GpuPoolSettings>[] = [
  ({ sharing, clientsPerGpu }) =>
    (sharing === "time-slicing" || sharing === "mps") && clientsPerGpu === undefined
      ? { key: "clientsPerGpu", value: undefined, allowed: `2 to 48. Sharing ${sharing} needs it` }
      : undefined,
  ({ sharing, clientsPerGpu }) =>
    sharing !== "time-slicing" && sharing !== "mps" && clientsPerGpu !== undefined
      ? { key: "clientsPerGpu", value: clientsPerGpu, allowed: `not set with sharing ${sharing}. Take it out` }
      : undefined,
  ({ gpu, sharing }) =>
    sharing === "mig" && gpuModels[gpu].migProfiles.length === 0
      ? { key: "sharing", value: sharing, allowed: `none, time-slicing, mps. NVIDIA's ${gpu} has no MIG` }
      : undefined,
  ({ gpu, sharing, migProfile }) => {
    const { migProfiles } = gpuModels[gpu];
    return sharing === "mig" && migProfiles.length > 0 && !migProfiles.includes(migProfile ?? "")
      ? { key: "migProfile", value: migProfile, allowed: `${migProfiles.join(", ")}: the slices of ${gpu}` }
      : undefined;
  },
  ({ sharing, migProfile }) =>
    sharing !== "mig" && migProfile !== undefined
      ? { key: "migProfile", value: migProfile, allowed: `not set with sharing ${sharing}. Take it out` }
      : undefined,
  ({ sharing, capacity }) =>
    sharing === "mig" && isElastic({ capacity })
      ? {
          key: "sharing",
          value: sharing,
          allowed:
            "none, time-slicing, mps; or capacity reservation. Karpenter counts whole GPUs, so a pod that asks for a slice would never get a node",
        }
      : undefined,
  ({ driver }) =>
    driver === "operator"
      ? {
          key: "driver",
          value: driver,
          allowed: "managed. The NVIDIA operator has no driver for Amazon Linux 2023, whose NVIDIA image has one",
        }
      : undefined,
];

/** Of every pool, whatever its machines. */
const placeRules: readonly Rule<Pick<CpuPoolSettings, "zones" | "labels">>[] = [
  (pool, zones) => {
    const foreign = pool.zones?.filter((zone) => !zones.includes(zone)) ?? [];
    return foreign.length > 0
      ? { key: "zones", value: foreign, allowed: `${zones.join(", ")}: the zones of the cluster` }
      : undefined;
  },
  ({ labels }) => {
    const reserved = Object.keys(labels).filter((key) =>
      /(^|\.)(karpenter\.sh|karpenter\.k8s\.aws|kubernetes\.io|k8s\.io)\//.test(key),
    );
    return reserved.length > 0
      ? { key: "labels", value: reserved, allowed: "labels of a domain of your own. EKS and Karpenter keep these" }
      : undefined;
  },
];

const cpuRules: readonly Rule<CpuPoolSettings>[] = [
  ({ min }) =>
    min > 0
      ? {
          key: "min",
          value: min,
          allowed: "0. Karpenter starts a node when a pod needs it; nodes that are always there are systemPool's",
        }
      : undefined,
  ({ machineType }) =>
    machineType !== undefined && isArm(machineType)
      ? {
          key: "machineType",
          value: machineType,
          allowed: "a machine with x86. Kubeflow's images are not all built for ARM",
        }
      : undefined,
  ({ machineType }) =>
    machineType !== undefined && vcpusOf(machineType) === undefined
      ? {
          key: "machineType",
          value: machineType,
          allowed: "a size that tells its vCPUs, such as m7i.2xlarge. Karpenter caps a pool by its vCPUs",
        }
      : undefined,
];

/** Everything that is wrong with the pools, by the path in the stack's file. */
export function poolProblems(settings: {
  readonly zones: readonly string[];
  readonly cpuPools: readonly CpuPoolSettings[];
  readonly gpuPools: readonly GpuPoolSettings[];
}): readonly string[] {
  const { zones, cpuPools, gpuPools } = settings;
  const gpuRules = [...machineRules, ...capacityRules, ...sharingRules, ...placeRules];
  return [
    ...findings("gpuPools", gpuPools, gpuRules, zones),
    ...findings("cpuPools", cpuPools, [...cpuRules, ...placeRules], zones),
  ];
}

function findings<Pool>(
  key: string,
  pools: readonly Pool[],
  rules: readonly Rule<Pool>[],
  zones: readonly string[],
): readonly string[] {
  return pools.flatMap((pool, index) =>
    rules
      .map((rule) => rule(pool, zones))
      .filter((finding) => finding !== undefined)
      .map(
        ({ key: field, value, allowed }) =>
          `kubeflow:eks.${key}[${index}].${field}: ${value === undefined ? "not set" : JSON.stringify(value)}; allowed: ${allowed}`,
      ),
  );
}

function isOfAws(capacity: GpuPoolSettings["capacity"]): boolean {
  return capacity !== "flex-start" && capacity !== "queued";
}

/** Graviton machines have a `g` after the number of their generation. */
function isArm(machineType: string): boolean {
  return /^[a-z]+\d+[a-z]*g[a-z]*\./.test(machineType);
}

function soldGpus(): readonly string[] {
  return Object.entries(gpuModels)
    .filter(([, { machines }]) => machines.length > 0)
    .map(([name]) => name);
}
