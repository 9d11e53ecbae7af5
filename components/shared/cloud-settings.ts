/**
 * What a stack may say of a cloud cluster, whichever the cloud: the shapes that `components/<cloud>/settings.ts` build on.
 * Pure: `kf` checks a stack file with it without loading an SDK.
 */
import { z } from "zod";

/** GPU models by the name that a pool asks for; each cloud maps those that it has to machine types. */
export const gpuKinds = [
  "t4",
  "l4",
  "a10g",
  "a10",
  "l40s",
  "a100-40",
  "a100-80",
  "h100",
  "h200",
  "b200",
  "rtx-pro-6000",
] as const;

const poolName = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,11}$/, "1 to 12 of a-z and 0-9, a letter first")
  .describe("Part of the nodes' names: at most what AKS allows, so that one name fits every cloud");
const count = z.int().min(0).max(1000);
const labels = z.record(z.string(), z.string()).default({}).describe("Labels of the nodes, beside ours");
const machineType = z.string().min(1).optional();
const diskGiB = z.int().min(30).max(4096);

const size = {
  min: count.default(0).describe("Nodes at least"),
  max: count.min(1).describe("Nodes at most"),
};
const minWithinMax = {
  check: ({ min, max }: { readonly min: number; readonly max: number }) => min <= max,
  error: { path: ["min"], message: "at most `max`" },
};

const systemPool = z
  .strictObject({
    machineType: machineType.describe("The cloud's name of a machine; the smallest that Kubeflow fits on when not set"),
    min: count.min(1).default(2).describe("Nodes at least"),
    max: count.min(1).default(6).describe("Nodes at most"),
    diskGiB: diskGiB.default(100).describe("Boot disk"),
  })
  .refine(minWithinMax.check, minWithinMax.error);

const cpuPool = z
  .strictObject({
    name: poolName,
    machineType: machineType.describe("The cloud's name of a machine; 8 vCPU when not set"),
    ...size,
    spot: z.boolean().default(false).describe("Cheaper machines that the cloud may take back"),
    zones: z.array(z.string().min(1)).min(1).optional().describe("Every zone of the cluster when not set"),
    diskGiB: diskGiB.default(100).describe("Boot disk"),
    labels,
  })
  .refine(minWithinMax.check, minWithinMax.error);

const gpuPool = z
  .strictObject({
    name: poolName,
    gpu: z.enum(gpuKinds).describe("GPU model; not every cloud has every one"),
    gpusPerNode: z.int().min(1).max(8).default(1).describe("Decides the machine type, together with `gpu`"),
    machineType: machineType.describe("One that has this GPU in this number; the smallest of them when not set"),
    ...size,
    zones: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe("Every zone of the cluster when not set; some kinds of capacity want exactly one"),
    capacity: z
      .enum(["on-demand", "spot", "reservation", "flex-start", "queued", "capacity-block"])
      .default("on-demand")
      .describe("How the machines are bought; each cloud has some of these"),
    reservation: z
      .string()
      .min(1)
      .optional()
      .describe("Name or id in the cloud's notation, for `reservation` and `capacity-block`"),
    sharing: z.enum(["none", "time-slicing", "mps", "mig"]).default("none").describe("How pods share one GPU"),
    clientsPerGpu: z.int().min(2).max(48).optional().describe("Pods per GPU, for `time-slicing` and `mps`"),
    migProfile: z
      .string()
      .regex(/^[1-7]g\.\d+gb$/, "a MIG profile such as 1g.10gb")
      .optional()
      .describe("Size of a slice such as `1g.10gb`, for `mig`"),
    driver: z
      .enum(["managed", "operator"])
      .optional()
      .describe("Who brings the driver: the node image or the NVIDIA GPU operator; the cloud's own way when not set"),
    localSsd: z.boolean().default(false).describe("Local NVMe as scratch space, where the machine has some"),
    diskGiB: diskGiB.default(200).describe("Boot disk"),
    labels,
  })
  .refine(minWithinMax.check, minWithinMax.error);

