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

/** An AKS pool name is at most 12 of these, so that one name fits every cloud. */
const poolName = z.string().regex(/^[a-z][a-z0-9]{0,11}$/, "1 to 12 of a-z and 0-9, a letter first");
const count = z.int().min(0).max(1000);
const labels = z.record(z.string(), z.string()).default({});

const size = { min: count.default(0), max: count.min(1) };
const minWithinMax = {
  check: ({ min, max }: { readonly min: number; readonly max: number }) => min <= max,
  error: { path: ["min"], message: "at most `max`" },
};

/** Nodes for Kubeflow itself and for what the cluster needs. */
const systemPool = z
  .strictObject({
    /** The cloud's own name of a machine. @default - the cloud's smallest that Kubeflow fits on */
    machineType: z.string().min(1).optional(),
    min: count.min(1).default(2),
    max: count.min(1).default(6),
    diskGiB: z.int().min(30).max(4096).default(100),
  })
  .refine(minWithinMax.check, minWithinMax.error);

const cpuPool = z
  .strictObject({
    name: poolName,
    machineType: z.string().min(1).optional(),
    ...size,
    spot: z.boolean().default(false),
    /** @default - every zone of the cluster */
    zones: z.array(z.string().min(1)).min(1).optional(),
    diskGiB: z.int().min(30).max(4096).default(100),
    labels,
  })
  .refine(minWithinMax.check, minWithinMax.error);

const gpuPool = z
  .strictObject({
    name: poolName,
    gpu: z.enum(gpuKinds),
    /** Decides the machine type, together with `gpu`. */
    gpusPerNode: z.int().min(1).max(8).default(1),
    /** One of those that have this GPU in this number. @default - the smallest of them */
    machineType: z.string().min(1).optional(),
    ...size,
    /** @default - every zone of the cluster that has the machine; some kinds of capacity want exactly one */
    zones: z.array(z.string().min(1)).min(1).optional(),
    capacity: z
      .enum(["on-demand", "spot", "reservation", "flex-start", "queued", "capacity-block"])
      .default("on-demand"),
    /** Name or id of the reservation, in the cloud's notation: for `reservation` and `capacity-block`. */
    reservation: z.string().min(1).optional(),
    sharing: z.enum(["none", "time-slicing", "mps", "mig"]).default("none"),
    /** Pods per GPU: for `time-slicing` and `mps`. */
    clientsPerGpu: z.int().min(2).max(48).optional(),
    /** The size of a slice, e.g. `1g.10gb`: for `mig`. */
    migProfile: z
      .string()
      .regex(/^[1-7]g\.\d+gb$/, "a MIG profile such as 1g.10gb")
      .optional(),
    /** Who brings the driver: the cloud's node image (`managed`) or the NVIDIA GPU operator. @default - the cloud's own way */
    driver: z.enum(["managed", "operator"]).optional(),
    /** Local NVMe for the pods' scratch space, where the machine has some. */
    localSsd: z.boolean().default(false),
    diskGiB: z.int().min(50).max(4096).default(200),
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

/** The keys that every cloud has; a cloud's settings spread them into its own strict object. */
export const cloudSettings = {
  clusterName: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,28}[a-z0-9]$/, "3 to 30 of a-z, 0-9 and -, a letter first, no - at the end")
    .default("kubeflow"),
  /** DNS zone of the cluster: the dashboard is `kubeflow.<domain>`. */
  domain: z.hostname(),
  /**
   * `none`: everything may go. `standard`: the cloud's own deletion protection, and Pulumi's `protect` on what holds data.
   * `strict`: data also outlives its resource in the stack (`retainOnDelete`).
   */
  protection: z.enum(["none", "standard", "strict"]).default("standard"),
  /** Ranges that may reach the control plane from outside the network. None: private access only. */
  authorizedNetworks: z.array(cidr).default([]),
  /** Address range of the nodes' network. */
  networkRange: cidr.default("10.0.0.0/16"),
  systemPool: systemPool.prefault({}),
  cpuPools: z.array(cpuPool).refine(uniqueNames, "pools with names of their own").default([]),
  gpuPools: z.array(gpuPool).refine(uniqueNames, "pools with names of their own").default([]),
  /** When the cloud may upgrade and repair, in UTC. */
  maintenance: z
    .strictObject({
      day: z.enum(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]).default("sunday"),
      startHour: z.int().min(0).max(23).default(2),
      hours: z.int().min(4).max(24).default(6),
    })
    .prefault({}),
  database: z
    .strictObject({
      size: z.enum(["small", "medium", "large"]).default("small"),
      /** A standby in another zone. */
      highlyAvailable: z.boolean().default(false),
      backupDays: z.int().min(1).max(35).default(7),
      storageGiB: z.int().min(20).max(16384).default(20),
    })
    .prefault({}),
  artifacts: z
    .strictObject({
      /** Old versions of an object are kept so long. */
      noncurrentDays: z.int().min(1).max(3650).default(30),
    })
    .prefault({}),
  /** Registries that are mirrored, where the cloud can. */
  pullThrough: z
    .array(z.enum(["docker.io", "ghcr.io", "quay.io", "gcr.io", "registry.k8s.io", "nvcr.io"]))
    .default(["docker.io", "ghcr.io", "quay.io"]),
  budget: z.strictObject({ monthlyUsd: z.int().min(1), emails: z.array(z.email()).min(1) }).optional(),
  /** GPUs to ask the cloud for in its quota, beyond what the pools at `max` need. */
  requestQuota: z.boolean().default(false),
  /** Added to what every resource carries as labels or tags. */
  labels,
} as const;

/** The keys that every cloud has, as a component sees them. */
export type CloudSettings = Readonly<z.infer<z.ZodObject<typeof cloudSettings>>>;

export type Environment = "dev" | "staging" | "prod";
