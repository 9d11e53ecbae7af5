/** Data at rest is encrypted, with a key of the stack's own wherever the cloud lets us bring one. */
import type { Finding, Resource, Rule } from "../rule.ts";
import { at, itemsAt, needs, unknown, wants, type Value } from "../values.ts";

export const encryptedClusterSecrets: Rule = {
  name: "encrypted-cluster-secrets",
  title: "Secrets of the cluster are encrypted with a key of the stack's own",
  remedy: "Name a KMS key in the cluster's encryption settings",
  concern: "security",
  resources: {
    "gcp:container/cluster:Cluster": ({ props }) => [
      ...wants(props, "databaseEncryption.state", "ENCRYPTED"),
      ...needs(props, "databaseEncryption.keyName"),
    ],
    "aws:eks/cluster:Cluster": ({ props }) => [
      ...needs(props, "encryptionConfig.provider.keyArn"),
      ...(coversSecrets(at(props, "encryptionConfig.resources")) ? [] : ["encryptionConfig.resources lacks secrets"]),
    ],
    "azure-native:containerservice:ManagedCluster": ({ props }) => [
      ...wants(props, "securityProfile.azureKeyVaultKms.enabled", true),
      ...needs(props, "securityProfile.azureKeyVaultKms.keyId"),
    ],
  },
};

function coversSecrets(resources: Value | undefined): boolean {
  if (!Array.isArray(resources)) return resources === unknown;
  return resources.includes("secrets") || resources.includes(unknown);
}

const s3Encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";

export const encryptedBuckets: Rule = {
  name: "encrypted-buckets",
  title: "Buckets are encrypted with a key of the stack's own",
  remedy: "Name a KMS key as the default of the bucket",
  concern: "security",
  resources: {
    "gcp:storage/bucket:Bucket": ({ props }) => needs(props, "encryption.defaultKmsKeyName"),
    [s3Encryption]: ({ props }) =>
      itemsAt(props, "rules").flatMap((rule) => [
        ...wants(rule, "applyServerSideEncryptionByDefault.sseAlgorithm", "aws:kms"),
        ...needs(rule, "applyServerSideEncryptionByDefault.kmsMasterKeyId"),
      ]),
  },
  stack: (resources) => [
    ...bucketsWithout(resources, s3Encryption, "server-side encryption configuration"),
    ...dataAccounts(resources).flatMap(({ urn, props }) =>
      wants(props, "encryption.keySource", "Microsoft.Keyvault").map((message) => ({ urn, message })),
    ),
  ],
};

/** Azure's storage accounts that the stack has containers in. Others take the logs of the cloud itself. */
export function dataAccounts(resources: readonly Resource[]): readonly Resource[] {
  const containers = resources.filter(({ type }) => type === "azure-native:storage:BlobContainer");
  const used = new Set(containers.flatMap(({ propertyDependencies }) => propertyDependencies["accountName"] ?? []));
  return resources.filter(({ type, urn }) => type === "azure-native:storage:StorageAccount" && used.has(urn));
}

/** S3 buckets that no resource of a type is about. */
export function bucketsWithout(resources: readonly Resource[], type: string, what: string): readonly Finding[] {
  const aspects = resources.filter((resource) => resource.type === type);
  const covered = new Set(aspects.flatMap(({ propertyDependencies }) => propertyDependencies["bucket"] ?? []));
  return resources
    .filter(({ type: own, urn }) => own === "aws:s3/bucket:Bucket" && !covered.has(urn))
    .map(({ urn }) => ({ urn, message: `the stack has no ${what} for the bucket` }));
}

export const encryptedDatabases: Rule = {
  name: "encrypted-databases",
  title: "Databases are encrypted with a key of the stack's own",
  remedy: "Name a KMS key in the database's settings; most clouds take it at creation only",
  concern: "security",
  resources: {
    "gcp:sql/databaseInstance:DatabaseInstance": ({ props }) => needs(props, "encryptionKeyName"),
    "aws:rds/instance:Instance": ({ props }) => [
      ...wants(props, "storageEncrypted", true),
      ...needs(props, "kmsKeyId"),
    ],
    "azure-native:dbformysql:Server": ({ props }) => wants(props, "dataEncryption.type", "AzureKeyVault"),
  },
};

export const encryptedDisks: Rule = {
  name: "encrypted-disks",
  title: "Disks of nodes and volumes of pods are encrypted",
  remedy: "Encrypt the node pool's disks, and the volumes of the storage class",
  concern: "security",
  resources: {
    "gcp:container/nodePool:NodePool": ({ props }) => needs(props, "nodeConfig.bootDiskKmsKey"),
    "aws:ec2/launchTemplate:LaunchTemplate": ({ props }) => {
      const disks = itemsAt(props, "blockDeviceMappings");
      if (disks.length === 0) return needs(props, "blockDeviceMappings");
      return disks.flatMap((disk) => (at(disk, "ebs") === undefined ? [] : wants(disk, "ebs.encrypted", true)));
    },
    "aws:eks/nodeGroup:NodeGroup": ({ props }) => needs(props, "launchTemplate"),
    "aws:efs/fileSystem:FileSystem": ({ props }) => wants(props, "encrypted", true),
    "azure-native:containerservice:ManagedCluster": ({ props }) =>
      at(props, "diskEncryptionSetID") === undefined
        ? itemsAt(props, "agentPoolProfiles").flatMap((pool) => wants(pool, "enableEncryptionAtHost", true))
        : [],
    "azure-native:containerservice:AgentPool": ({ props }) => wants(props, "enableEncryptionAtHost", true),
  },
  packages: {
    kubernetes: ({ type, props }) => {
      if (type.endsWith(":EC2NodeClass")) {
        // Without mappings, Karpenter encrypts the one disk that it makes.
        return itemsAt(props, "spec.blockDeviceMappings").flatMap((disk) => wants(disk, "ebs.encrypted", true));
      }
      // The other clouds encrypt every volume.
      const isEbs = type.endsWith(":StorageClass") && at(props, "provisioner") === "ebs.csi.aws.com";
      return isEbs && at(props, "parameters") !== unknown ? wants(props, "parameters.encrypted", true) : [];
    },
  },
};
