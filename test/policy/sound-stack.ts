/** Resources of a stack that violates no rule, by a short name: what each test changes one property of. */
import type { Resource } from "../../policy/rule.ts";
import { unknown, type Properties } from "../../policy/values.ts";

const labels = { application: "kubeflow", cluster: "kubeflow", environment: "prod", "managed-by": "pulumi" };

function resource(
  type: string,
  name: string,
  props: Properties,
  more: Partial<Pick<Resource, "protect" | "provider" | "propertyDependencies">> = {},
): Resource {
  const urn = `urn:pulumi:gcp-prod::kubeflow::${type}::${name}`;
  return { urn, type, props, protect: false, propertyDependencies: {}, ...more };
}

const kept = { protect: true };
const bucketUrn = "urn:pulumi:gcp-prod::kubeflow::aws:s3/bucket:Bucket::s3";
const accountUrn = "urn:pulumi:gcp-prod::kubeflow::azure-native:storage:StorageAccount::account";
const ofBucket = { propertyDependencies: { bucket: [bucketUrn] } };
const policy = (statement: Properties): string => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
const subscription = "/subscriptions/00000000-0000-4000-8000-000000000001";

const gcp = {
  gke: resource("gcp:container/cluster:Cluster", "gke", {
    resourceLabels: labels,
    privateClusterConfig: { enablePrivateNodes: true },
    controlPlaneEndpointsConfig: { ipEndpointsConfig: { enabled: true } },
    masterAuthorizedNetworksConfig: { cidrBlocks: [{ cidrBlock: "192.0.2.0/24" }] },
    databaseEncryption: { state: "ENCRYPTED", keyName: unknown },
  }),
  gkePool: resource("gcp:container/nodePool:NodePool", "gkePool", {
    networkConfig: { enablePrivateNodes: true },
    autoscaling: { totalMinNodeCount: 0, totalMaxNodeCount: 4 },
    nodeConfig: {
      machineType: "g2-standard-8",
      resourceLabels: labels,
      bootDiskKmsKey: unknown,
      guestAccelerators: [{ type: "nvidia-l4", count: 1 }],
      taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" }],
    },
  }),
  gcs: resource(
    "gcp:storage/bucket:Bucket",
    "gcs",
    {
      labels,
      publicAccessPrevention: "enforced",
      uniformBucketLevelAccess: true,
      encryption: { defaultKmsKeyName: unknown },
    },
    kept,
  ),
  cloudSql: resource(
    "gcp:sql/databaseInstance:DatabaseInstance",
    "cloudSql",
    {
      encryptionKeyName: unknown,
      deletionProtection: true,
      settings: {
        userLabels: labels,
        deletionProtectionEnabled: true,
        ipConfiguration: { ipv4Enabled: false, authorizedNetworks: [] },
      },
    },
    kept,
  ),
  gcpKey: resource("gcp:kms/cryptoKey:CryptoKey", "gcpKey", { labels }, kept),
  gcpZone: resource("gcp:dns/managedZone:ManagedZone", "gcpZone", { labels, forceDestroy: false }, kept),
  gcpPrivateZone: resource("gcp:dns/managedZone:ManagedZone", "gcpPrivateZone", { labels, visibility: "private" }),
  gcpMember: resource("gcp:projects/iAMMember:IAMMember", "gcpMember", {
    role: "roles/container.defaultNodeServiceAccount",
    member: "serviceAccount:nodes@example-kubeflow-dev.iam.gserviceaccount.com",
  }),
  gcpBinding: resource("gcp:storage/bucketIAMBinding:BucketIAMBinding", "gcpBinding", {
    role: "roles/storage.objectUser",
    members: ["group:team@example.com"],
  }),
};

