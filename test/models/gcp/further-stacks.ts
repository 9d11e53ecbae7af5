/** GKE targets that no stack file describes: the settings that the three leave at their defaults. */
import { gpuMachines } from "../../../components/gke/gpu-machines.ts";
import { gkeSettings } from "../../../components/gke/settings.ts";
import type { StackConfig } from "../../../stacks/config.ts";
import { stacksOf } from "../recorded-stack.ts";

/** By what they are. */
export async function furtherStacks(): Promise<ReadonlyMap<string, StackConfig>> {
  const prod = (await stacksOf("gke")).get("gcp-prod");
  if (prod === undefined) throw new Error("there is no stack gcp-prod");
  const like = (gke: Readonly<Record<string, unknown>>): StackConfig => ({
    ...prod,
    gke: gkeSettings.parse({ ...prod.gke, ...gke }),
  });
  return new Map([
    ["a cluster with all that can be switched on", like(everything)],
    ["a cluster with every GPU machine", like({ gpuPools: machines() })],
  ]);
}

const everything = {
  // As long as names may be, since other names are made of it.
  clusterName: "a".repeat(30),
  releaseChannel: "EXTENDED",
  authorizedNetworks: ["192.0.2.0/24"],
  iapMembers: ["group:users@example.com"],
  mysqlVersion: "8.4",
  mysqlTls: "required",
  pullThrough: ["docker.io", "ghcr.io", "quay.io", "gcr.io", "registry.k8s.io", "nvcr.io"],
  maintenance: { day: "saturday", startHour: 23, hours: 24 },
  budget: { monthlyUsd: 1, emails: ["a", "b", "c", "d", "e"].map((name) => `${name}@example.com`) },
  labels: { "cost-center": "ml_1" },
  gpuPools: [
    { name: "abcdefghijkl", gpu: "l4", max: 2, capacity: "spot", driver: "operator" },
    { name: "queue", gpu: "h100", gpusPerNode: 8, max: 2, capacity: "queued" },
  ],
};

/** One pool for each machine, bought in the first way that it is sold. */
function machines(): readonly unknown[] {
  const all = Object.entries(gpuMachines).flatMap(([gpu, ofModel]) => ofModel.map((machine) => ({ gpu, machine })));
  return all.map(({ gpu, machine }, index) => {
    const [capacity] = machine.capacities;
    return {
      name: `p${String(index)}`,
      gpu,
      gpusPerNode: machine.gpus,
      machineType: machine.machineType,
      max: 1,
      zones: ["europe-west4-b"],
      capacity,
      ...(capacity === "reservation" ? { reservation: "training" } : {}),
    };
  });
}
