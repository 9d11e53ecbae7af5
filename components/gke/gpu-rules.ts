/** What GKE refuses of a GPU pool, found before anything is asked of it. Pure. */
import semver from "semver";
import type { GpuPoolSettings } from "../shared/cloud-settings.ts";
import { gpuMachines, gpuModels, machineFor, machinesFor, type GpuMachine } from "./gpu-machines.ts";
import type { GkeSettings } from "./settings.ts";

/** What a rule may look at, beside the pool. */
export interface ClusterFacts extends Pick<GkeSettings, "region" | "highBandwidthNetworking"> {
  readonly kubernetesVersion: string;
}

interface Refusal {
  readonly key: keyof GpuPoolSettings;
  readonly allowed: string;
  /** Why GKE refuses it, and what to do. */
  readonly reason: string;
}

type Rule = (pool: GpuPoolSettings, machine: GpuMachine, cluster: ClusterFacts) => Refusal | undefined;

/** Nodes that a queue of Google's hands out for at most seven days. */
export const isLent = ({ capacity }: Pick<GpuPoolSettings, "capacity">): boolean =>
  capacity === "flex-start" || capacity === "queued";

/** GPUDirect over networks that GKE makes itself is for these. */
export const hasHighBandwidth = ({ machineType }: Pick<GpuMachine, "machineType">): boolean =>
  /^a[34]-/.test(machineType);

const isShared = ({ sharing }: GpuPoolSettings): boolean => sharing === "time-slicing" || sharing === "mps";

const list = (values: Iterable<number | string>): string => [...new Set(values)].join(", ");

/** The pool asks for a machine that exists. Only then is there anything to say of the rest. */
function machineRefusal(pool: GpuPoolSettings): Refusal | undefined {
  const ofModel = gpuMachines[pool.gpu];
  if (ofModel === undefined) {
    const reason = "Google Cloud has no machine with this GPU. Take another GPU, or another cloud for this pool";
    return { key: "gpu", allowed: list(Object.keys(gpuMachines)), reason };
  }
  const ofCount = machinesFor(pool);
  if (ofCount.length === 0) {
    const reason = `No machine has so many ${pool.gpu}. Take another number, and more nodes or fewer`;
    return { key: "gpusPerNode", allowed: list(ofModel.map(({ gpus }) => gpus)), reason };
  }
  if (machineFor(pool) !== undefined) return undefined;
  const reason = `This machine does not have ${String(pool.gpusPerNode)} ${pool.gpu}. Leave it out for the smallest`;
  return { key: "machineType", allowed: list(ofCount.map(({ machineType }) => machineType)), reason };
}

const capacityRules: readonly Rule[] = [
  ({ capacity, gpu }, { capacities, machineType }) => {
    if (capacities.includes(capacity)) return undefined;
    const reason = `Google does not sell ${machineType} (${gpu}) in this way. Take one of the others`;
    return { key: "capacity", allowed: list(capacities), reason };
  },
  (pool, { capacities }, { kubernetesVersion }) => {
    if (!isLent(pool) || semver.gte(kubernetesVersion, "1.32.2")) return undefined;
    const allowed = list(capacities.filter((capacity) => !isLent({ capacity })));
    return { key: "capacity", allowed, reason: "GKE lends nodes since 1.32.2. Raise kubeflow:kubernetesVersion" };
  },
  (pool) => {
    if (!isLent(pool) || pool.min === 0) return undefined;
    const reason = `A node of capacity ${pool.capacity} is handed out when a pod asks for it, and goes after seven days at most`;
    return { key: "min", allowed: "0", reason: `${reason}. Set it to 0, or take another capacity` };
  },
  ({ capacity, reservation }) => {
    if (capacity !== "reservation" || reservation !== undefined) return undefined;
    const reason = "Nodes come out of a reservation that is named. Name it, or take another capacity";
    return { key: "reservation", allowed: "the name of a reservation", reason };
  },
  ({ capacity, reservation }) => {
    if (capacity === "reservation" || reservation === undefined) return undefined;
    const reason = `GKE takes no reservation together with capacity ${capacity}. Leave it out, or set capacity to reservation`;
    return { key: "reservation", allowed: "not set", reason };
  },
  ({ reservation }) => {
    if (reservation === undefined || reservationName.test(reservation)) return undefined;
    const allowed = "NAME, or projects/PROJECT/reservations/NAME for one that another project shares";
    return { key: "reservation", allowed, reason: "This is not the name of a reservation" };
  },
  ({ capacity, zones }) => {
    if (capacity !== "reservation" || zones !== undefined) return undefined;
    const reason = "A reservation holds in its own zone, and every zone of the pool needs one of that name. Set zones";
    return { key: "zones", allowed: "the zones of the reservation", reason };
  },
];

