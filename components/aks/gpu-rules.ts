/** What AKS refuses of a GPU pool, found before anything is asked of it. Pure. */
import type { GpuPoolSettings } from "../shared/cloud-settings.ts";
import {
  gpuPoolRefusals,
  list,
  misnamedReservation,
  sharingRules as commonSharingRules,
  uncuttable,
  type GpuPoolRule,
} from "../shared/gpu-pool-rules.ts";
import { driverOf, gpuMachines, machineFor, machinesFor, type GpuMachine } from "./gpu-machines.ts";
import type { AksSettings } from "./settings.ts";

type Rule = GpuPoolRule<GpuMachine, Pick<AksSettings, "zones">>;

const capacities: readonly string[] = ["on-demand", "spot", "reservation"];

/** Names that pools of our own have. */
export const ownPools = { system: "system", kubeflow: "kubeflow" } as const;

const capacityRules: readonly Rule[] = [
  ({ capacity }) => {
    if (capacities.includes(capacity)) return undefined;
    const reason = "Azure does not sell machines in this way. Take one of the others";
    return { key: "capacity", allowed: list(capacities), reason };
  },
  (pool) => misnamedReservation(pool, "AKS", { title: "capacity reservation group", form: reservationForm }),
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
  ...commonSharingRules,
  (pool, { migProfiles }) => uncuttable(pool, migProfiles),
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
  const typeOf = ({ vmSize }: GpuMachine): string => vmSize;
  const catalogue = { cloud: "AKS", machines: gpuMachines, machinesFor, machineFor, typeOf };
  return gpuPoolRefusals("kubeflow:aks.gpuPools", gpuPools, { zones }, catalogue, rules);
}
