/** What Azure bills for an AKS cluster. */
import { gpuMachines, machineFor, type GpuMachine } from "../../components/aks/gpu-machines.ts";
import type { AksSettings } from "../../components/aks/settings.ts";
import { noSuchMachine } from "./no-machine.ts";
import { hourly, stored, storedByUse } from "./on-demand.ts";
import type { CloudFacts, GpuMachinePrice } from "./parts.ts";

const databaseSkus = { small: "Standard_B2ms", medium: "Standard_D4ds_v4", large: "Standard_D8ds_v4" } as const;

export const aksFacts: CloudFacts<AksSettings> = {
  systemMachine: ({ machineType }) => machineType ?? "Standard_D8ds_v5",
  cpuMachine: ({ machineType }) => machineType ?? "Standard_D8ds_v5",
  ownNodes: ({ zones }) => [
    { what: "AKS's own pool", machineType: "Standard_D2ds_v5", min: zones.length, max: zones.length + 2 },
  ],
  region: ({ location }) => location,
  has: (gpu) => gpuMachines[gpu] !== undefined,
  gpuMachine(pool, path) {
    const machine = machineFor(pool);
    if (machine === undefined) throw noSuchMachine("Azure", pool, path);
    return priceOf(machine);
  },
  // AKS puts it on the machine's own disk, where that is large enough.
  bootDisk: () => undefined,
  others({ database, tier, registryTier }) {
    const copies = database.highlyAvailable ? 2 : 1;
    return [
      hourly("control plane", `control-plane/${tier}`, tier === "Free" ? 0 : 1),
      hourly("NAT gateway", "nat-gateway", 1),
      hourly("public addresses, of NAT and load balancer", "public-address", 2),
      // Of the artifacts, and of the registry where it can have one.
      hourly("private endpoints", "private-endpoint", registryTier === "Premium" ? 2 : 1),
      hourly("load balancer", "load-balancer", 1),
      hourly("database", `database/${databaseSkus[database.size]}`, copies),
      stored("database storage", "database-storage", database.storageGiB * copies),
      hourly("registry", `registry/${registryTier}`, 1),
      storedByUse("artifacts", "objects"),
    ];
  },
  onDemandMachines: (gpu) => (gpuMachines[gpu] ?? []).map(priceOf),
};

const priceOf = ({ vmSize, gpus, memoryGiB }: GpuMachine): GpuMachinePrice => ({
  ...{ machineType: vmSize, gpus, bootDisk: undefined, extras: [] },
  gpuMemoryGiB: memoryGiB,
});
