/** What AWS bills for an EKS cluster. */
import { gpuMachineOf, gpuModels, vcpusOf, type GpuMachine } from "../../components/eks/gpu-machines.ts";
import { cpuMachinesOf, systemMachine } from "../../components/eks/pools.ts";
import type { EksSettings } from "../../components/eks/settings.ts";
import type { GpuKind } from "../../components/shared/cloud-settings.ts";
import { noSuchMachine } from "./no-machine.ts";
import { hourly, stored, storedByUse } from "./on-demand.ts";
import type { CloudFacts, GpuMachinePrice } from "./parts.ts";

const databaseClasses = { small: "db.t4g.medium", medium: "db.m7g.large", large: "db.m7g.2xlarge" } as const;

const bootDisk = "disk/gp3";

/** APIs that nodes reach inside the network. */
const endpoints = 11;

export const eksFacts: CloudFacts<EksSettings> = {
  systemMachine: ({ machineType }) => machineType ?? systemMachine,
  // Of those that are alike, the first.
  cpuMachine: (pool) => cpuMachinesOf(pool)[0],
  ownNodes: () => [],
  region: ({ region }) => region,
  has: (gpu) => gpuModels[gpu].machines.length > 0,
  gpuMachine(pool, path) {
    const machine = gpuMachineOf(pool);
    if (machine === undefined) throw noSuchMachine("AWS", pool, path);
    return priceOf(pool.gpu, machine);
  },
  bootDisk: () => bootDisk,
  others({ database, databaseVersion, natGateways, privateEndpoints, zones }) {
    const copies = database.highlyAvailable ? 2 : 1;
    const nats = natGateways === "per-zone" ? zones.length : 1;
    const databaseClass = databaseClasses[database.size];
    // 8.0 is past its standard support.
    const vcpus = databaseVersion === "8.0" ? (vcpusOf(databaseClass.slice("db.".length)) ?? 0) : 0;
    return [
      hourly("control plane", "control-plane", 1),
      hourly("NAT gateways", "nat-gateway", nats),
      hourly("private endpoints, by zone", "interface-endpoint", privateEndpoints ? endpoints * zones.length : 0),
      hourly("public addresses, of NAT and load balancer", "public-address", nats + zones.length),
      hourly("load balancer", "load-balancer", 1),
      hourly("database", `database/${databaseClass}`, copies),
      hourly("database: extended support, by vCPU", "database-extended-support", vcpus * copies),
      stored("database storage", "database-storage", database.storageGiB * copies),
      storedByUse("artifacts", "objects"),
    ];
  },
  onDemandMachines: (gpu) =>
    gpuModels[gpu].machines.filter(({ blockOnly }) => blockOnly !== true).map((machine) => priceOf(gpu, machine)),
};

function priceOf(gpu: GpuKind, { type, gpus }: GpuMachine): GpuMachinePrice {
  return { machineType: type, gpus, gpuMemoryGiB: gpuModels[gpu].memoryGiB, bootDisk, extras: [] };
}
