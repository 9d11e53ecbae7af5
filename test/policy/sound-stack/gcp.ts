import { unknown } from "../../../policy/values.ts";
import { kept, labels, resource } from "./resource.ts";

export const gcp = {
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
