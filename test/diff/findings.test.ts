/** What `kf diff` puts on top: every kind of finding, and that harmless changes have none. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { findingsFor } from "../../cli/diff/findings/findings.ts";
import type { PlannedResource } from "../../cli/operation.ts";
import { storeCrds } from "../../release/crds.ts";
import { compared, object, planned, type Inputs } from "./listing.ts";

const nothing = await findingsFor([]);

/** `danger data-loss: …`, of the only change between two resources. */
function found(before: PlannedResource | undefined, after: PlannedResource | undefined): readonly string[] {
  const [change, ...more] = compared(before === undefined ? [] : [before], after === undefined ? [] : [after]);
  assert.equal(more.length, 0);
  return change === undefined ? [] : nothing(change).map(({ level, kind, message }) => `${level} ${kind}: ${message}`);
}

const has = (findings: readonly string[], pattern: RegExp): void => {
  assert.ok(
    findings.some((finding) => pattern.test(finding)),
    `${String(pattern)} in ${JSON.stringify(findings)}`,
  );
};

const rbac = "rbac.authorization.k8s.io/v1";
const role = (...rules: Inputs[]) => object(rbac, "ClusterRole", "worker", { rules });
const rule = (apiGroup: string, resource: string, ...verbs: string[]) => ({
  ...{ apiGroups: [apiGroup], resources: [resource], verbs },
});
const binding = (name: string, ...subjects: Inputs[]) =>
  object(rbac, "ClusterRoleBinding", "worker", {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects,
  });
const account = (name: string) => ({ kind: "ServiceAccount", name, namespace: "kubeflow" });

