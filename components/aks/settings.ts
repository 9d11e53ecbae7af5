/** What a stack says of its AKS cluster. Pure. */
import { z } from "zod";
import { cloudSettings } from "../shared/cloud-settings.ts";

const range = z.cidrv4({ message: "an IPv4 range such as 10.244.0.0/14" });

const keyVaultSecret = z
  .string()
  .regex(/^https:\/\/[a-zA-Z0-9-]{3,24}\.vault\.azure\.net\/secrets\/[a-zA-Z0-9-]+$/, "a secret's id without version");

const deployer = z.strictObject({
  objectId: z.guid().describe("Object id in Entra"),
  type: z.enum(["ServicePrincipal", "User", "Group"]).default("ServicePrincipal").describe("What it is"),
});

export const aksSettings = z.strictObject({
  ...cloudSettings,
  subscriptionId: z.guid().describe("Everything is in this subscription"),
  tenantId: z.guid().describe("The Entra tenant of the subscription"),
  location: z
    .string()
    .regex(/^[a-z]+\d?$/, "a location such as westeurope")
    .describe("Everything is in this location, and it has zones"),
  zones: z
    .array(z.enum(["1", "2", "3"]))
    .min(1)
    .max(3)
    .default(["1", "2", "3"])
    .describe("Zones of the location that nodes are in"),
  adminGroupIds: z
    .array(z.guid())
    .min(1)
    .describe("Object ids of the Entra groups whose members administer the cluster; there are no local accounts"),
  deployer: deployer.describe("Who runs `pulumi up`: it is made an administrator inside the cluster"),
  kubelogin: z
    .enum(["azurecli", "spn", "workloadidentity", "msi"])
    .default("azurecli")
    .describe("How `kubelogin` logs in to the cluster when `pulumi up` runs"),
  loginGroupIds: z
    .array(z.guid())
    .default([])
    .describe("Object ids of the Entra groups whose members may log in to Kubeflow; everyone in the tenant when empty"),
  loginSecretExpires: z.iso
    .date()
    .optional()
    .describe("Day on which the client secret of the logins ends; another day makes a new one. Two years when not set"),
  tier: z
    .enum(["Free", "Standard", "Premium"])
    .default("Standard")
    .describe("`Standard` has an SLA of the control plane, `Premium` long-term support"),
  podRange: range.default("10.244.0.0/14").describe("Addresses of pods, seen inside the cluster only; /24 a node"),
  serviceRange: range.default("10.251.0.0/20").describe("Addresses of services, seen inside the cluster only"),
  encryptionAtHost: z
    .boolean()
    .default(true)
    .describe("Nodes' disks are encrypted by their host; the subscription needs the feature EncryptionAtHost"),
  flowLogs: z
    .boolean()
    .default(true)
    .describe(
      "Flow logs of the network, kept for `logDays`; the location needs its NetworkWatcherRG, as it has by default",
    ),
  logDays: z.int().min(30).max(730).default(30).describe("How long logs are kept"),
  defender: z.boolean().default(false).describe("Microsoft Defender for Containers; billed by vCPU"),
  volumes: z
    .enum(["local", "zone"])
    .default("local")
    .describe("`zone`: volumes that outlive a zone, in locations with Premium_ZRS disks"),
  artifactCopies: z
    .enum(["LRS", "ZRS", "GZRS"])
    .default("ZRS")
    .describe("Redundancy of the artifacts: one datacentre, the zones, or the zones and another region"),
  registryTier: z
    .enum(["Basic", "Standard", "Premium"])
    .default("Standard")
    .describe("`Premium`: reached from the network only, and in every zone"),
  dockerHub: z
    .strictObject({
      username: keyVaultSecret.describe("Id of the Key Vault secret with the user name"),
      password: keyVaultSecret.describe("Id of the Key Vault secret with an access token"),
    })
    .optional()
    .describe("Account to mirror `docker.io` with, which Azure does not mirror without one"),
  databaseTls: z
    .enum(["offered", "required"])
    .default("offered")
    .describe("`required` shuts out clients without TLS: Katib is one"),
});

export type AksSettings = Readonly<z.infer<typeof aksSettings>>;