const aws = {
  eks: resource("aws:eks/cluster:Cluster", "eks", {
    tags: labels,
    vpcConfig: { endpointPublicAccess: true, publicAccessCidrs: ["192.0.2.0/24"] },
    encryptionConfig: { provider: { keyArn: unknown }, resources: ["secrets"] },
  }),
  subnet: resource("aws:ec2/subnet:Subnet", "subnet", { tags: labels, mapPublicIpOnLaunch: false }),
  publicSubnet: resource("aws:ec2/subnet:Subnet", "publicSubnet", { tags: labels, mapPublicIpOnLaunch: true }),
  template: resource("aws:ec2/launchTemplate:LaunchTemplate", "template", {
    tags: labels,
    networkInterfaces: [{ associatePublicIpAddress: "false" }],
    blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: "true" } }, { virtualName: "ephemeral0" }],
  }),
  nodeGroup: resource(
    "aws:eks/nodeGroup:NodeGroup",
    "nodeGroup",
    {
      tags: labels,
      subnetIds: unknown,
      amiType: "AL2023_x86_64_NVIDIA",
      instanceTypes: ["p5.48xlarge"],
      scalingConfig: { minSize: 0, desiredSize: 0, maxSize: 2 },
      taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" }],
      launchTemplate: { id: unknown, version: unknown },
    },
    { propertyDependencies: { subnetIds: ["urn:pulumi:gcp-prod::kubeflow::aws:ec2/subnet:Subnet::subnet"] } },
  ),
  s3: resource(
    "aws:s3/bucket:Bucket",
    "s3",
    {},
    { ...kept, provider: { defaultTags: JSON.stringify({ tags: labels }) } },
  ),
  s3Block: resource(
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "s3Block",
    {
      bucket: unknown,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    ofBucket,
  ),
  s3Encryption: resource(
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "s3Encryption",
    {
      bucket: unknown,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: unknown } }],
    },
    ofBucket,
  ),
  s3Acl: resource("aws:s3/bucketAcl:BucketAcl", "s3Acl", { acl: "private" }),
  s3Policy: resource("aws:s3/bucketPolicy:BucketPolicy", "s3Policy", {
    policy: policy({
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: "*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    }),
  }),
  rds: resource(
    "aws:rds/instance:Instance",
    "rds",
    { tags: labels, storageEncrypted: true, kmsKeyId: unknown, deletionProtection: true, publiclyAccessible: false },
    kept,
  ),
  efs: resource("aws:efs/fileSystem:FileSystem", "efs", { tags: labels, encrypted: true }),
  awsKey: resource(
    "aws:kms/key:Key",
    "awsKey",
    {
      tags: labels,
      policy: policy({
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::111122223333:root" },
        Action: "kms:*",
        Resource: "*",
      }),
    },
    kept,
  ),
  awsZone: resource("aws:route53/zone:Zone", "awsZone", { tags: labels }, kept),
  awsPrivateZone: resource("aws:route53/zone:Zone", "awsPrivateZone", { tags: labels, vpcs: [{ vpcId: unknown }] }),
  role: resource("aws:iam/role:Role", "role", {
    tags: labels,
    assumeRolePolicy: policy({
      Effect: "Allow",
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
    }),
    inlinePolicies: [
      { name: "read", policy: policy({ Effect: "Allow", Action: "ec2:DescribeSubnets", Resource: "*" }) },
    ],
    managedPolicyArns: [],
  }),
  awsPolicy: resource("aws:iam/policy:Policy", "awsPolicy", {
    policy: policy({ Sid: "Read", Effect: "Allow", Action: ["s3:GetObject"], Resource: "arn:aws:s3:::artifacts/*" }),
  }),
  attachment: resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "attachment", {
    role: unknown,
    policyArn: "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
  }),
};

