/** Changes of objects, and what each means by Pulumi's provider, by the program, and by the API server. */
const labels = { app: "x" };
const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
const once = { ...template, spec: { ...template.spec, restartPolicy: "Never" } };
const subject = [{ kind: "User", name: "u", apiGroup: "rbac.authorization.k8s.io" }];
const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName: "none" };
const volume = {
  capacity: { storage: "1Gi" },
  accessModes: ["ReadWriteOnce"],
  hostPath: { path: "/x" },
  storageClassName: "none",
};

export interface Case {
  readonly what: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly changed: Readonly<Record<string, unknown>>;
  /** The path of the replacement; none where the change can be made in place. */
  readonly path?: string;
  /** It is the program that asks for the replacement: the provider would update, and the API server refuse. */
  readonly byProgram?: true;
  /** The API server would change it in place, and the provider replaces all the same. */
  readonly stricter?: true;
  readonly clusterScoped?: boolean;
}

const spec = (old: object, changes: object) => ({ fields: { spec: old }, changed: { spec: { ...old, ...changes } } });
const stateful = { selector: { matchLabels: labels }, template, serviceName: "s", replicas: 0 };
const deployment = { selector: { matchLabels: labels }, template, replicas: 0 };
const more = { ...template, metadata: { labels: { ...labels, more: "y" } } };
const storageClass = { provisioner: "a.example/b", reclaimPolicy: "Delete", volumeBindingMode: "Immediate" };
const rbac = "rbac.authorization.k8s.io/v1";

