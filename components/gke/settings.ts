/** What a stack says of its GKE cluster. Pure. */
import { z } from "zod";
import { cloudSettings } from "../shared/cloud-settings.ts";

const cidr = z.cidrv4({ message: "an IPv4 range such as 10.0.0.0/16" });
const principal = z
  .string()
  .regex(/^(user|group|serviceAccount):[^@\s]+@[^@\s]+$/, "a principal such as group:admins@example.com");

export const gkeSettings = z.strictObject({
  ...cloudSettings,
  project: z
    .string()
    .regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, "the id of a project")
    .describe("Id of the project, which exists and has billing"),
  projectNumber: z
    .string()
    .regex(/^\d+$/, "digits only")
    .describe(
      "Its number, which workload identity names: `gcloud projects describe ID --format='value(projectNumber)'`",
    ),
  region: z
    .string()
    .regex(/^[a-z]+-[a-z]+\d+$/, "a region such as europe-west4")
    .describe("Region of everything; the control plane is in all of its zones"),
  zones: z
    .array(z.string().regex(/^[a-z]+-[a-z]+\d+-[a-f]$/, "a zone such as europe-west4-a"))
    .min(1)
    .max(4)
    .describe("Zones of the nodes, unless a pool says otherwise"),
  podRange: cidr.default("10.4.0.0/14").describe("Addresses of pods; every node takes a /24 of it"),
  serviceRange: cidr.default("10.8.0.0/20").describe("Addresses of services"),
  releaseChannel: z
    .enum(["RAPID", "REGULAR", "STABLE", "EXTENDED"])
    .default("REGULAR")
    .describe("How fast new versions come; `kubernetesVersion` is the one it starts with"),
  securityGroup: z
    .string()
    .regex(/^gke-security-groups@[^@\s]+$/, "gke-security-groups@DOMAIN")
    .optional()
    .describe("Google group whose member groups RBAC may name: `gke-security-groups@DOMAIN`"),
  admins: z.array(principal).default([]).describe("Who may do everything in the cluster: people and deployers"),
  viewers: z.array(principal).default([]).describe("Who may connect and read; RBAC may give them more"),
  auditLogs: z
    .boolean()
    .default(true)
    .describe("Log reads of metadata and writes of data, beside the admin activity that is always logged"),
  oauthClientId: z
    .string()
    .min(1)
    .optional()
    .describe("Id of the OAuth client, made in the console as no API makes one; its secret is `oauthClientSecret`"),
  iapMembers: z
    .array(principal)
    .default([])
    .describe("Who passes the Identity-Aware Proxy, where the gateway is put behind it; none: IAP is not used"),
  mysqlVersion: z
    .enum(["8.0", "8.4"])
    .default("8.0")
    .describe("ML Metadata does not know 8.4's way of passwords, so 8.4 is for releases without it"),
  mysqlTls: z
    .enum(["offered", "required"])
    .default("offered")
    .describe("Whether the database refuses clients without TLS; Katib is one"),
  sharedStorageTier: z
    .enum(["standard", "premium", "zonal", "enterprise"])
    .default("standard")
    .describe("Filestore tier of volumes that many nodes write to; the smallest volume is 1 TiB"),
  highBandwidthNetworking: z
    .boolean()
    .default(false)
    .describe("GKE makes the further networks of A3 and A4 machines, for training on several nodes"),
  quotaContact: z.email().optional().describe("Whom Google asks about `requestQuota`"),
  billingAccount: z
    .string()
    .regex(/^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$/, "a billing account such as 012345-567890-ABCDEF")
    .optional()
    .describe("The account that `budget` is set on"),
});

export type GkeSettings = Readonly<z.infer<typeof gkeSettings>>;