const azure = {
  aks: resource("azure-native:containerservice:ManagedCluster", "aks", {
    tags: labels,
    apiServerAccessProfile: { enablePrivateCluster: false, authorizedIPRanges: ["192.0.2.0/24"] },
    securityProfile: { azureKeyVaultKms: { enabled: true, keyId: unknown } },
    agentPoolProfiles: [{ name: "system", vmSize: "Standard_D4s_v6", enableEncryptionAtHost: true }],
  }),
  aksPool: resource("azure-native:containerservice:AgentPool", "aksPool", {
    tags: labels,
    vmSize: "Standard_NC40ads_H100_v5",
    enableAutoScaling: true,
    enableEncryptionAtHost: true,
    minCount: 0,
    maxCount: 4,
    nodeTaints: ["nvidia.com/gpu=present:NoSchedule"],
  }),
  account: resource(
    "azure-native:storage:StorageAccount",
    "account",
    { tags: labels, allowBlobPublicAccess: false, encryption: { keySource: "Microsoft.Keyvault" } },
    kept,
  ),
  container: resource(
    "azure-native:storage:BlobContainer",
    "container",
    { publicAccess: "None", accountName: unknown },
    { propertyDependencies: { accountName: [accountUrn] } },
  ),
  logsAccount: resource("azure-native:storage:StorageAccount", "logsAccount", {
    tags: labels,
    allowBlobPublicAccess: false,
  }),
  mySql: resource(
    "azure-native:dbformysql:Server",
    "mySql",
    { tags: labels, network: { delegatedSubnetResourceId: unknown }, dataEncryption: { type: "AzureKeyVault" } },
    kept,
  ),
  vault: resource(
    "azure-native:keyvault:Vault",
    "vault",
    { tags: labels, properties: { enablePurgeProtection: true } },
    kept,
  ),
  azureZone: resource("azure-native:dns:Zone", "azureZone", { tags: labels }, kept),
  assignment: resource("azure-native:authorization:RoleAssignment", "assignment", {
    scope: `${subscription}/resourceGroups/kubeflow`,
    roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c`,
  }),
  definition: resource("azure-native:authorization:RoleDefinition", "definition", {
    permissions: [{ actions: ["Microsoft.Network/virtualNetworks/read"] }],
  }),
};

const kubernetes = {
  deployment: resource("kubernetes:apps/v1:Deployment", "deployment", {
    kind: "Deployment",
    metadata: { name: "web", namespace: "kubeflow" },
    spec: {
      template: {
        spec: {
          initContainers: [{ name: "init", image: "registry.example.com:5000/init:v1" }],
          containers: [
            { name: "web", image: `quay.io/web@sha256:${"0".repeat(64)}`, env: [{ name: "PASSWORD", value: "x" }] },
          ],
        },
      },
    },
  }),
  secret: resource("kubernetes:core/v1:Secret", "secret", {
    kind: "Secret",
    metadata: { name: "mysql", namespace: "kubeflow" },
    stringData: { password: unknown },
    data: { token: "Z2VuZXJhdGVk" },
  }),
  clusterRole: resource("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "clusterRole", {
    kind: "ClusterRole",
    metadata: { name: "ours" },
    rules: [{ apiGroups: [""], resources: ["*"], verbs: ["get", "list"] }],
  }),
  dexRole: resource("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "dexRole", {
    kind: "ClusterRole",
    metadata: { name: "dex" },
    rules: [{ apiGroups: ["dex.coreos.com"], resources: ["*"], verbs: ["*"] }],
  }),
  clusterRoleBinding: resource("kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", "clusterRoleBinding", {
    kind: "ClusterRoleBinding",
    metadata: { name: "admins" },
    roleRef: { kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "Group", name: "platform-admins@example.com" }],
  }),
  storageClass: resource("kubernetes:storage.k8s.io/v1:StorageClass", "storageClass", {
    provisioner: "ebs.csi.aws.com",
    parameters: { type: "gp3", encrypted: "true" },
  }),
  nodeClass: resource("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", "nodeClass", {
    spec: { associatePublicIPAddress: false, blockDeviceMappings: [{ ebs: { encrypted: true } }] },
  }),
  karpenterGpu: resource("kubernetes:karpenter.sh/v1:NodePool", "karpenterGpu", {
    spec: {
      limits: { "nvidia.com/gpu": "16" },
      template: {
        spec: {
          taints: [{ key: "nvidia.com/gpu", effect: "NoSchedule" }],
          requirements: [{ key: "karpenter.k8s.aws/instance-gpu-name", operator: "In", values: ["l4"] }],
        },
      },
    },
  }),
  karpenterCpu: resource("kubernetes:karpenter.sh/v1:NodePool", "karpenterCpu", {
    spec: {
      template: {
        spec: { requirements: [{ key: "karpenter.k8s.aws/instance-gpu-count", operator: "DoesNotExist" }] },
      },
    },
  }),
};

export const soundStack = { ...gcp, ...aws, ...azure, ...kubernetes };