describe("kf diff flags", () => {
  it("everything that holds data when it is deleted or made anew", () => {
    const types = [
      ...["kubernetes:core/v1:PersistentVolumeClaim", "kubernetes:core/v1:PersistentVolume"],
      ...["kubernetes:apps/v1:StatefulSet", "kubernetes:core/v1:Namespace", "kubernetes:kubeflow.org/v1:Profile"],
      ...["kubeflow:index:CustomResourceDefinition", "gcp:storage/bucket:Bucket", "gcp:compute/disk:Disk"],
      ...["gcp:sql/databaseInstance:DatabaseInstance", "gcp:kms/cryptoKey:CryptoKey", "aws:s3/bucket:Bucket"],
      ...["aws:rds/instance:Instance", "aws:kms/key:Key", "aws:efs/fileSystem:FileSystem"],
      ...["azure-native:storage:StorageAccount", "azure-native:dbformysql:Server", "azure-native:keyvault:Key"],
    ];
    for (const type of types)
      has(found(planned(type, "data", { a: 1 }), undefined), /^danger data-loss: it is deleted/);
    const claim = (size: string, storageClass: string) =>
      object("v1", "PersistentVolumeClaim", "a/data", {
        spec: { storageClassName: storageClass, resources: { requests: { storage: size } } },
      });
    has(found(claim("1Gi", "a"), claim("1Gi", "b")), /^danger data-loss: it is replaced \(spec.storageClassName\)/);
    assert.deepEqual(found(claim("1Gi", "a"), claim("2Gi", "a")), []);
    assert.deepEqual(found(undefined, claim("1Gi", "a")), []);
  });

  it("a cluster that is replaced, and says that all in it goes", () => {
    const cluster = (location: string) => planned("gcp:container/cluster:Cluster", "cluster", { location, name: "k" });
    has(found(cluster("europe-west4"), cluster("europe-west1")), /^danger cluster-replaced: .*\(location\)/);
    has(found(cluster("europe-west4"), undefined), /^danger cluster-replaced: .*deleted/);
  });

  it("protection that is taken away, and not what is given", () => {
    const instance = (inputs: Inputs, options = {}) => planned("aws:rds/instance:Instance", "db", inputs, options);
    const off = found(instance({ deletionProtection: true }, { protect: true }), instance({ skipFinalSnapshot: true }));
    has(off, /^danger protection-removed: no longer protected by protect, deletionProtection, skipFinalSnapshot/);
    assert.deepEqual(found(instance({ skipFinalSnapshot: true }), instance({ deletionProtection: true })), []);
    const volume = (policy: string) =>
      object("v1", "PersistentVolume", "a", { spec: { persistentVolumeReclaimPolicy: policy } });
    has(found(volume("Retain"), volume("Delete")), /^danger protection-removed: .*persistentVolumeReclaimPolicy/);
  });

  it("roles and bindings that grew", () => {
    const small = rule("apps", "deployments", "get", "list");
    has(
      found(role(small), role(rule("apps", "deployments", "get", "delete"))),
      /^warning permissions-grew: may now delete deployments.apps$/,
    );
    has(found(role(small), role(small, rule("", "secrets", "get"))), /^danger permissions-grew: may now get secrets/);
    has(found(role(small), role(rule("*", "*", "*"))), /^danger permissions-grew/);
    has(
      found(binding("worker", account("a")), binding("worker", account("a"), account("b"))),
      /^warning permissions-grew: ServiceAccount kubeflow\/b may now do what worker may/,
    );
    has(found(undefined, binding("cluster-admin", account("a"))), /^danger permissions-grew/);
    has(
      found(
        binding("view", account("a")),
        binding("view", account("a"), { kind: "Group", name: "system:authenticated" }),
      ),
      /^danger permissions-grew/,
    );
    has(
      found(binding("view", account("a")), binding("edit", account("a"))),
      /ServiceAccount kubeflow\/a may now do what edit may/,
    );
  });

  it("no role of which the rules only say the same in another way, or less", () => {
    const grant = fc.record({
      group: fc.constantFrom("", "apps"),
      resource: fc.constantFrom("pods", "deployments"),
      verb: fc.constantFrom("get", "list", "delete"),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(grant, { minLength: 1, selector: (each) => JSON.stringify(each) }),
        fc.nat(),
        (grants, cut) => {
          const single = role(...grants.map(({ group, resource, verb }) => rule(group, resource, verb)));
          const byVerb = Map.groupBy(grants, ({ group, resource }) => `${group}/${resource}`);
          const joined = [...byVerb.values()].map((each) =>
            rule(each[0]?.group ?? "", each[0]?.resource ?? "", ...each.map(({ verb }) => verb)),
          );
          assert.deepEqual(found(single, role(...joined.toReversed())), []);
          assert.deepEqual(found(single, role(...joined.slice(cut % joined.length))), []);
          // The other way round, whatever was taken away is told.
          const less = grants.slice(1).map(({ group, resource, verb }) => rule(group, resource, verb));
          has(found(role(...less), single), /^warning permissions-grew/);
        },
      ),
    );
  });

  it("rights in the clouds that grew", () => {
    const policy = (...actions: string[]) =>
      planned("aws:iam/rolePolicy:RolePolicy", "p", {
        policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action: actions, Resource: "arn:aws:s3:::a/*" }] }),
      });
    has(
      found(policy("s3:GetObject"), policy("s3:GetObject", "s3:PutObject")),
      /^warning permissions-grew: now allows s3:PutObject on arn:aws:s3:::a/,
    );
    assert.deepEqual(found(policy("s3:Get*"), policy("s3:GetObject")), []);
    has(found(policy("s3:GetObject"), policy("*")), /^danger permissions-grew: .*allows the action \*/);
    const member = (who: string) =>
      planned("gcp:projects/iAMMember:IAMMember", "m", { role: "roles/viewer", member: who });
    has(
      found(undefined, member("user:a@example.com")),
      /^warning permissions-grew: user:a@example.com may now do what roles\/viewer may/,
    );
    has(found(member("user:a@example.com"), member("allUsers")), /^danger permissions-grew/);
    const assignment = planned("azure-native:authorization:RoleAssignment", "r", {
      principalId: "p",
      roleDefinitionId: "d",
      scope: "/s",
    });
    has(found(undefined, assignment), /^warning permissions-grew: p has d on \/s/);
  });

  it("what can be reached from outside", () => {
    const service = (type: string, annotations: Inputs = {}) =>
      object("v1", "Service", "istio-system/gateway", { metadata: { annotations }, spec: { type } });
    has(found(service("ClusterIP"), service("LoadBalancer")), /^danger public-exposure: a load balancer/);
    has(found(service("ClusterIP"), service("NodePort")), /^warning public-exposure/);
    has(
      found(service("LoadBalancer", { "networking.gke.io/load-balancer-type": "Internal" }), service("LoadBalancer")),
      /^danger public-exposure/,
    );
    assert.deepEqual(found(service("LoadBalancer"), service("ClusterIP")), []);
    const gateway = (...hosts: string[]) =>
      object("networking.istio.io/v1", "Gateway", "a/g", { spec: { servers: [{ hosts }] } });
    has(
      found(gateway("a.example.com"), gateway("a.example.com", "*")),
      /^warning public-exposure: the gateway listens for \*$/,
    );
    const firewall = (sourceRanges: string[]) =>
      planned("gcp:compute/firewall:Firewall", "f", { sourceRanges, direction: "INGRESS" });
    has(found(firewall(["10.0.0.0/8"]), firewall(["0.0.0.0/0"])), /^danger public-exposure: lets in 0.0.0.0\/0/);
    assert.deepEqual(
      found(
        undefined,
        planned("gcp:compute/firewall:Firewall", "f", { destinationRanges: ["0.0.0.0/0"], direction: "EGRESS" }),
      ),
      [],
    );
    const bucket = (publicAccessPrevention: string) =>
      planned("gcp:storage/bucket:Bucket", "b", { publicAccessPrevention, uniformBucketLevelAccess: true });
    has(found(bucket("enforced"), bucket("inherited")), /^danger public-exposure: publicAccessPrevention/);
    has(found(object("networking.k8s.io/v1", "NetworkPolicy", "a/deny"), undefined), /^warning public-exposure/);
  });

  it("pods that get more of their node", () => {
    const pod = (spec: Inputs, security: Inputs = {}) =>
      object("apps/v1", "DaemonSet", "a/agent", {
        spec: { template: { spec: { ...spec, containers: [{ name: "a", securityContext: security }] } } },
      });
    has(
      found(pod({}), pod({ hostNetwork: true }, { privileged: true })),
      /^danger permissions-grew: its pods now have hostNetwork, a privileged container/,
    );
    has(found(pod({}), pod({ volumes: [{ name: "v", hostPath: { path: "/" } }] })), /the node's \//);
  });

  it("other images, with the old and the new tag and digest", () => {
    const digest = (letter: string) => `@sha256:${letter.repeat(64)}`;
    const pod = (image: string) => object("v1", "Pod", "a/b", { spec: { containers: [{ name: "a", image }] } });
    assert.deepEqual(
      found(pod(`ghcr.io:443/kubeflow/a:v1${digest("a")}`), pod(`ghcr.io:443/kubeflow/a:v2${digest("b")}`)),
      [`info image: image ghcr.io:443/kubeflow/a: :v1${digest("a")} => :v2${digest("b")}`],
    );
    has(found(pod("ghcr.io/kubeflow/a:v1"), pod("ghcr.io/kubeflow/a:latest")), /^warning image: no fixed version/);
    const config = (image: string) => object("v1", "ConfigMap", "a/config", { data: { "queue-sidecar-image": image } });
    has(found(config("gcr.io/knative/queue:1"), config("gcr.io/knative/queue:2")), /^info image: .*queue: :1 => :2/);
  });

  it("nothing in a change that does no harm", () => {
    const settings = (value: string) => object("v1", "ConfigMap", "a/settings", { data: { level: value } });
    assert.deepEqual(found(settings("info"), settings("debug")), []);
    assert.deepEqual(found(settings("info"), undefined), []);
    assert.deepEqual(found(undefined, settings("info")), []);
  });
});

