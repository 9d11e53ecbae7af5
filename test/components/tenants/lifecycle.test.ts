/** Tenants in a real cluster: who may do what, and what stays of those that leave the list. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { OperationResult } from "../../../engine/report.ts";
import { KubernetesClient } from "../../../kubernetes/client.ts";
import { Connection } from "../../../kubernetes/connection.ts";
import { configMap, testManager, thingCrd } from "../../support/cluster.ts";
import { copyCheckout, type Checkout } from "../../support/checkout.ts";
import { kf } from "../../support/kf.ts";
import { useSandbox } from "../../support/sandbox.ts";
import { writeRelease } from "../../support/small-release.ts";

function crd(group: string, kind: string, scope: "Cluster" | "Namespaced"): unknown {
  const plural = kind.endsWith("y") ? `${kind.slice(0, -1).toLowerCase()}ies` : `${kind.toLowerCase()}s`;
  const base = thingCrd(group);
  const [version] = (base["spec"] as { readonly versions: readonly object[] }).versions;
  return {
    ...base,
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: [{ ...version, name: "v1beta1" }],
    },
  };
}

function clusterRole(role: string, verbs: readonly string[]): unknown {
  const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs }];
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: `kubeflow-${role}` },
    rules,
  };
}

const components = {
  profiles: [
    crd("kubeflow.org", "Profile", "Cluster"),
    crd("security.istio.io", "AuthorizationPolicy", "Namespaced"),
    clusterRole("admin", ["get", "create", "delete"]),
    clusterRole("edit", ["get", "create"]),
    clusterRole("view", ["get"]),
  ],
};

const ann = {
  name: "team-a",
  owner: "ann@example.com",
  members: [{ user: "bob@example.com", role: "edit" }],
  quota: { cpu: 4, gpus: 1 },
};
const bea = { name: "team-b", owner: "bea@example.com", members: [{ user: "vic@example.com", role: "view" }] };

describe("tenants in a cluster", function () {
  this.timeout(240_000);
  const sandbox = useSandbox("tenants");
  let checkout: Checkout;
  let folder: string;
  let client: KubernetesClient;
  let connection: Connection;

  before(async () => {
    checkout = await copyCheckout();
    folder = await mkdtemp(path.join(os.tmpdir(), "kf-tenants-"));
    const kubeconfig = await readFile(sandbox().kubeconfig, "utf8");
    client = new KubernetesClient({ kubeconfig: sandbox().kubeconfig });
    connection = new Connection({ kubeconfig });
  });
  after(async () => {
    await connection.close();
    await client.close();
    await checkout.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function up(...profiles: readonly unknown[]): Promise<OperationResult["summary"]> {
    const release = await writeRelease(folder, { components });
    const kubeconfig = await readFile(sandbox().kubeconfig, "utf8");
    await checkout.stack("own", { target: "kubeconfig", kubeconfig, release, tenants: { profiles } });
    const args = ["up", "own", "--engine", "offline", "--quiet", "--json"];
    const { code, stdout, stderr } = await kf(args, { KF_DATA_DIR: folder }, checkout.root);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    return (JSON.parse(stdout) as OperationResult).summary;
  }

  /** What the API server says of a verb on ConfigMaps. */
  async function may(user: string, verb: string, namespace: string): Promise<boolean> {
    const answer = await connection.request({
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        spec: { user, resourceAttributes: { verb, namespace, resource: "configmaps" } },
      },
    });
    return (answer as { readonly status: { readonly allowed: boolean } }).status.allowed;
  }

  const rightsOf = async (user: string, namespace: string): Promise<string> => {
    const verbs = ["get", "create", "delete"];
    const allowed = await Promise.all(verbs.map((verb) => may(user, verb, namespace)));
    return verbs.filter((_, index) => allowed[index]).join(" ");
  };

  const namespace = (name: string) => client.get({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

  it("have their people's rights at home and none in any other's, without a controller", async () => {
    await up(ann, { ...bea, deleteData: true });
    const table = {
      "ann@example.com": ["get create delete", ""],
      "bob@example.com": ["get create", ""],
      "bea@example.com": ["", "get create delete"],
      "vic@example.com": ["", "get"],
      "user@example.com": ["", ""],
    };
    for (const [user, expected] of Object.entries(table))
      assert.deepEqual([await rightsOf(user, "team-a"), await rightsOf(user, "team-b")], expected, user);
  });

  it("are not touched by the next run", async () => {
    const { create, update, replace, delete: deleted } = await up(ann, { ...bea, deleteData: true });
    assert.deepEqual([create, update, replace, deleted], [0, 0, 0, 0]);
  });

  it("leave their data and nobody's rights behind, and their data too if the configuration said so", async () => {
    for (const name of ["team-a", "team-b"])
      await client.apply(configMap(name, "model", { weights: "1 2 3" }), { fieldManager: testManager });
    await up();
    assert.ok(await client.get(configMap("team-a", "model", {})));
    assert.equal(await rightsOf("ann@example.com", "team-a"), "");
    assert.equal(await rightsOf("bob@example.com", "team-a"), "");
    const wall = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" };
    assert.ok(await client.get({ ...wall, metadata: { namespace: "team-a", name: "tenant-isolation" } }));
    assert.equal(await namespace("team-b"), undefined);
  });

  it("find their data again when they come back", async () => {
    await up(ann);
    const found = await client.get(configMap("team-a", "model", {}));
    assert.deepEqual(found?.["data"], { weights: "1 2 3" });
    assert.equal(await rightsOf("ann@example.com", "team-a"), "get create delete");
  });
});
