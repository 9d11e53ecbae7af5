import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { kubernetesProviderSettings } from "../../components/shared/kubernetes-provider.ts";
import { difference } from "../../engine/diff.ts";
import { compare as compareBy } from "../../engine/kubernetes/replacements.ts";
import { toMap } from "../../engine/kubernetes/objects.ts";
import { Unknown, type PropertyMap } from "../../engine/values.ts";
import { contains, formatPath, parsePath } from "../../engine/paths.ts";
import { ApiError } from "../../kubernetes/errors.ts";
import { fixedFields } from "../../kubernetes/fixed-fields.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { dropNamespace, testManager, testNamespace, uniqueName } from "../support/cluster.ts";

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

const compare = (olds: PropertyMap, news: PropertyMap) => compareBy(olds, news, kubernetesProviderSettings);

interface Case {
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

const cases: readonly Case[] = [
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

describe("Replacements", () => {
  let place: Awaited<ReturnType<typeof testNamespace>>;
  before(async () => {
    place = await testNamespace();
  });
  after(() => dropNamespace(place));

  for (const { what, apiVersion, kind, fields, changed, path, byProgram, stricter, clusterScoped } of cases) {
    it(`${path === undefined ? "changes" : "replaces for"} the ${what} of a ${kind}, as the API server would have it`, async () => {
      const name = uniqueName("r");
      const metadata = clusterScoped === true ? { name } : { name, namespace: place.namespace };
      const old: KubernetesObject = { apiVersion, kind, metadata, ...fields };
      const next: KubernetesObject = { apiVersion, kind, metadata, ...changed };
      const diff = compare(toMap(old), toMap(next));
      const fixed = fixedFields(old).map(parsePath);
      const changes = difference(toMap(old), toMap(next)).map((change) => change.path);
      const programs = changes.filter((each) => fixed.some((pattern) => contains(pattern, each))).map(formatPath);
      const paths = path === undefined ? [] : [path];
      assert.deepEqual(
        diff.replaces.map((each) => each.path),
        byProgram === true ? [] : paths,
      );
      assert.deepEqual(programs, byProgram === true ? paths : []);
      assert.equal(diff.deleteBeforeReplace, path !== undefined && byProgram !== true);
      assert.equal(diff.changed, true);

      await place.client.apply(old, { fieldManager: testManager });
      const update = place.client.apply(next, { fieldManager: testManager });
      const answer = await update.then(
        () => "changed",
        (error: unknown) => (error instanceof ApiError ? error.status : error),
      );
      assert.equal(answer, path === undefined || stricter === true ? "changed" : 422);
      if (clusterScoped === true) await place.client.delete(old);
    });
  }

  const config = (metadata: PropertyMap): PropertyMap => ({ apiVersion: "v1", kind: "ConfigMap", metadata });

  it("replaces what is renamed or moved, the new one first", () => {
    const { replaces, deleteBeforeReplace } = compare(
      config({ name: "a", namespace: "n" }),
      config({ name: "a", namespace: "m" }),
    );
    assert.deepEqual(replaces, [{ path: "metadata.namespace", reason: "an object cannot be renamed or moved" }]);
    assert.equal(deleteBeforeReplace, false);
  });

  it("takes the namespace that an object is in, spelled out, for no change", () => {
    const [bare, spelled] = [config({ name: "a" }), config({ name: "a", namespace: "default" })];
    assert.equal(compare(bare, spelled).changed, false);
    const elsewhere = compareBy(bare, spelled, kubernetesProviderSettings, { old: "other", new: "default" });
    assert.deepEqual(
      elsewhere.replaces.map(({ path }) => path),
      ["metadata.namespace"],
    );
  });

  it("counts with a replacement where a fixed value is not known yet", () => {
    const old = config({ name: "a", namespace: "n" });
    assert.equal(compare(old, { ...old, metadata: { name: "a", namespace: Unknown.value } }).replaces.length, 1);
    assert.equal(compare(old, { ...old, data: { key: Unknown.value } }).replaces.length, 0);
  });

  it("finds no change between equal inputs", () => {
    const old = config({ name: "a" });
    assert.deepEqual(compare(old, { ...old }), { changed: false, replaces: [], deleteBeforeReplace: false });
  });
});
