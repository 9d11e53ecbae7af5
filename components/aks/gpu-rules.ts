/** What AKS refuses of a GPU pool, found before anything is asked of it. Pure. */
import type { GpuPoolSettings } from "../shared/cloud-settings.ts";
import { driverOf, gpuMachines, machineFor, machinesFor, type GpuMachine } from "./gpu-machines.ts";
import type { AksSettings } from "./settings.ts";

interface Refusal {
  readonly key: keyof GpuPoolSettings;
  readonly allowed: string;
  /** Why AKS refuses it, and what to do. */
  readonly reason: string;
}

type Rule = (pool: GpuPoolSettings, machine: GpuMachine, cluster: Pick<AksSettings, "zones">) => Refusal | undefined;

const capacities: readonly string[] = ["on-demand", "spot", "reservation"];

/** Names that pools of our own have. */
export const ownPools = { system: "system", kubeflow: "kubeflow" } as const;

const isShared = ({ sharing }: GpuPoolSettings): boolean => sharing === "time-slicing" || sharing === "mps";

const list = (values: Iterable<number | string>): string => [...new Set(values)].join(", ");

/** The pool asks for a machine that exists. Only then is there anything to say of the rest. */
function machineRefusal(pool: GpuPoolSettings): Refusal | undefined {
  const ofModel = gpuMachines[pool.gpu];
  if (ofModel === undefined) {
    const reason = "AKS has no machine with this GPU. Take another GPU, or another cloud for this pool";
    return { key: "gpu", allowed: list(Object.keys(gpuMachines)), reason };
  }
  const ofCount = machinesFor(pool);
  if (ofCount.length === 0) {
    const reason = `No machine has so many ${pool.gpu}. Take another number, and more nodes or fewer`;
    return { key: "gpusPerNode", allowed: list(ofModel.map(({ gpus }) => gpus)), reason };
  }
  if (machineFor(pool) !== undefined) return undefined;
  const reason = `This machine does not have ${String(pool.gpusPerNode)} ${pool.gpu}. Leave it out for the smallest`;
  return { key: "machineType", allowed: list(ofCount.map(({ vmSize }) => vmSize)), reason };
}

const capacityRules: readonly Rule[] = [
  ({ capacity }) => {
    if (capacities.includes(capacity)) return undefined;
    const reason = "Azure does not sell machines in this way. Take one of the others";
    return { key: "capacity", allowed: list(capacities), reason };
  },
  ({ capacity, reservation }) => {
    if (capacity !== "reservation" || reservation !== undefined) return undefined;
    const reason = "Nodes come out of a capacity reservation group that is named. Name it, or take another capacity";
    return { key: "reservation", allowed: reservationForm, reason };
  },
  ({ capacity, reservation }) => {
    if (capacity === "reservation" || reservation === undefined) return undefined;
    const reason = `AKS takes no reservation together with capacity ${capacity}. Leave it out, or set capacity to reservation`;
    return { key: "reservation", allowed: "not set", reason };
  },
  ({ reservation }) => {
    if (reservation === undefined || reservationId.test(reservation)) return undefined;
    return {
      key: "reservation",
      allowed: reservationForm,
      reason: "This is not the id of a capacity reservation group",
    };
  },
];

const reservationForm =
  "/subscriptions/ID/resourceGroups/NAME/providers/Microsoft.Compute/capacityReservationGroups/NAME";
const reservationId =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/capacityReservationGroups\/[^/]+$/i;

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
  ({ sharing, gpu }, { migProfiles }) => {
    if (sharing !== "mig" || migProfiles.length > 0) return undefined;
    const reason = `A ${gpu} cannot be cut into slices. Share it, or take a GPU that can`;
    return { key: "sharing", allowed: "none, time-slicing, mps", reason };
  },
  (pool, machine) => {
    const allowed = profilesFor(pool, machine);
    if (pool.sharing !== "mig" || allowed.length === 0) return undefined;
    if (pool.migProfile !== undefined && allowed.includes(pool.migProfile)) return undefined;
    const who = driverOf(pool, machine) === "managed" ? "AKS" : "The GPU operator";
    return {
      key: "migProfile",
      allowed: list(allowed),
      reason: `${who} cuts the GPUs of ${machine.vmSize} into these`,
    };
  },
  ({ sharing, migProfile }) => {
    if (sharing === "mig" || migProfile === undefined) return undefined;
    const reason = `There are no slices with sharing ${sharing}. Leave it out, or set sharing to mig`;
    return { key: "migProfile", allowed: "not set", reason };
  },
];

/** AKS itself has one size of slice for each part of the GPU, so no `1g` with twice the memory. */
function profilesFor(pool: GpuPoolSettings, machine: GpuMachine): readonly string[] {
  if (driverOf(pool, machine) === "operator") return machine.migProfiles;
  const parts = machine.migProfiles.map((profile) => profile.split(".")[0]);
  return machine.migProfiles.filter((_, index) => parts.indexOf(parts[index]) === index);
}

const otherRules: readonly Rule[] = [
  ({ driver }, { drivers, vmSize }) => {
    if (driver === undefined || drivers.includes(driver)) return undefined;
    const reason = `${vmSize} needs NVIDIA's GRID driver, which AKS installs and the GPU operator does not have. Leave it out`;
    return { key: "driver", allowed: list(drivers), reason };
  },
  ({ zones = [] }, _machine, cluster) => {
    if (zones.every((zone) => cluster.zones.some((known) => known === zone))) return undefined;
    const reason = "A pool is in zones of the cluster. Take some of these, or add to kubeflow:aks.zones";
    return { key: "zones", allowed: list(cluster.zones), reason };
  },
];

const rules = [...capacityRules, ...sharingRules, ...otherRules];

/** Every refusal, as a person reads it; empty: AKS takes the pools. */
export function gpuPoolProblems({ gpuPools, zones }: Pick<AksSettings, "gpuPools" | "zones">): readonly string[] {
  return gpuPools.flatMap((pool, index) => {
    const machine = machineFor(pool);
    const found = machine === undefined ? [machineRefusal(pool)] : rules.map((rule) => rule(pool, machine, { zones }));
    return found.flatMap((refusal) => (refusal === undefined ? [] : [described(pool, index, refusal)]));
  });
}

function described(pool: GpuPoolSettings, index: number, { key, allowed, reason }: Refusal): string {
  const value = pool[key];
  const shown = value === undefined ? "not set" : JSON.stringify(value);
  return `kubeflow:aks.gpuPools[${String(index)}].${key}: ${shown}; allowed: ${allowed}. ${reason}`;
}
