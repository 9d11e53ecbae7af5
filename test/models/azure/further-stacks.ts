/** Clusters with what no stack of stacks/config asks for, at the length and in the number that our own checks allow. */
import { gpuMachines } from "../../../components/aks/gpu-machines.ts";
import { gpuKinds } from "../../../components/shared/cloud-settings.ts";
import { parseStackConfig, type StackConfig } from "../../../stacks/config.ts";

const id = (last: number): string => `00000000-0000-4000-8000-${String(last).padStart(12, "0")}`;
const compute = `/subscriptions/${id(1)}/resourceGroups/reserved/providers/Microsoft.Compute`;

function stack(settings: object): StackConfig {
  const common = {
    subscriptionId: id(1),
    tenantId: id(2),
    location: "westeurope",
    adminGroupIds: [id(3)],
    deployer: { objectId: id(4) },
    domain: "kubeflow-dev.example.com",
  };
  return parseStackConfig("azure-more", {
    "kubeflow:target": "aks",
    "kubeflow:kubernetesVersion": "1.35.0",
    "kubeflow:aks": JSON.stringify({ ...common, ...settings }),
  });
}

/** A pool for every machine with GPUs that AKS has and every driver that it takes, sliced where it can be. */
const everyMachine = gpuKinds
  .flatMap((gpu) => (gpuMachines[gpu] ?? []).map((machine) => ({ gpu, ...machine })))
  .flatMap((machine) => machine.drivers.map((driver) => ({ ...machine, driver })))
  .map(({ gpu, vmSize, gpus, migProfiles, driver }, index) => ({
    name: `pool${index}`,
    ...{ gpu, gpusPerNode: gpus, machineType: vmSize, max: 1, driver },
    ...(index % 2 === 0
      ? { capacity: "reservation", reservation: `${compute}/capacityReservationGroups/group-${index}` }
      : { capacity: "spot", localSsd: true }),
    ...(migProfiles[0] === undefined ? {} : { sharing: "mig", migProfile: migProfiles[0] }),
  }));

/** For every size of slice, a pool whose GPUs AKS itself cuts. */
const everySlice = ["1g.10gb", "2g.20gb", "3g.40gb", "4g.40gb", "7g.80gb"].map((migProfile, index) => ({
  ...{ name: `slice${index}`, gpu: "a100-80", max: 1, driver: "managed", sharing: "mig", migProfile },
}));

export const furtherStacks: ReadonlyMap<string, StackConfig> = new Map([
  ["a cluster with every GPU machine", stack({ gpuPools: [...everyMachine, ...everySlice] })],
  [
    "a cluster with the longest names, and the most of everything",
    stack({
      clusterName: `kubeflow-of-the-teams-${"x".repeat(8)}`,
      domain: `${"d".repeat(40)}.kubeflow.example.com`,
      labels: { [`k${"e".repeat(126)}y`]: "v".repeat(256) },
      adminGroupIds: [id(3), id(5)],
      authorizedNetworks: ["192.0.2.0/24", "198.51.100.0/24"],
      deployer: { objectId: id(4), type: "User" },
      tier: "Premium",
      defender: true,
      encryptionAtHost: false,
      logDays: 730,
      loginGroupIds: [id(6), id(7)],
      loginSecretExpires: "2099-12-31",
      artifactCopies: "GZRS",
      registryTier: "Premium",
      pullThrough: ["docker.io", "ghcr.io", "quay.io", "gcr.io", "registry.k8s.io"],
      dockerHub: {
        username: "https://kubeflow.vault.azure.net/secrets/docker-hub-user",
        password: "https://kubeflow.vault.azure.net/secrets/docker-hub-token",
      },
      database: { size: "large", highlyAvailable: true, backupDays: 35, storageGiB: 16384 },
      databaseTls: "required",
      maintenance: { day: "saturday", startHour: 23, hours: 24 },
      artifacts: { noncurrentDays: 3650 },
      systemPool: { min: 1000, max: 1000, diskGiB: 2048 },
      cpuPools: [{ name: "abcdefghijkl", max: 1000, diskGiB: 30, zones: ["3"] }],
      gpuPools: [{ name: "lkjihgfedcba", gpu: "t4", max: 1000, sharing: "mps", clientsPerGpu: 48 }],
      budget: { monthlyUsd: 1, emails: "abcdefghij".split("").map((name) => `${name}@example.com`) },
    }),
  ],
]);
