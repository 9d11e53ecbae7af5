/** Clusters with what no stack of stacks/config asks for, at the length and in the number that our own checks allow. */
import { gpuModels } from "../../../components/eks/gpu-machines.ts";
import { gpuKinds } from "../../../components/shared/cloud-settings.ts";
import { parseStackConfig, type StackConfig } from "../../../stacks/config.ts";

const accountId = "111122223333";
const region = "eu-central-1";
const zones = ["eu-central-1a", "eu-central-1b"];
const reservation = "cr-0123456789abcdef0";
const deployerArn = `arn:aws:iam::${accountId}:role/kubeflow-deployer`;

const secret = (name: string) =>
  `arn:aws:secretsmanager:${region}:${accountId}:secret:ecr-pullthroughcache/${name}-AbCdEf`;

function stack(settings: object): StackConfig {
  const common = { accountId, region, zones, deployerArn, domain: "kubeflow-dev.example.com" };
  return parseStackConfig("aws-more", {
    "kubeflow:target": "eks",
    "kubeflow:kubernetesVersion": "1.35.0",
    "kubeflow:eks": JSON.stringify({ ...common, ...settings }),
  });
}

/** A node group for every machine with GPUs that EKS has. */
const everyMachine = gpuKinds
  .flatMap((gpu) => gpuModels[gpu].machines.map((machine) => ({ gpu, ...machine })))
  .map(({ gpu, type, gpus, nvmeGB, blockOnly }, index) => ({
    name: `pool${index}`,
    gpu,
    gpusPerNode: gpus,
    machineType: type,
    max: 1,
    capacity: blockOnly === true ? "capacity-block" : "reservation",
    reservation,
    zones: zones.slice(0, 1),
    localSsd: nvmeGB > 0,
  }));

export const furtherStacks: ReadonlyMap<string, StackConfig> = new Map([
  [
    "a cluster with every GPU machine",
    stack({ gpuPools: everyMachine, requestQuota: true, sharedStorage: false, natGateways: "per-zone" }),
  ],
  [
    "a cluster with the longest names, 8.4 and pinned add-ons",
    stack({
      // The longest that ECR's prefix leaves room for.
      clusterName: "kubeflow-of-the-teams-x",
      domain: `${"d".repeat(43)}.example.com`,
      labels: {
        ...{ "cost-center": "a/b c_d=e+f@g:h-i.j", équipe: "données", a: "", b: "b", c: "c" },
        [`k${"e".repeat(126)}y`]: "v".repeat(256),
      },
      adminArns: [`arn:aws:iam::${accountId}:role/${"a".repeat(64)}`, `arn:aws:iam::${accountId}:user/people/ada`],
      authorizedNetworks: ["192.0.2.0/24", "198.51.100.0/24"],
      databaseVersion: "8.4",
      database: { size: "large", highlyAvailable: true, backupDays: 35, storageGiB: 16384 },
      maintenance: { day: "saturday", startHour: 23, hours: 24 },
      addonVersions: { "vpc-cni": "v1.20.4-eksbuild.2", coredns: "v1.12.4-eksbuild.1" },
      loginGroups: ["g".repeat(128)],
      logRetentionDays: 3653,
      artifacts: { noncurrentDays: 3650 },
      pullThrough: ["docker.io", "ghcr.io", "quay.io", "registry.k8s.io"],
      pullThroughCredentials: { "docker.io": secret("docker"), "ghcr.io": secret("ghcr") },
      cpuPools: [{ name: "abcdefghijkl", max: 1000, zones: ["eu-central-1a"] }],
      gpuPools: [{ name: "lkjihgfedcba", gpu: "l4", max: 1000, sharing: "mps", clientsPerGpu: 48 }],
      budget: { monthlyUsd: 1, emails: "abcdefghij".split("").map((name) => `${name}@example.com`) },
    }),
  ],
]);
