/** What GKE bills. */
import { diskTypeOf, gpuMachines, gpuModels, machineFor, type GpuMachine } from "../../components/gke/gpu-machines.ts";
import type { GkeSettings } from "../../components/gke/settings.ts";
import type { GpuKind } from "../../components/shared/cloud-settings.ts";
import { noSuchMachine } from "./no-machine.ts";
import { hourly, stored, storedByUse } from "./on-demand.ts";
import type { CloudFacts, GpuMachinePrice } from "./parts.ts";

/** Local SSDs come in this size. */
const localSsdGiB = 375;
/** From so many nodes on, a NAT gateway costs no more. */
const natNodes = 32;

const databaseTiers = { small: "db-custom-2-7680", medium: "db-custom-4-15360", large: "db-custom-8-30720" } as const;

export const gkeFacts: CloudFacts<GkeSettings> = {
  systemMachine: ({ machineType }) => machineType ?? "e2-standard-4",
  cpuMachine: ({ machineType }) => machineType ?? "e2-standard-8",
  ownNodes: () => [],
  region: ({ region }) => region,
  has: (gpu) => gpuMachines[gpu] !== undefined,
  gpuMachine(pool, path) {
    const machine = machineFor(pool);
    if (machine === undefined) throw noSuchMachine("GKE", pool, path);
    const { count, always } = machine.localSsd;
    const ssd = { what: "local SSDs", key: "local-ssd", unit: "GiB-month", count: count * localSsdGiB } as const;
    const { extras, ...price } = priceOf(pool.gpu, machine);
    return { ...price, extras: pool.localSsd && !always ? [...extras, ssd] : extras };
  },
  bootDisk: (machineType) => `disk/${diskTypeOf(machineType)}`,
  others({ database }, nodes) {
    const copies = database.highlyAvailable ? 2 : 1;
    const behindNat = (count: number): number => Math.min(count, natNodes);
    return [
      hourly("control plane", "control-plane", 1),
      hourly("NAT gateway, by node", "nat-gateway/node", behindNat(nodes.floor), behindNat(nodes.ceiling)),
      hourly("load balancer", "load-balancer", 1),
      hourly("database endpoint", "private-service-connect", 1),
      hourly("database", `database/${databaseTiers[database.size]}`, copies),
      stored("database storage", "database-storage", database.storageGiB * copies),
      storedByUse("artifacts", "objects"),
    ];
  },
  onDemandMachines: (gpu) =>
    (gpuMachines[gpu] ?? [])
      .filter(({ capacities }) => capacities.includes("on-demand"))
      .map((machine) => priceOf(gpu, machine)),
};

function priceOf(gpu: GpuKind, { machineType, gpus, accelerator, diskType }: GpuMachine): GpuMachinePrice {
  return {
    ...{ machineType, gpus },
    gpuMemoryGiB: gpuModels[gpu]?.memoryGiB ?? 0,
    bootDisk: `disk/${diskType}`,
    // GPUs are attached to machines of series N1; every other series comes with them.
    extras: machineType.startsWith("n1-") ? [{ what: "GPUs", key: accelerator, unit: "hour", count: gpus }] : [],
  };
}
