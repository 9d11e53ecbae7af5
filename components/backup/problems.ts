/** What stands against a backup, before anything is registered. Pure. */
import type { ClusterTarget } from "../contracts/cluster-target.ts";
import { bucketPrefixOf, type TenantSettings } from "../kubeflow/tenants/settings.ts";
import type { BackupSettings } from "./settings.ts";

type Target = Pick<ClusterTarget, "kind" | "objectStore" | "identity">;

/** One sentence each: the key, the value, what is allowed, and what to do. */
export function backupProblems(
  settings: BackupSettings,
  { kind, objectStore: store, identity }: Target,
  tenants: readonly Pick<TenantSettings, "name" | "bucketPrefix">[],
): readonly string[] {
  if (store === undefined) {
    return [
      `kubeflow:backup: the target ${kind} has no object store to keep a backup in: give it one ` +
        "(kubeflow:onprem.objectStore), or leave kubeflow:backup out",
    ];
  }
  const { prefix, retentionDays } = settings;
  const { credentials, versionsKeptDays } = store;
  const overlapping = tenants.find((tenant) => overlap(prefix, bucketPrefixOf(tenant)));
  return [
    ...(identity === undefined && credentials === undefined
      ? [
          `kubeflow:backup: the target ${kind} has neither an identity nor a key for its object store: give it one of ` +
            "them, or leave kubeflow:backup out",
        ]
      : []),
    ...(versionsKeptDays === undefined
      ? [
          `kubeflow:backup: nothing says that the bucket of the target ${kind} keeps old versions of its objects, ` +
            "without which they cannot be had as they were when the databases were dumped: switch that on and set " +
            "kubeflow:onprem.objectStore.versionsKeptDays",
        ]
      : []),
    ...(versionsKeptDays !== undefined && versionsKeptDays < retentionDays
      ? [
          `kubeflow:backup.retentionDays: ${retentionDays}; allowed: at most ${versionsKeptDays}, the days for which the ` +
            "bucket keeps old versions: set less, or more there (artifacts.noncurrentDays of the cloud's key, " +
            "kubeflow:onprem.objectStore.versionsKeptDays)",
        ]
      : []),
    ...(overlapping === undefined
      ? []
      : [
          `kubeflow:backup.prefix: ${JSON.stringify(prefix)}; allowed: a part of the bucket that is no tenant's ` +
            `(${bucketPrefixOf(overlapping)} is of ${overlapping.name}): set another`,
        ]),
  ];
}

/** What a person should know who reads the preview. */
export function backupNotes(
  { volumes, restoring }: BackupSettings,
  inCluster: { readonly artifacts: boolean },
): readonly string[] {
  return [
    ...(volumes === "none"
      ? ["kubeflow:backup.volumes: none: what is on volumes (notebooks' homes among it) is in no backup"]
      : []),
    ...(volumes === "snapshots"
      ? [
          "kubeflow:backup.volumes: snapshots: every CSI driver in use needs a VolumeSnapshotClass with the label " +
            "velero.io/csi-volumesnapshot-class: true, which is not made here",
        ]
      : []),
    ...(inCluster.artifacts
      ? [
          "kubeflow:backup: SeaweedFS stays in the cluster: what is in it is on a volume, of another moment than the " +
            "database dump; artifacts in the target's object store are of one",
        ]
      : []),
    ...(restoring
      ? ["kubeflow:backup.restoring: true: Velero may write everything in the cluster: take it out after the restore"]
      : []),
  ];
}

function overlap(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}