describe("kf diff of custom resource definitions", () => {
  let cache: string;
  const outer = process.env["KF_CACHE_DIR"];
  before(async () => {
    cache = await mkdtemp(path.join(os.tmpdir(), "kf-diff-crds-"));
    process.env["KF_CACHE_DIR"] = cache;
  });
  after(async () => {
    if (outer === undefined) delete process.env["KF_CACHE_DIR"];
    else process.env["KF_CACHE_DIR"] = outer;
    await rm(cache, { recursive: true, force: true });
  });

  const crd = (...versions: readonly (readonly [name: string, served: boolean, storage: boolean])[]) => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.example.com" },
    spec: {
      ...{ group: "example.com", scope: "Namespaced", names: { kind: "Widget" } },
      versions: versions.map(([name, served, storage]) => ({ name, served, storage })),
    },
  });

  it("tells versions that come and go, and another one for storage, from the bodies in the cache", async () => {
    const stored = await storeCrds([
      crd(["v1beta1", true, true]),
      crd(["v1beta1", true, false], ["v1", true, true]),
      crd(["v1", true, true]),
    ]);
    const resources = stored.map(({ name, digest, group, kind, scope, versions }) =>
      planned("kubeflow:index:CustomResourceDefinition", name, { name, digest, group, kind, scope, versions }),
    );
    const findings = await findingsFor(resources);
    const messages = (old: number, next: number): readonly string[] =>
      compared(resources.slice(old, old + 1), resources.slice(next, next + 1)).flatMap((change) =>
        findings(change).map(({ level, kind, message }) => `${level} ${kind}: ${message}`),
      );
    has(messages(0, 1), /^warning crd-version: objects are stored as v1 instead of v1beta1/);
    has(messages(0, 1), /^info crd-version: now also served: v1$/);
    has(messages(1, 2), /^danger crd-version: no longer served: v1beta1$/);
    // Without the bodies the names of the versions are all there is.
    await rm(path.join(cache, "crds"), { recursive: true });
    const [old, next] = [resources[1], resources[2]];
    has(found(old, next), /^danger crd-version: no longer served: v1beta1$/);
  });
});
