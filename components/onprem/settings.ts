/** What a stack may say of a cluster of its own, under `kubeflow:onprem`. Pure: `kf` checks a stack file with it. */
import { z } from "zod";

const text = z.string().min(1);
const httpsUrl = z.url({ protocol: /^https$/, message: "an address that begins with https://" });
const path = z.string().regex(/^\/[^\s]*[^\s/]$/, "an absolute path");
const secretName = (of: string) => text.describe(`Name in \`kubeflow:secrets\` of ${of}`);
const certificate = z
  .string()
  .regex(/^\s*-----BEGIN CERTIFICATE-----[^]*-----END CERTIFICATE-----\s*$/, "one or more certificates in PEM");
const className = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, "the name of a StorageClass: a-z, 0-9, . and -");
const objectName = z.string().regex(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/, "1 to 40 of a-z, 0-9 and -, a letter first");

const pool = z.strictObject({
  name: objectName.describe("Name of the IPAddressPool"),
  addresses: z.array(text).min(1).describe("Ranges such as `192.168.10.0/28` or `192.168.10.20-192.168.10.40`"),
  autoAssign: z.boolean().default(true).describe("`false`: for Services that name the pool only"),
});

const peer = z.strictObject({
  address: z.union([z.ipv4(), z.ipv6()], { error: "an IP address" }).describe("The router"),
  asn: z.int().min(1).max(4_294_967_295).describe("Its autonomous system"),
  myAsn: z.int().min(1).max(4_294_967_295).describe("The cluster's"),
  port: z.int().min(1).max(65_535).default(179).describe("TCP port"),
  multiHop: z.boolean().default(false).describe("The router is more than one hop away"),
});

const metallb = z.strictObject({
  pools: z.array(pool).min(1).describe("Addresses that nobody else in the network hands out"),
  announce: z
    .enum(["l2", "bgp"])
    .default("l2")
    .describe("`l2`: one node answers ARP for an address; `bgp`: routers are told"),
  interfaces: z.array(text).default([]).describe("With `l2`: network interfaces that answer; every one when empty"),
  peers: z.array(peer).default([]).describe("With `bgp`: the routers"),
});

const ingress = z.strictObject({
  kind: z
    .enum(["metallb", "load-balancer", "node-port"])
    .optional()
    .describe(
      "`metallb`: the one of `metallb`; `load-balancer`: one that the cluster has; `node-port`: a port of every node. " +
        "The profile's when not set",
    ),
  address: z
    .union([z.ipv4(), z.ipv6()], { error: "an IP address" })
    .optional()
    .describe("With `metallb`: the gateway's address, out of its pools; any free one when not set"),
  annotations: z
    .record(z.string(), z.string())
    .default({})
    .describe("Of the gateway's Service, for a load balancer that the cluster has"),
});

const storage = z.strictObject({
  defaultClass: className
    .optional()
    .describe("Existing class for volumes of one node at a time; the profile's when not set"),
  makeDefault: z
    .boolean()
    .default(false)
    .describe("Mark it as the cluster's default class; otherwise the cluster's owner has done so"),
  otherDefaults: z
    .array(className)
    .default([])
    .describe("With `makeDefault`: classes whose mark as default is taken away"),
  sharedClass: className
    .optional()
    .describe("Existing class for volumes that many nodes write to (ReadWriteMany); none when not set"),
});

const gpuPool = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9]{0,11}$/, "1 to 12 of a-z and 0-9, a letter first"),
  gpu: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "a model such as l4, a100-80 or rtx-4090")
    .describe("GPU model; any, with `gpuMemoryGiB` for one that is not in the table of GPUs above"),
  gpuMemoryGiB: z.number().min(1).max(1024).optional().describe("Memory of one GPU; known for the models above"),
  gpusPerNode: z.int().min(1).max(16).default(1).describe("In each node"),
  nodes: z
    .array(z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, "a node's name"))
    .min(1)
    .describe("Names of the nodes, as `kubectl get nodes` shows them"),
  driver: z
    .enum(["preinstalled", "operator"])
    .default("operator")
    .describe("Who brings the driver: the node's own system, or the NVIDIA GPU operator"),
  sharing: z.enum(["none", "time-slicing", "mps", "mig"]).default("none").describe("How pods share one GPU"),
  clientsPerGpu: z.int().min(2).max(48).optional().describe("Pods per GPU, for `time-slicing` and `mps`"),
  migProfile: z
    .string()
    .regex(/^[1-7]g\.\d+gb$/, "a MIG profile such as 1g.10gb")
    .optional()
    .describe("Size of a slice such as `1g.10gb`, for `mig`"),
  dedicated: z
    .boolean()
    .default(true)
    .describe("Taint the nodes, so that only pods with GPUs come; `false` where they run all else, too"),
});

