/** What is wrong with the sound stack once one thing of it is changed: one row per way to violate a rule. */
import { parsePath } from "../../engine/paths.ts";
import type { Resource } from "../../policy/rule.ts";
import type { Properties, Value } from "../../policy/values.ts";
import { soundStack } from "./sound-stack/sound-stack.ts";

/** A path, or `protect`; `undefined` takes the property away. */
type Change = Readonly<Record<string, Value | undefined>>;

export interface Wrong {
  readonly rule: string;
  /** Of the sound stack. */
  readonly resource: string;
  readonly change: Change;
  readonly message: RegExp;
}

const row = (rule: string, resource: string, change: Change, message: RegExp): Wrong => ({
  rule,
  resource,
  change,
  message,
});

const statement = (more: Properties): string =>
  JSON.stringify({ Statement: { Effect: "Allow", Resource: "*", ...more } });
const owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const pod = "spec.template.spec";

export const wrongs: readonly Wrong[] = [
  row("private-nodes", "gke", { privateClusterConfig: undefined }, /enablePrivateNodes is not set/),
  row("private-nodes", "gkePool", { "networkConfig.enablePrivateNodes": false }, /enablePrivateNodes is false/),
  row("private-nodes", "template", { networkInterfaces: [{ associatePublicIpAddress: "true" }] }, /is true/),
  row("private-nodes", "subnet", { mapPublicIpOnLaunch: true }, /subnetIds has a subnet/),
  row("private-nodes", "aks", { agentPoolProfiles: [{ enableNodePublicIP: true }] }, /enableNodePublicIP is true/),
  row("private-nodes", "aksPool", { enableNodePublicIP: true }, /enableNodePublicIP is true/),
  row("private-nodes", "nodeClass", { "spec.associatePublicIPAddress": true }, /associatePublicIPAddress is true/),

  row("private-control-plane", "gke", { masterAuthorizedNetworksConfig: undefined }, /is not set/),
  row(
    "private-control-plane",
    "gke",
    { "masterAuthorizedNetworksConfig.cidrBlocks": [{ cidrBlock: "0.0.0.0/0" }] },
    /has 0\.0\.0\.0\/0: everybody/,
  ),
  row("private-control-plane", "eks", { vpcConfig: {} }, /publicAccessCidrs has 0\.0\.0\.0\/0/),
  row("private-control-plane", "eks", { "vpcConfig.publicAccessCidrs": ["10.0.0.0/8", "0.0.0.0/0"] }, /everybody/),
  row("private-control-plane", "aks", { apiServerAccessProfile: undefined }, /authorizedIPRanges is not set/),
  row("private-control-plane", "aks", { "apiServerAccessProfile.authorizedIPRanges": [] }, /is not set/),
  row("private-control-plane", "aks", { "apiServerAccessProfile.authorizedIPRanges": ["0.0.0.0/0"] }, /everybody/),

  row("private-database", "cloudSql", { "settings.ipConfiguration.ipv4Enabled": undefined }, /not set, not false/),
  row(
    "private-database",
    "cloudSql",
    { "settings.ipConfiguration.authorizedNetworks": [{ value: "0.0.0.0/0" }] },
    /everybody/,
  ),
  row("private-database", "rds", { publiclyAccessible: true }, /publiclyAccessible is true/),
  row("private-database", "mySql", { network: undefined }, /publicNetworkAccess is not set, not Disabled/),

  row("encrypted-cluster-secrets", "gke", { databaseEncryption: { state: "DECRYPTED" } }, /"DECRYPTED", not ENCRYPTED/),
  row("encrypted-cluster-secrets", "eks", { encryptionConfig: undefined }, /keyArn is not set/),
  row("encrypted-cluster-secrets", "eks", { "encryptionConfig.resources": [] }, /resources lacks secrets/),
  row("encrypted-cluster-secrets", "aks", { securityProfile: undefined }, /azureKeyVaultKms\.enabled is not set/),

  row("encrypted-buckets", "gcs", { encryption: undefined }, /defaultKmsKeyName is not set/),
  row("encrypted-buckets", "s3Encryption", { bucket: "other", ...unrelated() }, /no server-side encryption/),
  row(
    "encrypted-buckets",
    "s3Encryption",
    { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
    /"AES256", not aws:kms/,
  ),
  row("encrypted-buckets", "account", { encryption: undefined }, /keySource is not set/),

  row("encrypted-databases", "cloudSql", { encryptionKeyName: undefined }, /encryptionKeyName is not set/),
  row("encrypted-databases", "rds", { storageEncrypted: false }, /storageEncrypted is false, not true/),
  row("encrypted-databases", "rds", { kmsKeyId: undefined }, /kmsKeyId is not set/),
  row("encrypted-databases", "mySql", { dataEncryption: undefined }, /dataEncryption\.type is not set/),

  row("encrypted-disks", "gkePool", { "nodeConfig.bootDiskKmsKey": undefined }, /bootDiskKmsKey is not set/),
  row("encrypted-disks", "template", { blockDeviceMappings: undefined }, /blockDeviceMappings is not set/),
  row("encrypted-disks", "template", { blockDeviceMappings: [{ ebs: { volumeSize: 50 } }] }, /encrypted is not set/),
  row("encrypted-disks", "nodeGroup", { launchTemplate: undefined }, /launchTemplate is not set/),
  row("encrypted-disks", "efs", { encrypted: false }, /encrypted is false/),
  row("encrypted-disks", "aks", { agentPoolProfiles: [{ name: "system" }] }, /enableEncryptionAtHost is not set/),
  row("encrypted-disks", "aksPool", { enableEncryptionAtHost: false }, /enableEncryptionAtHost is false/),
  row("encrypted-disks", "nodeClass", { "spec.blockDeviceMappings": [{ ebs: {} }] }, /encrypted is not set/),
  row("encrypted-disks", "storageClass", { parameters: undefined }, /parameters\.encrypted is not set/),

  row("no-public-bucket", "gcs", { publicAccessPrevention: "inherited" }, /"inherited", not enforced/),
  row("no-public-bucket", "gcs", { uniformBucketLevelAccess: undefined }, /uniformBucketLevelAccess is not set/),
  row("no-public-bucket", "s3Block", { blockPublicPolicy: undefined }, /blockPublicPolicy is not set/),
  row("no-public-bucket", "s3Block", unrelated(), /no public access block/),
  row("no-public-bucket", "s3Acl", { acl: "public-read" }, /acl is public-read/),
  row("no-public-bucket", "s3Policy", { policy: statement({ Sid: "Site", Principal: "*" }) }, /Site allows everybody/),
  row("no-public-bucket", "account", { allowBlobPublicAccess: undefined }, /allowBlobPublicAccess is not set/),
  row("no-public-bucket", "container", { publicAccess: "Container" }, /publicAccess is Container/),

  row("no-wildcard-iam", "awsPolicy", { policy: statement({ Action: "*" }) }, /allows the action \*/),
  row("no-wildcard-iam", "awsPolicy", { policy: statement({ Action: ["s3:*"] }) }, /s3:\* on every resource/),
  row("no-wildcard-iam", "awsPolicy", { policy: statement({ Action: "s3:GetObject" }) }, /GetObject on every/),
  row("no-wildcard-iam", "awsPolicy", { policy: statement({ Action: "iam:PassRole" }) }, /iam:PassRole on every/),
  row("no-wildcard-iam", "awsPolicy", { policy: statement({ NotAction: "iam:*" }) }, /all but a few with NotAction/),
  row("no-wildcard-iam", "role", { inlinePolicies: [{ policy: statement({ Action: "*" }) }] }, /the action \*/),
  row("no-wildcard-iam", "role", { assumeRolePolicy: statement({ Principal: { AWS: "*" } }) }, /everybody/),
  row(
    "no-wildcard-iam",
    "role",
    { managedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"] },
    /AdministratorAccess/,
  ),
  row("no-wildcard-iam", "attachment", { policyArn: "arn:aws:iam::aws:policy/PowerUserAccess" }, /PowerUserAccess/),
  row("no-wildcard-iam", "awsKey", { policy: statement({ Principal: "*", Action: "kms:*" }) }, /everybody/),
  row("no-wildcard-iam", "gcpMember", { role: "roles/editor" }, /role is roles\/editor/),
  row("no-wildcard-iam", "gcpMember", { member: "allUsers" }, /allUsers is everybody/),
  row("no-wildcard-iam", "gcpBinding", { members: ["user:a@example.com", "allAuthenticatedUsers"] }, /everybody/),
  row(
    "no-wildcard-iam",
    "assignment",
    { scope: "/subscriptions/00000000-0000-4000-8000-000000000001" },
    /Contributor on \/subscriptions/,
  ),
  row("no-wildcard-iam", "assignment", { scope: "/", roleDefinitionId: owner }, /Owner on \//),
  row("no-wildcard-iam", "definition", { permissions: [{ actions: ["*"] }] }, /permissions\.actions has \*/),

  row(
    "no-wildcard-cluster-role",
    "clusterRole",
    { rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] },
    /every verb on every resource of every group/,
  ),
  row("no-wildcard-cluster-role", "dexRole", { "metadata.name": "dex2" }, /every resource of dex\.coreos\.com/),
  row(
    "no-wildcard-cluster-role",
    "clusterRoleBinding",
    { subjects: [{ kind: "ServiceAccount", name: "default", namespace: "kubeflow" }] },
    /default is cluster-admin/,
  ),
  row(
    "no-wildcard-cluster-role",
    "clusterRoleBinding",
    { subjects: [{ kind: "Group", name: "system:authenticated" }] },
    /system:authenticated is cluster-admin/,
  ),

  row("no-known-credentials", "secret", { "stringData.password": "minio123" }, /stringData\.password is the object/),
  row("no-known-credentials", "secret", { "data.token": "bWluaW8xMjM=" }, /data\.token is the object store's/),
  row(
    "no-known-credentials",
    "deployment",
    { [`${pod}.containers[0].env[0].value`]: "test" },
    /env\[0\]\.value is the password of the databases/,
  ),

  row("pinned-images", "deployment", { [`${pod}.containers[0].image`]: "web" }, /web has no tag/),
  row("pinned-images", "deployment", { [`${pod}.containers[0].image`]: "localhost:5000/web" }, /has no tag/),
  row("pinned-images", "deployment", { [`${pod}.initContainers[0].image`]: "init:latest" }, /pushed last/),

  ...[
    "gcs",
    "cloudSql",
    "gcpKey",
    "gcpZone",
    "s3",
    "rds",
    "awsKey",
    "awsZone",
    "account",
    "mySql",
    "vault",
    "azureZone",
  ].map((name) => row("protected-data", name, { protect: false }, /not protected/)),
  row("protected-data", "gcs", { forceDestroy: true }, /forceDestroy is true/),
  row("protected-data", "cloudSql", { deletionProtection: false }, /deletionProtection is false/),
  row("protected-data", "cloudSql", { "settings.deletionProtectionEnabled": undefined }, /is not set, not true/),
  row("protected-data", "rds", { deletionProtection: undefined }, /deletionProtection is not set/),
  row("protected-data", "rds", { skipFinalSnapshot: true }, /skipFinalSnapshot is true/),
  row("protected-data", "vault", { "properties.enablePurgeProtection": undefined }, /enablePurgeProtection is not set/),

  row("gpu-pools-tainted", "gkePool", { "nodeConfig.taints": undefined }, /no taint nvidia\.com\/gpu/),
  row("gpu-pools-tainted", "nodeGroup", { taints: [{ key: "dedicated", effect: "NO_SCHEDULE" }] }, /no taint/),
  row("gpu-pools-tainted", "nodeGroup", { amiType: "AL2023_x86_64", taints: undefined }, /no taint/),
  row("gpu-pools-tainted", "aksPool", { nodeTaints: ["sku=gpu:NoSchedule"] }, /no taint/),
  row("gpu-pools-tainted", "aks", { agentPoolProfiles: [{ vmSize: "Standard_NC4as_T4_v3" }] }, /^agentPoolProfiles/),
  row("gpu-pools-tainted", "karpenterGpu", { [`${pod}.taints`]: undefined }, /no taint/),

  row("gpu-pools-capped", "gkePool", { "autoscaling.totalMaxNodeCount": 17 }, /is 17 nodes, more than 16/),
  row("gpu-pools-capped", "gkePool", { autoscaling: undefined }, /no maximum/),
  row("gpu-pools-capped", "nodeGroup", { "scalingConfig.maxSize": 0 }, /can never have a node/),
  row("gpu-pools-capped", "aksPool", { maxCount: 100 }, /is 100 nodes, more than 16/),
  row("gpu-pools-capped", "karpenterGpu", { "spec.limits": undefined }, /no maximum/),
  row("gpu-pools-capped", "karpenterGpu", { "spec.limits": { "nvidia.com/gpu": 129 } }, /is 129 GPUs, more than 128/),

  row("labels-present", "gke", { "resourceLabels.cluster": undefined }, /resourceLabels lacks cluster/),
  row("labels-present", "gkePool", { "nodeConfig.resourceLabels": undefined }, /lacks application, cluster/),
  row("labels-present", "cloudSql", { "settings.userLabels.environment": "" }, /lacks environment/),
  row("labels-present", "eks", { tags: undefined }, /tags lacks application, cluster, environment, managed-by/),
  row("labels-present", "vault", { tags: undefined }, /tags lacks/),
];

/** The property no longer comes from the bucket of the stack. */
function unrelated(): Change {
  return { propertyDependencies: undefined };
}

/** The sound stack with the change made. */
export function changed({ resource, change }: Pick<Wrong, "resource" | "change">): readonly Resource[] {
  return Object.entries<Resource>(soundStack).map(([name, sound]) =>
    name === resource ? Object.entries(change).reduce(withChange, sound) : sound,
  );
}

function withChange(resource: Resource, [path, value]: readonly [string, Value | undefined]): Resource {
  if (path === "protect") return { ...resource, protect: value === true };
  if (path === "propertyDependencies") return { ...resource, propertyDependencies: {} };
  return { ...resource, props: set(resource.props, parsePath(path), value) as Properties };
}

/** The value with another one at a path of keys and indexes. */
export function set(value: Value | undefined, path: readonly (string | number)[], next: Value | undefined): Value {
  const [key, ...rest] = path;
  if (key === undefined) return next ?? null;
  if (Array.isArray(value)) {
    return (value as readonly Value[]).map((item, index) => (index === key ? set(item, rest, next) : item));
  }
  const { [String(key)]: old, ...others } = value as Properties;
  return next === undefined && rest.length === 0 ? others : { ...others, [String(key)]: set(old, rest, next) };
}
