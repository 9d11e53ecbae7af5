/** What the chart of Velero is told. Values of https://github.com/vmware-tanzu/helm-charts, velero 12.1.0. Pure. */
import type * as pulumi from "@pulumi/pulumi";
import type { ObjectStore } from "../contracts/object-store.ts";
import type { IdentityBinding } from "../contracts/workload-identity.ts";
import type { BackupSettings } from "./settings.ts";

export const veleroNamespace = "velero";
export const veleroAccount = { namespace: veleroNamespace, name: "velero" } as const;
/** Of Velero itself; see `veleroRules`. */
export const veleroRole = "kubeflow-velero";
/** With a store's key; there is none where an identity does. */
export const veleroKeySecret = "velero-store-key";

/** What the objects of a backup are below, within the backup's own prefix: dumps of databases are beside it. */
export const clusterFolder = "cluster/";

/** As the plugins' own tables have it, 1.14 is for Velero 1.18: https://github.com/vmware-tanzu/velero-plugin-for-aws#compatibility */
const plugins = {
  s3: { provider: "velero.io/aws", image: "docker.io/velero/velero-plugin-for-aws:v1.14.1" },
  gcs: { provider: "velero.io/gcp", image: "docker.io/velero/velero-plugin-for-gcp:v1.14.1" },
  "azure-blob": { provider: "velero.io/azure", image: "docker.io/velero/velero-plugin-for-microsoft-azure:v1.14.1" },
} as const satisfies Readonly<Record<ObjectStore["kind"], { readonly provider: string; readonly image: string }>>;

/** What a cluster makes again by itself, and Velero's own: its custom resources come back from the bucket. */
const neverBackedUp = ["kube-system", "kube-public", "kube-node-lease", veleroNamespace] as const;

type Values = Readonly<Record<string, unknown>>;

/** @param identity undefined: the store's own key. */
export function veleroValues(
  settings: BackupSettings,
  store: ObjectStore,
  identity: Pick<IdentityBinding, "serviceAccountAnnotations" | "podLabels"> | undefined,
): Values {
  const { volumes } = settings;
  const { image } = plugins[store.kind];
  return {
    fullnameOverride: veleroAccount.name,
    initContainers: [
      {
        name: image.replace(/^.*\/|:.*$/g, ""),
        image,
        securityContext: unprivileged,
        volumeMounts: [{ mountPath: "/target", name: "plugins" }],
      },
    ],
    podSecurityContext: { runAsNonRoot: true, runAsUser: 65_532, fsGroup: 65_532 },
    containerSecurityContext: unprivileged,
    resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "1Gi" } },
    podLabels: identity?.podLabels ?? {},
    serviceAccount: {
      server: { create: true, name: veleroAccount.name, annotations: identity?.serviceAccountAnnotations ?? {} },
    },
    // Of ours, instead of cluster-admin.
    rbac: { create: true, clusterAdministrator: true, clusterAdministratorName: veleroRole },
    credentials: identity === undefined ? { existingSecret: veleroKeySecret } : { useSecret: false },
    // A VolumeSnapshotLocation is for the clouds' own snapshots, which ask for rights to disks: CSI does without.
    snapshotsEnabled: false,
    deployNodeAgent: volumes === "file-system",
    configuration: {
      backupStorageLocation: [locationOf(settings, store)],
      defaultBackupTTL: `${String(settings.retentionDays * 24)}h`,
      defaultVolumesToFsBackup: volumes === "file-system",
      features: volumes === "snapshots" ? "EnableCSI" : "",
      logFormat: "json",
    },
    schedules: { kubeflow: { schedule: settings.schedule, template: templateOf(settings) } },
  };
}

const unprivileged = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
} as const;

function locationOf(settings: BackupSettings, store: ObjectStore): Values {
  const { provider } = plugins[store.kind];
  return {
    name: "default",
    provider,
    default: true,
    bucket: store.bucket,
    prefix: `${settings.prefix}${clusterFolder}`.replace(/\/$/, ""),
    ...(store.caCertificate === undefined ? {} : { caCert: Buffer.from(store.caCertificate).toString("base64") }),
    config: configOf(store),
  };
}

/** Keys of each plugin's `backupstoragelocation.md`. */
function configOf({ kind, region, endpoint, account }: ObjectStore): Readonly<Record<string, pulumi.Input<string>>> {
  if (kind === "gcs") {
    // Only who signs URLs for `velero backup logs`. The plugin refuses to start without one, and a pod that GKE knows by
    // its service account alone has none.
    return { serviceAccount: "nobody@example.invalid" };
  }
  if (kind === "azure-blob") {
    if (account === undefined) throw new Error("a container of Azure's is in a storage account");
    const storageAccountURI = account.apply((name) => `https://${name}.blob.core.windows.net/`);
    // With neither, it asks Azure's management API for the account's key.
    return { storageAccount: account, storageAccountURI, useAAD: "true" };
  }
  // Checksums at the end of a body are AWS's; a store of another make may refuse them.
  return endpoint === undefined
    ? { region }
    : { region, s3Url: endpoint, s3ForcePathStyle: "true", checksumAlgorithm: "" };
}

/** `spec` of every Backup that the schedule makes. */
export function templateOf({ retentionDays, volumes, exclude }: BackupSettings): Values {
  return {
    ttl: `${String(retentionDays * 24)}h0m0s`,
    storageLocation: "default",
    // Tenants that are made in the dashboard are in no configuration: everything but what is left out.
    includedNamespaces: ["*"],
    excludedNamespaces: [...neverBackedUp, ...exclude],
    // Profiles are cluster-scoped.
    includeClusterResources: true,
    snapshotVolumes: volumes === "snapshots",
    defaultVolumesToFsBackup: volumes === "file-system",
  };
}

/** What a Restore names as its `resourceModifier`; docs/backup.md. */
export const restoreModifiers = "kubeflow-restore";

/**
 * Kinds whose schemas want a `status`. Velero leaves that out of what it restores, and the API server would refuse them: of
 * Pipelines 2.16 the recurring runs (tried with Velero 1.18.1).
 */
export const kindsWithStatus: readonly string[] = ["scheduledworkflows.kubeflow.org"];

/** The one entry of the ConfigMap: https://velero.io/docs/v1.18/restore-resource-modifiers/ */
export function restoreModifierData(): Readonly<Record<string, string>> {
  const resourceModifierRules = kindsWithStatus.map((groupResource) => ({
    conditions: { groupResource },
    mergePatches: [{ patchData: JSON.stringify({ status: {} }) }],
  }));
  return { "modifiers.yaml": JSON.stringify({ version: "v1", resourceModifierRules }) };
}

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * What Velero may do. A backup reads everything, Secrets included, and writes the snapshots that it asks for, and Velero's own
 * kinds, by the chart's role in their namespace; a restore writes whatever was backed up, roles with more rights than its own among it, which is what
 * cluster-admin is for.
 */
export function veleroRules({ volumes, restoring }: Pick<BackupSettings, "volumes" | "restoring">): readonly Rule[] {
  if (restoring) {
    return [
      { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
      { nonResourceURLs: ["*"], verbs: ["get"] },
    ];
  }
  return [
    { apiGroups: ["*"], resources: ["*"], verbs: ["get", "list", "watch"] },
    ...(volumes === "snapshots"
      ? [
          {
            apiGroups: ["snapshot.storage.k8s.io"],
            resources: ["volumesnapshots", "volumesnapshotcontents"],
            verbs: ["create", "update", "patch", "delete"],
          },
        ]
      : []),
  ];
}