const version = z.string().regex(/^\d+\.\d+\.\d+$/, "a version such as 1.29.0");

const objectStore = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, message: "an address such as https://minio.example.com:9000" })
    .describe("Of a server that speaks S3; `http` in `dev` only"),
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "3 to 63 of a-z, 0-9, . and -")
    .describe("An existing bucket"),
  region: text.default("us-east-1").describe("What the server calls its region"),
  accessKeySecret: secretName("the access key"),
  secretKeySecret: secretName("the secret key"),
  caCertificate: certificate
    .optional()
    .describe("The authority of the server's certificate; a public one when not set"),
  versionsKeptDays: z
    .int()
    .min(1)
    .max(3650)
    .optional()
    .describe("Days for which the bucket, with versioning on, keeps what was replaced or deleted; backups need it"),
});

const database = z.strictObject({
  host: z.hostname().describe("Of a MySQL server that the cluster's pods reach"),
  port: z.int().min(1).max(65_535).default(3306).describe("TCP port"),
  version: z
    .enum(["8.0", "8.4"])
    .default("8.0")
    .describe("ML Metadata does not know 8.4's way of passwords, so 8.4 is for releases without it"),
  username: text.default("kubeflow").describe("May create and change its own databases"),
  passwordSecret: secretName("its password"),
  tls: z
    .enum(["offered", "required"])
    .default("offered")
    .describe("Whether the database refuses clients without TLS; Katib is one"),
  caCertificate: certificate
    .optional()
    .describe("The authority of the server's certificate; a public one when not set"),
});

const oidc = z.strictObject({
  issuerUrl: httpsUrl.describe("Issuer, as its tokens have it in `iss`"),
  clientId: text.describe("The client that Kubeflow is, with the redirect URI that `nextSteps` names"),
  clientSecret: secretName("the client's secret"),
  groupsClaim: text.optional().describe("Claim that lists a user's groups; the issuer has none when not set"),
  extraScopes: z.array(text).default([]).describe("Beyond `openid email profile`"),
});

export const onpremSettings = z.strictObject({
  profile: z
    .enum(["generic", "minikube", "microk8s", "k3s"])
    .default("generic")
    .describe("Where the distribution keeps things, and what it brings; `generic`: as kubeadm has it"),
  domain: z.hostname().describe("The dashboard is `kubeflow.<domain>`"),
  ingress: ingress.prefault({}).describe("How the gateway is reached"),
  metallb: metallb.optional().describe("MetalLB, installed by Helm; not installed when not set"),
  storage: storage.prefault({}).describe("Storage classes that the cluster has"),
  gpuPools: z.array(gpuPool).default([]).describe("Nodes with GPUs"),
  gpuOperator: z
    .enum(["install", "existing"])
    .optional()
    .describe("`existing`: the cluster has a device plugin of its own. The profile's when not set"),
  existing: z
    .strictObject({
      istio: version.optional().describe("Version of an Istio that is there and stays"),
      certManager: version.optional().describe("Version of a cert-manager that is there and stays"),
    })
    .prefault({})
    .describe("What the cluster's owner runs already; ours is left out"),
  objectStore: objectStore.optional().describe("Where artifacts go; in the cluster when not set"),
  database: database.optional().describe("A MySQL for Pipelines and Katib; in the cluster when not set"),
  oidc: oidc.optional().describe("Who users log in with; local users when not set"),
  tokenIssuer: z
    .url({ protocol: /^https$/, message: "an address that begins with https://" })
    .optional()
    .describe("`iss` of the cluster's service account tokens; the profile's when not set"),
  cni: z
    .strictObject({
      binDir: path.describe("Folder of the nodes with the CNI plugins"),
      confDir: path.describe("Folder of the nodes with their configuration"),
    })
    .optional()
    .describe("Where the nodes keep CNI plugins; the profile's when not set"),
});

export type OnpremSettings = Readonly<z.infer<typeof onpremSettings>>;
export type OnpremGpuPool = OnpremSettings["gpuPools"][number];