export const cases: readonly Case[] = [
  {
    what: "selector",
    apiVersion: "apps/v1",
    kind: "Deployment",
    path: "spec.selector.matchLabels.more",
    ...spec(deployment, { selector: { matchLabels: { ...labels, more: "y" } }, template: more }),
  },
  {
    what: "replicas",
    apiVersion: "apps/v1",
    kind: "Deployment",
    ...spec({ ...deployment, paused: true }, { minReadySeconds: 3 }),
  },
  {
    what: "service name",
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    path: "spec.serviceName",
    ...spec(stateful, { serviceName: "t" }),
  },
  {
    what: "template",
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    ...spec(stateful, {
      template: more,
      minReadySeconds: 3,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Retain" },
    }),
  },
  {
    what: "selector",
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    path: "spec.selector.matchLabels.more",
    ...spec(
      {
        selector: { matchLabels: labels },
        template: { ...template, spec: { ...template.spec, nodeSelector: { no: "where" } } },
      },
      { selector: { matchLabels: { ...labels, more: "y" } }, template: more },
    ),
  },
  {
    what: "template",
    apiVersion: "batch/v1",
    kind: "Job",
    path: "spec.template.spec.containers[0].image",
    ...spec(
      { template: once, suspend: true, completionMode: "Indexed", completions: 1 },
      { template: { ...once, spec: { ...once.spec, containers: [{ name: "c", image: "j" }] } }, suspend: false },
    ),
  },
  {
    what: "role",
    apiVersion: rbac,
    kind: "RoleBinding",
    path: "roleRef.name",
    fields: { subjects: subject, roleRef },
    changed: { subjects: subject, roleRef: { ...roleRef, name: "edit" } },
  },
  {
    what: "subjects",
    apiVersion: rbac,
    kind: "RoleBinding",
    fields: { subjects: subject, roleRef },
    changed: { subjects: [], roleRef },
  },
  {
    what: "access mode",
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    path: "spec.accessModes[0]",
    ...spec(claim, { accessModes: ["ReadWriteMany"] }),
  },
  {
    what: "path",
    apiVersion: "v1",
    kind: "PersistentVolume",
    path: "spec.hostPath.path",
    clusterScoped: true,
    ...spec(volume, { hostPath: { path: "/y" } }),
  },
  {
    what: "reclaim policy",
    apiVersion: "v1",
    kind: "PersistentVolume",
    clusterScoped: true,
    ...spec(volume, {
      persistentVolumeReclaimPolicy: "Delete",
      mountOptions: ["a"],
      storageClassName: "other",
      capacity: { storage: "2Gi" },
      accessModes: ["ReadWriteMany"],
    }),
  },
  {
    what: "address",
    apiVersion: "v1",
    kind: "Service",
    path: "spec.clusterIP",
    ...spec({ ports: [{ port: 1 }], clusterIP: "None" }, { clusterIP: "10.0.0.9" }),
  },
  {
    what: "ports",
    apiVersion: "v1",
    kind: "Service",
    ...spec({ ports: [{ port: 1 }] }, { ports: [{ port: 2 }], type: "NodePort" }),
  },
  { what: "type", apiVersion: "v1", kind: "Secret", path: "type", fields: { type: "a/b" }, changed: { type: "c/d" } },
  {
    what: "sealed data",
    apiVersion: "v1",
    kind: "ConfigMap",
    path: "data.a",
    fields: { data: { a: "1" }, immutable: true },
    changed: { data: { a: "2" }, immutable: true },
  },
  {
    what: "open data",
    apiVersion: "v1",
    kind: "ConfigMap",
    fields: { data: { a: "1" } },
    changed: { data: { a: "2" } },
  },
  {
    what: "data, sealed with it,",
    apiVersion: "v1",
    kind: "ConfigMap",
    path: "data.a",
    stricter: true,
    fields: { data: { a: "1" } },
    changed: { data: { a: "2" }, immutable: true },
  },
  {
    what: "history limit",
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    path: "spec.revisionHistoryLimit",
    stricter: true,
    ...spec({ ...stateful, revisionHistoryLimit: 3 }, { revisionHistoryLimit: 4 }),
  },
  {
    what: "parallelism",
    apiVersion: "batch/v1",
    kind: "Job",
    path: "spec.parallelism",
    stricter: true,
    ...spec({ template: once, suspend: true, parallelism: 1 }, { parallelism: 2 }),
  },
  {
    what: "completion mode",
    apiVersion: "batch/v1",
    kind: "Job",
    path: "spec.completionMode",
    byProgram: true,
    ...spec(
      { template: once, suspend: true, completions: 1, completionMode: "Indexed" },
      { completionMode: "NonIndexed" },
    ),
  },
  {
    what: "volume mode",
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    path: "spec.volumeMode",
    byProgram: true,
    ...spec({ ...claim, volumeMode: "Filesystem" }, { volumeMode: "Block" }),
  },
  {
    what: "reclaim policy",
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    path: "reclaimPolicy",
    byProgram: true,
    clusterScoped: true,
    fields: storageClass,
    changed: { ...storageClass, reclaimPolicy: "Retain" },
  },
  {
    what: "binding mode",
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    path: "volumeBindingMode",
    byProgram: true,
    clusterScoped: true,
    fields: storageClass,
    changed: { ...storageClass, volumeBindingMode: "WaitForFirstConsumer" },
  },
  {
    what: "parameters",
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    path: "parameters",
    clusterScoped: true,
    fields: storageClass,
    changed: { ...storageClass, parameters: { a: "b" } },
  },
  {
    what: "expansion",
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    clusterScoped: true,
    fields: storageClass,
    changed: { ...storageClass, allowVolumeExpansion: true, mountOptions: ["x"] },
  },
  {
    what: "value",
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    path: "value",
    byProgram: true,
    clusterScoped: true,
    fields: { value: 7 },
    changed: { value: 8 },
  },
  {
    what: "preemption",
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    path: "preemptionPolicy",
    byProgram: true,
    clusterScoped: true,
    fields: { value: 7, preemptionPolicy: "Never" },
    changed: { value: 7, preemptionPolicy: "PreemptLowerPriority" },
  },
  {
    what: "handler",
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    path: "handler",
    byProgram: true,
    clusterScoped: true,
    fields: { handler: "a" },
    changed: { handler: "b" },
  },
  {
    what: "controller",
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    path: "spec.controller",
    byProgram: true,
    clusterScoped: true,
    ...spec({ controller: "a.example/b" }, { controller: "a.example/c" }),
  },
];
