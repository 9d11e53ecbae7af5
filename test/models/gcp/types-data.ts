/** What is kept, and what it is encrypted with, as calls. */
import type { GcpType } from "./translate.ts";
import { only } from "./types-cluster.ts";

const encryption: Readonly<Record<string, GcpType>> = {
  "gcp:kms/keyRing:KeyRing": {
    document: "cloudkms.v1",
    method: "projects.locations.keyRings.create",
    parameters: { parent: "projects/{project}/locations/{location}", keyRingId: "{name}" },
  },
  "gcp:kms/cryptoKey:CryptoKey": {
    document: "cloudkms.v1",
    method: "projects.locations.keyRings.cryptoKeys.create",
    parameters: { parent: "{keyRing}", cryptoKeyId: "{name}" },
  },
};

const database: Readonly<Record<string, GcpType>> = {
  "gcp:sql/databaseInstance:DatabaseInstance": {
    document: "sqladmin.v1beta4",
    method: "instances.insert",
    parameters: { project: "{project}" },
    moves: {
      encryptionKeyName: "diskEncryptionConfiguration.kmsKeyName",
      "settings.diskAutoresize": "storageAutoResize",
      "settings.diskSize": "dataDiskSizeGb",
      "settings.diskType": "dataDiskType",
      "settings.ipConfiguration.pscConfigs": { to: "pscConfig", as: only },
    },
    dropped: { deletionProtection: "Pulumi's provider's own, beside the API's deletionProtectionEnabled" },
  },
  "gcp:sql/user:User": {
    document: "sqladmin.v1beta4",
    method: "users.insert",
    parameters: { project: "{project}", instance: "{instance}" },
    moves: { passwordWo: "password" },
    dropped: { passwordWoVersion: "tells Pulumi's provider when to send the password again" },
  },
};

export const dataTypes: Readonly<Record<string, GcpType>> = {
  ...encryption,
  ...database,
  "gcp:storage/bucket:Bucket": {
    document: "storage.v1",
    method: "buckets.insert",
    parameters: { project: "{project}" },
    moves: {
      // The documentation of buckets; the model says nothing.
      name: { wants: /^[a-z0-9](?!.*google)[a-z0-9_-]{1,61}[a-z0-9]$/ },
      uniformBucketLevelAccess: "iamConfiguration.uniformBucketLevelAccess.enabled",
      publicAccessPrevention: {
        to: "iamConfiguration.publicAccessPrevention",
        wants: /^(enforced|inherited)$/,
      },
      lifecycleRules: "lifecycle.rule",
      "lifecycleRules.action.type": { wants: /^(Delete|SetStorageClass|AbortIncompleteMultipartUpload)$/ },
      "lifecycleRules.condition.withState": {
        to: "isLive",
        as: (value) => (value === "ANY" ? undefined : value === "LIVE"),
        wants: /^(ANY|LIVE|ARCHIVED)$/,
      },
    },
    dropped: { forceDestroy: "Pulumi's provider's own: it empties a bucket before it deletes it" },
  },
  "gcp:artifactregistry/repository:Repository": {
    document: "artifactregistry.v1",
    method: "projects.locations.repositories.create",
    parameters: { parent: "projects/{project}/locations/{location}", repositoryId: "{repositoryId}" },
  },
  "gcp:dns/managedZone:ManagedZone": {
    document: "dns.v1",
    method: "managedZones.create",
    parameters: { project: "{project}" },
    dropped: { forceDestroy: "Pulumi's provider's own: it deletes the records before the zone" },
  },
};
