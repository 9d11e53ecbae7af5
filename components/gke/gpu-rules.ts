/** What GKE refuses of a GPU pool, found before anything is asked of it. Pure. */
import semver from "semver";
import type { GpuPoolSettings } from "../shared/cloud-settings.ts";
import {
  gpuPoolRefusals,
  list,
  misnamedReservation,
  sharingRules as commonSharingRules,
  uncuttable,
  type GpuPoolRule,
} from "../shared/gpu-pool-rules.ts";
import { gpuMachines, gpuModels, machineFor, machinesFor, type GpuMachine } from "./gpu-machines.ts";
import type { GkeSettings } from "./settings.ts";

/** What a rule may look at, beside the pool. */
export interface ClusterFacts extends Pick<GkeSettings, "region" | "highBandwidthNetworking"> {
  readonly kubernetesVersion: string;
}

type Rule = GpuPoolRule<GpuMachine, ClusterFacts>;

/** Nodes that a queue of Google's hands out for at most seven days. */
export const isLent = ({ capacity }: Pick<GpuPoolSettings, "capacity">): boolean =>
  capacity === "flex-start" || capacity === "queued";

/** GPUDirect over networks that GKE makes itself is for these. */
export const hasHighBandwidth = ({ machineType }: Pick<GpuMachine, "machineType">): boolean =>
  /^a[34]-/.test(machineType);

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
  (pool) => misnamedReservation(pool, "GKE", { title: "reservation", form: "the name of a reservation" }),
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
  ...commonSharingRules,
  (pool) => uncuttable(pool, profilesOf(pool.gpu)),
  ({ sharing, migProfile, gpu }) => {
    const allowed = profilesOf(gpu);
    if (sharing !== "mig" || allowed.length === 0) return undefined;
    if (migProfile !== undefined && allowed.includes(migProfile)) return undefined;
    return { key: "migProfile", allowed: list(allowed), reason: `GKE cuts a ${gpu} into slices of these sizes` };
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
  const typeOf = ({ machineType }: GpuMachine): string => machineType;
  const catalogue = { cloud: "Google Cloud", machines: gpuMachines, machinesFor, machineFor, typeOf };
  return gpuPoolRefusals("kubeflow:gke.gpuPools", pools, cluster, catalogue, rules);
}
