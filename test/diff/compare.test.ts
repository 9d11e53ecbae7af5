/** What `kf diff` says of two listings: neither more nor less than what differs. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson } from "../../release/json.ts";
import { compared, object, planned, type Inputs } from "./listing.ts";

const container = (name: string, image: string, env: Inputs[] = []) => ({ name, image, env });
const deployment = (containers: Inputs[], rest: Inputs = {}) =>
  object("apps/v1", "Deployment", "kubeflow/web", {
    spec: { selector: { matchLabels: { app: "web" } }, template: { spec: { containers } }, ...rest },
  });

describe("kf diff compares two listings", () => {
  it("says by property what is changed, and names what is new and what is gone", () => {
    const before = [deployment([container("web", "web:1")]), object("v1", "ConfigMap", "kubeflow/old")];
    const after = [deployment([container("web", "web:2")]), object("v1", "ConfigMap", "kubeflow/new")];
    const changes = compared(before, after);
    assert.deepEqual(
      changes.map(({ op, name }) => [op, name]),
      [
        ["change", "kubeflow/web"],
        ["create", "kubeflow/new"],
        ["delete", "kubeflow/old"],
      ],
    );
    assert.deepEqual(changes[0]?.diffs, [
      { path: "spec.template.spec.containers[0].image", kind: "update", old: "web:1", new: "web:2" },
    ]);
  });

  it("takes a container that comes before the others for one that is new, not for a change of all", () => {
    const old = deployment([container("web", "web:1"), container("proxy", "proxy:1")]);
    const next = deployment([container("first", "first:1"), container("web", "web:1"), container("proxy", "proxy:2")]);
    assert.deepEqual(
      compared([old], [next])[0]?.diffs.map(({ path, kind }) => `${kind} ${path}`),
      ["add spec.template.spec.containers[0]", "update spec.template.spec.containers[2].image"],
    );
  });

  it("does not mind the order where Kubernetes does not, and does where it does", () => {
    const rule = (verbs: string[]) => ({ apiGroups: [""], resources: ["pods"], verbs });
    const role = (rest: Inputs[]) => object("rbac.authorization.k8s.io/v1", "ClusterRole", "reader", { rules: rest });
    const other = { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get"] };
    const pairs = [
      [role([rule(["get", "list"]), other]), role([other, rule(["list", "get"])])],
      [
        deployment([
          container("a", "a:1", [
            { name: "A", value: "1" },
            { name: "B", value: "2" },
          ]),
        ]),
        deployment([
          container("a", "a:1", [
            { name: "B", value: "2" },
            { name: "A", value: "1" },
          ]),
        ]),
      ],
    ] as const;
    for (const [old, next] of pairs) assert.deepEqual(compared([old], [next]), []);
    const args = (args: string[]) => deployment([{ name: "a", args }]);
    assert.equal(compared([args(["--a", "--b"])], [args(["--b", "--a"])]).length, 1);
    const init = (names: string[]) =>
      object("v1", "Pod", "a/b", { spec: { initContainers: names.map((name) => ({ name })) } });
    assert.equal(compared([init(["a", "b"])], [init(["b", "a"])]).length, 1);
  });

  it("passes over the certificates that controllers fill in", () => {
    const hook = (caBundle: string, path: string) =>
      object("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "hook", {
        webhooks: [{ name: "a", clientConfig: { caBundle, service: { path } } }],
      });
    assert.deepEqual(compared([hook("Cg==", "/a")], [hook("Zm9v", "/a")]), []);
    assert.equal(compared([hook("Cg==", "/a")], [hook("Zm9v", "/b")]).length, 1);
  });

  it("takes an object whose name ends with another digest for the same one, and so what refers to it", () => {
    const settings = (name: string, data: Inputs) => object("v1", "ConfigMap", `kubeflow/${name}`, { data });
    const uses = (name: string) => deployment([{ name: "a", envFrom: [{ configMapRef: { name } }] }]);
    const [old, next] = ["install-config-2829cc67f8", "install-config-h5b4b7kd2m"] as const;
    const changes = compared([settings(old, { a: "1" }), uses(old)], [settings(next, { a: "2" }), uses(next)]);
    assert.deepEqual(
      changes.map(({ op, name, diffs }) => [op, name, diffs.map(({ path }) => path)]),
      [["change", `kubeflow/${next}`, ["data.a"]]],
    );
    // Not a digest of kustomize's: another object.
    assert.equal(compared([settings("a-production1", {})], [settings("a-production2", {})]).length, 2);
  });

  it("says what is made anew and why, by the rules of the providers", () => {
    const cases = [
      [
        deployment([]),
        deployment([], { selector: { matchLabels: { app: "other" } } }),
        "spec.selector.matchLabels.app",
      ],
      [
        object("v1", "PersistentVolumeClaim", "a/data", { spec: { storageClassName: "a" } }),
        object("v1", "PersistentVolumeClaim", "a/data", { spec: { storageClassName: "b" } }),
        "spec.storageClassName",
      ],
      [
        planned("kubeflow:index:CustomResourceDefinition", "a.b", { name: "a.b", scope: "Cluster", digest: "1" }),
        planned("kubeflow:index:CustomResourceDefinition", "a.b", { name: "a.b", scope: "Namespaced", digest: "2" }),
        "scope",
      ],
      [
        planned("gcp:storage/bucket:Bucket", "data", { location: "EU", name: "data" }),
        planned("gcp:storage/bucket:Bucket", "data", { location: "US", name: "data" }),
        "location",
      ],
      [
        planned("random:index/randomPassword:RandomPassword", "p", { length: 20 }),
        planned("random:index/randomPassword:RandomPassword", "p", { length: 21 }),
        "length",
      ],
    ] as const;
    for (const [old, next, path] of cases) {
      const [change] = compared([old], [next]);
      assert.equal(change?.op, "replace", old.type);
      assert.deepEqual(
        change.replaceReasons.map((reason) => reason.path),
        [path],
        old.type,
      );
    }
  });

  it("shows that a resource is protected no more, which is no property of it", () => {
    const bucket = (options: object) => planned("aws:s3/bucket:Bucket", "data", { bucket: "a" }, options);
    assert.deepEqual(compared([bucket({ protect: true })], [bucket({})])[0]?.diffs, [
      { path: "(protect)", kind: "update", old: true, new: false },
    ]);
  });

  it("finds for any two values exactly that they differ", () => {
    const inputs = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 });
    fc.assert(
      fc.property(inputs, inputs, (old, next) => {
        const type = "aws:any/any:Any";
        const [before, after] = [planned(type, "a", old as Inputs), planned(type, "a", next as Inputs)];
        assert.deepEqual(compared([before], [before]), []);
        assert.equal(compared([before], [after]).length, canonicalJson(old) === canonicalJson(next) ? 0 : 1);
      }),
    );
  });
});
