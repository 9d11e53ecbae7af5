/** The CronJobs that dump databases into the object store, and that put a dump back when a person asks for it. */
import fs from "node:fs";
import path from "node:path";
import { createHash } from "node:crypto";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import type { ObjectStore } from "../contracts/object-store.ts";
import type { IdentityBinding } from "../contracts/workload-identity.ts";
import { optionFiles, sourceEnvironment, type DatabaseSource } from "./database-sources.ts";
import type { BackupSettings } from "./settings.ts";
import { dumpFolder, rcloneImage, storeVariables } from "./store-client.ts";

const namespace = "kubeflow";
const databaseBackup = "database-backup";
const databaseRestore = "database-restore";
export const databaseAccount = { namespace, name: databaseBackup } as const;
/** Within the backup's own prefix; Velero's part is beside it. */
export const databaseFolder = "databases/";
/** The release's own MySQL: its clients talk to 8.0, too. */
const mysqlImage = "docker.io/library/mysql:8.4";
const optionFolder = "/etc/database-backup";
const storeCaFile = "store-ca.pem";

const scripts = Object.fromEntries(
  ["dump.sh", "store.sh", "fetch.sh", "restore.sh"].map((file) => [
    file,
    fs.readFileSync(path.join(import.meta.dirname, "scripts", file), "utf8"),
  ]),
);

export interface DatabaseBackup {
  readonly settings: BackupSettings;
  readonly store: ObjectStore;
  readonly sources: readonly DatabaseSource[];
  /** Undefined: the store's own key. */
  readonly binding: IdentityBinding | undefined;
}

export function databaseObjects(backup: DatabaseBackup): readonly KubernetesObject[] {
  const { store, sources, binding } = backup;
  const labels = { app: databaseBackup };
  const metadata = { name: databaseBackup, namespace, labels };
  const files = {
    ...scripts,
    ...optionFiles(sources, optionFolder),
    ...(store.caCertificate === undefined ? {} : { [storeCaFile]: store.caCertificate }),
  };
  const annotations: Readonly<Record<string, unknown>> =
    binding === undefined ? {} : { annotations: binding.serviceAccountAnnotations };
  return [
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { ...metadata, ...annotations },
      automountServiceAccountToken: false,
    },
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: files },
    ...(store.credentials === undefined
      ? []
      : [{ apiVersion: "v1", kind: "Secret", metadata, stringData: { ...store.credentials } }]),
    cronJob(databaseBackup, backup, files, {
      schedule: backup.settings.schedule,
      containers: [
        container("dump", mysqlImage, sourceEnvironment(sources)),
        container("store", rcloneImage, storeEnvironment(backup)),
      ],
    }),
    cronJob(databaseRestore, backup, files, {
      // Only ever by hand: docs/backup.md.
      schedule: "0 0 1 1 *",
      suspend: true,
      containers: [
        container("fetch", rcloneImage, [
          ...storeEnvironment(backup),
          { name: "BACKUP", valueFrom: { configMapKeyRef: { name: databaseRestore, key: "backup" } } },
        ]),
        container("restore", mysqlImage, sourceEnvironment(sources)),
      ],
    }),
  ];

  function container(script: string, image: string, env: readonly object[]): object {
    return {
      name: script,
      image,
      command: [image === mysqlImage ? "/bin/bash" : "/bin/sh", `${optionFolder}/${script}.sh`],
      env: [
        { name: "SOURCES", value: sources.map(({ name }) => name).join(" ") },
        { name: "WORK", value: dumpFolder },
        { name: "OPTIONS", value: optionFolder },
        ...env,
      ],
      resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "1Gi" } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
      volumeMounts: [
        { name: "work", mountPath: dumpFolder },
        { name: "scripts", mountPath: optionFolder, readOnly: true },
        { name: "tmp", mountPath: "/tmp" },
      ],
    };
  }
}

function storeEnvironment({ store, settings }: DatabaseBackup): readonly object[] {
  const ca = store.caCertificate === undefined ? undefined : `${optionFolder}/${storeCaFile}`;
  const own = {
    ...storeVariables(store, ca),
    PREFIX: `${settings.prefix}${databaseFolder}`,
    RETENTION_DAYS: String(settings.retentionDays),
    VERSIONS_KEPT_DAYS: String(store.versionsKeptDays ?? 0),
  };
  const key = (name: string, key: string): object => ({
    name: `RCLONE_CONFIG_STORE_${name}`,
    valueFrom: { secretKeyRef: { name: databaseBackup, key } },
  });
  return [
    ...Object.entries(own).map(([name, value]) => ({ name, value })),
    ...(store.credentials === undefined
      ? []
      : [key("ACCESS_KEY_ID", "accessKey"), key("SECRET_ACCESS_KEY", "secretKey")]),
  ];
}

function cronJob(
  name: string,
  { sources, binding }: DatabaseBackup,
  files: Readonly<Record<string, string>>,
  {
    containers,
    ...when
  }: { readonly schedule: string; readonly suspend?: true; readonly containers: readonly object[] },
): KubernetesObject {
  const labels = { app: name };
  const inMesh = sources.some((source) => source.inMesh);
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name, namespace, labels },
    spec: {
      ...when,
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          backoffLimit: 2,
          activeDeadlineSeconds: 4 * 3600,
          template: {
            metadata: {
              labels: { ...labels, ...binding?.podLabels, "sidecar.istio.io/inject": String(inMesh) },
              annotations: {
                // As an init container that goes on: a sidecar beside the others would keep the job from ending.
                ...(inMesh ? { "sidecar.istio.io/nativeSidecar": "true" } : {}),
                "backup.kubeflow/scripts": createHash("sha256")
                  .update(JSON.stringify(files))
                  .digest("hex")
                  .slice(0, 16),
              },
            },
            spec: {
              restartPolicy: "Never",
              serviceAccountName: databaseBackup,
              automountServiceAccountToken: false,
              securityContext: {
                runAsNonRoot: true,
                runAsUser: 65_532,
                runAsGroup: 65_532,
                fsGroup: 65_532,
                seccompProfile: { type: "RuntimeDefault" },
              },
              containers,
              volumes: [
                { name: "work", emptyDir: {} },
                { name: "tmp", emptyDir: {} },
                { name: "scripts", configMap: { name: databaseBackup } },
              ],
            },
          },
        },
      },
    },
  };
}