const reservationName =
  /^(projects\/[a-z][a-z0-9-]{4,28}[a-z0-9]\/reservations\/)?[a-z]([-a-z0-9]*[a-z0-9])?(\/reservationBlocks\/[-a-z0-9]+)?$/;

const sharingRules: readonly Rule[] = [
  (pool) => {
    if (!isShared(pool) || pool.clientsPerGpu !== undefined) return undefined;
    return { key: "clientsPerGpu", allowed: "2 to 48", reason: `Say how many pods share a GPU, for ${pool.sharing}` };
  },
  (pool) => {
    if (isShared(pool) || pool.clientsPerGpu === undefined) return undefined;
    const reason = `GPUs are not shared by pods with sharing ${pool.sharing}. Leave it out, or set sharing to time-slicing or mps`;
    return { key: "clientsPerGpu", allowed: "not set", reason };
  },
  ({ sharing, gpu }) => {
    if (sharing !== "mig" || profilesOf(gpu).length > 0) return undefined;
    const reason = `A ${gpu} cannot be cut into slices. Share it, or take a GPU that can`;
    return { key: "sharing", allowed: "none, time-slicing, mps", reason };
  },
  ({ sharing, migProfile, gpu }) => {
    const allowed = profilesOf(gpu);
    if (sharing !== "mig" || allowed.length === 0) return undefined;
    if (migProfile !== undefined && allowed.includes(migProfile)) return undefined;
    return { key: "migProfile", allowed: list(allowed), reason: `GKE cuts a ${gpu} into slices of these sizes` };
  },
  ({ sharing, migProfile }) => {
    if (sharing === "mig" || migProfile === undefined) return undefined;
    const reason = `There are no slices with sharing ${sharing}. Leave it out, or set sharing to mig`;
    return { key: "migProfile", allowed: "not set", reason };
  },
  ({ sharing, driver }) => {
    if (driver !== "operator" || sharing === "none") return undefined;
    const reason = `On GKE it is its own device plugin that does ${sharing}, and driver operator switches it off. Set driver to managed`;
    return { key: "driver", allowed: "managed", reason };
  },
];

const profilesOf = (gpu: GpuPoolSettings["gpu"]): readonly string[] => gpuModels[gpu]?.migProfiles ?? [];

const placeRules: readonly Rule[] = [
  ({ zones = [] }, _machine, { region }) => {
    if (zones.every((zone) => zone.startsWith(`${region}-`))) return undefined;
    const reason = "A pool is in the region of its cluster. Take zones of it";
    return { key: "zones", allowed: `zones of ${region}`, reason };
  },
  ({ zones = [] }) => {
    if (new Set(zones).size === zones.length) return undefined;
    return { key: "zones", allowed: "each zone once", reason: "GKE takes a zone once. Take the second one out" };
  },
  ({ machineType }, machine, { highBandwidthNetworking, kubernetesVersion }) => {
    if (!highBandwidthNetworking || !hasHighBandwidth(machine) || semver.gte(kubernetesVersion, "1.34.1"))
      return undefined;
    const reason = `GKE makes the networks of a ${machine.machineType} since 1.34.1. Raise kubeflow:kubernetesVersion, or take highBandwidthNetworking out`;
    const allowed = machineType === undefined ? "machines that are not A3 or A4" : "another machine";
    return { key: "machineType", allowed, reason };
  },
];

const rules = [...capacityRules, ...sharingRules, ...placeRules];

/** Every refusal, as a person reads it; empty: GKE takes the pools. */
export function gpuPoolProblems(pools: readonly GpuPoolSettings[], cluster: ClusterFacts): readonly string[] {
  return pools.flatMap((pool, index) => {
    const machine = machineFor(pool);
    const found = machine === undefined ? [machineRefusal(pool)] : rules.map((rule) => rule(pool, machine, cluster));
    return found.flatMap((refusal) => (refusal === undefined ? [] : [described(pool, index, refusal)]));
  });
}

function described(pool: GpuPoolSettings, index: number, { key, allowed, reason }: Refusal): string {
  const value = pool[key];
  const shown = value === undefined ? "not set" : JSON.stringify(value);
  return `kubeflow:gke.gpuPools[${String(index)}].${key}: ${shown}; allowed: ${allowed}. ${reason}`;
}
