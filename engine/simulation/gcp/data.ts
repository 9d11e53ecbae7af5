/** What holds data, and the keys of it. */
import type { SimulationTable } from "../table.ts";
import { linkOf, named, names, pathOf, textOf } from "./answers.ts";

export const data: SimulationTable = {
  "gcp:storage/bucket:Bucket": {
    required: ["location"],
    optional: names(`
      autoclass cors customPlacementConfig defaultEventBasedHold deletionPolicy enableObjectRetention
      encryption forceDestroy hierarchicalNamespace ipFilter labels lifecycleRules logging name project
      publicAccessPrevention requesterPays retentionPolicy rpo softDeletePolicy storageClass
      uniformBucketLevelAccess versioning website
    `),
    forceNew: names("name location project customPlacementConfig enableObjectRetention hierarchicalNamespace"),
    autoName: { property: "name", maxLength: 63, separator: "-" },
    secretOutputs: ["effectiveLabels", "pulumiLabels"],
    answer: (ask) => {
      const name = textOf(ask, "name");
      const selfLink = `https://www.googleapis.com/storage/v1/b/${name}`;
      return { id: named("", ask), outputs: { url: `gs://${name}`, selfLink, projectNumber: 0 } };
    },
  },
  "gcp:sql/databaseInstance:DatabaseInstance": {
    required: ["databaseVersion"],
    optional: names(`
      backupdrBackup clone deletionPolicy deletionProtection encryptionKeyName
      enforceNewSqlNetworkArchitecture finalBackupDescription includeReplicasForMajorVersionUpgrade
      instanceType maintenanceVersion masterInstanceName name nodeCount pointInTimeRestoreContext
      project region replicaConfiguration replicaNames replicationCluster restoreBackupContext
      rootPassword rootPasswordWo rootPasswordWoVersion settings
      switchTransactionLogsToCloudStorageEnabled
    `),
    forceNew: names("name region project masterInstanceName encryptionKeyName clone"),
    autoName: { property: "name", maxLength: 84, separator: "-" },
    secretOutputs: ["replicaConfiguration", "rootPassword", "rootPasswordWo", "serverCaCerts"],
    answer: (ask) => {
      const region = textOf(ask, "region");
      const name = textOf(ask, "name");
      return {
        id: named("", ask),
        outputs: {
          connectionName: `${textOf(ask, "project")}:${region}:${name}`,
          dnsName: `${ask.token}.${region}.sql.goog.`,
          firstIpAddress: "10.0.0.11",
          privateIpAddress: "10.0.0.11",
          pscServiceAttachmentLink: `projects/${ask.token}/regions/${region}/serviceAttachments/a-${ask.token}-psc`,
          selfLink: linkOf(pathOf(ask, "instances"), ask),
          serviceAccountEmailAddress: `p-${ask.token}@gcp-sa-cloud-sql.iam.gserviceaccount.com`,
        },
      };
    },
  },
  "gcp:sql/user:User": {
    required: ["instance"],
    optional: names(`
      databaseRoles deletionPolicy host name password passwordPolicy passwordWo passwordWoVersion
      project type
    `),
    forceNew: names("name host instance project type"),
    autoName: { property: "name", maxLength: 32, separator: "-" },
    secretOutputs: ["password", "passwordWo"],
    answer: (ask) => ({
      id: `${textOf(ask, "name")}/${textOf(ask, "host")}/${textOf(ask, "instance")}~${ask.token}`,
      outputs: {},
    }),
  },
  "gcp:artifactregistry/repository:Repository": {
    required: ["format", "repositoryId"],
    optional: names(`
      cleanupPolicies cleanupPolicyDryRun deletionPolicy description dockerConfig kmsKeyName labels
      location mavenConfig mode project remoteRepositoryConfig virtualRepositoryConfig
      vulnerabilityScanningConfig
    `),
    forceNew: names(`
      repositoryId location project format mode kmsKeyName remoteRepositoryConfig.dockerRepository
    `),
    secretOutputs: ["effectiveLabels", "pulumiLabels"],
    answer: (ask) => {
      const location = textOf(ask, "location");
      const name = textOf(ask, "repositoryId");
      const registryUri = `${location}-docker.pkg.dev/${textOf(ask, "project")}/${name}`;
      return {
        id: `${pathOf(ask, `locations/${location}/repositories`)}/${name}~${ask.token}`,
        outputs: { name, registryUri },
      };
    },
  },
  "gcp:dns/managedZone:ManagedZone": {
    required: ["dnsName"],
    optional: names(`
      cloudLoggingConfig deletionPolicy description dnssecConfig forceDestroy forwardingConfig labels
      name peeringConfig privateVisibilityConfig project reverseLookup serviceDirectoryConfig visibility
    `),
    forceNew: names("name dnsName project visibility"),
    autoName: { property: "name", maxLength: 63, separator: "-" },
    secretOutputs: ["effectiveLabels", "pulumiLabels"],
    answer: (ask) => ({
      id: named(pathOf(ask, "managedZones"), ask),
      outputs: {
        managedZoneId: ask.token,
        nameServers: ["a", "b", "c", "d"].map((server) => `ns-${ask.token}-${server}.googledomains.com.`),
      },
    }),
  },
  "gcp:kms/keyRing:KeyRing": {
    required: ["location"],
    optional: names(`
      name project
    `),
    forceNew: names("name location project"),
    autoName: { property: "name", maxLength: 63, separator: "-" },
    answer: (ask) => ({
      id: named(pathOf(ask, `locations/${textOf(ask, "location")}/keyRings`), ask),
      outputs: {},
    }),
  },
  "gcp:kms/cryptoKey:CryptoKey": {
    required: ["keyRing"],
    optional: names(`
      cryptoKeyBackend deletionPolicy destroyScheduledDuration importOnly keyAccessJustificationsPolicy
      labels name purpose rotationPeriod skipInitialVersionCreation versionTemplate
    `),
    forceNew: names(`
      name keyRing purpose importOnly destroyScheduledDuration skipInitialVersionCreation
      cryptoKeyBackend
    `),
    autoName: { property: "name", maxLength: 63, separator: "-" },
    secretOutputs: ["effectiveLabels", "pulumiLabels"],
    answer: (ask) => {
      const id = `${textOf(ask, "keyRing")}/cryptoKeys/${textOf(ask, "name")}~${ask.token}`;
      return { id, outputs: { primaries: [{ name: `${id}/cryptoKeyVersions/1`, state: "ENABLED" }] } };
    },
  },
};