export type SystemPoolSettings = Readonly<z.infer<typeof systemPool>>;
export type CpuPoolSettings = Readonly<z.infer<typeof cpuPool>>;
export type GpuPoolSettings = Readonly<z.infer<typeof gpuPool>>;
export type GpuKind = (typeof gpuKinds)[number];

const cidr = z.cidrv4({ message: "an IPv4 range such as 10.0.0.0/16" });

const uniqueNames = (pools: readonly { readonly name: string }[]): boolean =>
  new Set(pools.map(({ name }) => name)).size === pools.length;

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

const maintenance = z.strictObject({
  day: z.enum(weekdays).default("sunday").describe("Day of the week"),
  startHour: z.int().min(0).max(23).default(2).describe("Hour, UTC"),
  hours: z.int().min(4).max(24).default(6).describe("Length of the window"),
});

const database = z.strictObject({
  size: z.enum(["small", "medium", "large"]).default("small").describe("2, 4 or 8 vCPU"),
  highlyAvailable: z.boolean().default(false).describe("A standby in another zone"),
  backupDays: z.int().min(1).max(35).default(7).describe("How long backups are kept"),
  storageGiB: z.int().min(20).max(16384).default(20).describe("At first; it grows"),
});

/** The keys that every cloud has; a cloud's settings spread them into its own strict object. */
export const cloudSettings = {
  clusterName: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/, "3 to 30 of a-z, 0-9 and -, a letter first, no - at the end")
    .default("kubeflow")
    .describe("Name of the cluster, and what the names of other resources begin with"),
  domain: z.hostname().describe("DNS zone of the cluster: the dashboard is `kubeflow.<domain>`"),
  protection: z
    .enum(["none", "standard", "strict"])
    .default("standard")
    .describe(
      "`standard`: the cloud's deletion protection, and Pulumi's `protect` on data. `strict`: data also outlives its " +
        "resource in the stack. `none`: everything may go",
    ),
  authorizedNetworks: z
    .array(cidr)
    .default([])
    .describe("Ranges that reach the control plane from outside the network; none: private access only"),
  networkRange: cidr.default("10.0.0.0/16").describe("Address range of the network"),
  systemPool: systemPool.prefault({}).describe("Nodes for Kubeflow itself"),
  cpuPools: z
    .array(cpuPool)
    .refine(uniqueNames, "pools with names of their own")
    .default([])
    .describe("Nodes for notebooks and pipeline steps"),
  gpuPools: z
    .array(gpuPool)
    .refine(uniqueNames, "pools with names of their own")
    .default([])
    .describe("Nodes with GPUs, each tainted `nvidia.com/gpu`"),
  maintenance: maintenance.prefault({}).describe("When the cloud may upgrade and repair"),
  database: database.prefault({}).describe("The managed MySQL"),
  artifacts: z
    .strictObject({
      noncurrentDays: z.int().min(1).max(3650).default(30).describe("How long old versions of an object are kept"),
    })
    .prefault({})
    .describe("The bucket"),
  pullThrough: z
    .array(z.enum(["docker.io", "ghcr.io", "quay.io", "gcr.io", "registry.k8s.io", "nvcr.io"]))
    .default(["docker.io", "ghcr.io", "quay.io"])
    .describe("Registries to mirror, where the cloud can"),
  budget: z
    .strictObject({
      monthlyUsd: z.int().min(1).describe("Per month"),
      emails: z.array(z.email()).min(1).describe("Who is told at 50, 90 and 100 %"),
    })
    .optional()
    .describe("A budget alert; none when not set"),
  requestQuota: z.boolean().default(false).describe("Ask the cloud for the quota that the pools at `max` need"),
  labels: z.record(z.string(), z.string()).default({}).describe("Labels or tags of every resource, beside ours"),
} as const;

/** The keys that every cloud has, as a component sees them. */
export type CloudSettings = Readonly<z.infer<z.ZodObject<typeof cloudSettings>>>;

export type Environment = "dev" | "staging" | "prod";
