import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/index.js";
import type { ClusterTarget } from "../../components/contracts/cluster-target.ts";
import { KubeflowPlatform } from "../../components/kubeflow/platform.ts";
import { KubeconfigTarget } from "../../components/onprem/kubeconfig-target.ts";
import { clusterIdentifierOf } from "../../components/shared/cluster-identifier.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import type { RenderedRelease } from "../../release/types.ts";

const namespace: KubernetesObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } };
const secret: KubernetesObject = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "s", namespace: "a" },
  data: { password: "aHVudGVyMg==" },
};
const webhook: KubernetesObject = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  metadata: { name: "w" },
  webhooks: [
    {
      name: "w.example.com",
      clientConfig: { service: { namespace: "a", name: "w" } },
      rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["secrets"] }],
    },
  ],
};
const release: RenderedRelease = {
  name: "26.03",
  digest: "d",
  sample: false,
  crds: [{ name: "w.x.io", digest: "0", group: "x.io", kind: "W", scope: "Cluster", versions: ["v1"] }],
  objects: [secret, webhook, namespace],
  componentOf: { "Namespace//a": "namespaces", "Secret/a/s": "things" },
};

describe("KubeflowPlatform", () => {
  let registered: MockResourceArgs[];

  /** Registers the release and gives back what the engine was sent, in the order in which it arrived. */
  const install = async (admission: ClusterTarget["admission"], of = release): Promise<readonly MockResourceArgs[]> => {
    registered = [];
    await pulumi.runtime.setMocks({
      newResource: (args) => {
        registered.push(args);
        return { id: `${args.name}-id`, state: args.inputs as Record<string, unknown> };
      },
      call: () => ({}),
    });
    const target = new KubeconfigTarget("cluster", {
      kind: "kubeconfig",
      kubeconfig: "clusters: []",
      clusterIdentifier: "c",
      admission,
    });
    new KubeflowPlatform("kubeflow", { target, release: of });
    await new Promise((resolve) => setImmediate(resolve));
    await pulumi.runtime.disconnect();
    return registered;
  };
  const inputsOf = (type: string): Record<string, unknown> => {
    const found = registered.find((item) => item.type === type);
    assert.ok(found, `no ${type} among ${registered.map((item) => item.type).join(", ")}`);
    return found.inputs as Record<string, unknown>;
  };

  it("registers every object and CRD under the type token of its kind", async () => {
    await install("enforced");
    const types = registered.map(({ type, name }) => `${type} ${name}`);
    for (const expected of [
      "kubernetes:core/v1:Namespace a",
      "kubernetes:core/v1:Secret a/s",
      "kubernetes:admissionregistration.k8s.io/v1:MutatingWebhookConfiguration w",
      "kubeflow:index:CustomResourceDefinition w.x.io",
    ]) {
      assert.ok(types.includes(expected), `${expected} is not among ${types.join(", ")}`);
    }
  });

  it("applies a namespace before what is in it, and a webhook before what it intercepts", async () => {
    const order = (await install("enforced")).map(({ name }) => name);
    assert.ok(order.indexOf("a") < order.indexOf("a/s"));
    assert.ok(order.indexOf("w") < order.indexOf("a/s"));
  });

  it("marks the data of every Secret as secret", async () => {
    await install("enforced");
    assert.ok(isSecret(inputsOf("kubernetes:core/v1:Secret")["data"]));
  });

  it("leaves webhooks as they are where pods run, and has them match nothing where none does", async () => {
    await install("enforced");
    const type = "kubernetes:admissionregistration.k8s.io/v1:MutatingWebhookConfiguration";
    assert.deepEqual(inputsOf(type)["webhooks"], webhook["webhooks"]);
    await install("inert");
    const [inert] = inputsOf(type)["webhooks"] as { readonly objectSelector?: { readonly matchLabels: unknown } }[];
    assert.ok(inert?.objectSelector?.matchLabels);
  });

  it("refuses the sample where pods run", async () => {
    await assert.rejects(install("enforced", { ...release, sample: true }), /not Kubeflow/);
  });
});

function isSecret(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && Object.values(value).includes("1b47061264138c4ac30d75fd1eb44270")
  );
}

describe("identity of a cluster", () => {
  const kubeconfig = (ca: string, token: string): string =>
    `clusters: [{name: c, cluster: {server: "https://1.2.3.4", certificate-authority-data: ${ca}}}]\nusers: [{user: {token: ${token}}}]`;

  const cluster = (name: string, fields: string): string => `{name: ${name}, cluster: {${fields}}}`;
  const fleet = (current: string, ...clusters: readonly string[]): string =>
    `current-context: ${current}\nclusters: [${clusters.join(", ")}]\n` +
    "contexts: [{name: one, context: {cluster: a}}, {name: two, context: {cluster: b}}, {name: lost, context: {cluster: z}}]";
  const a = cluster("a", 'server: "https://1.2.3.4", certificate-authority-data: QQ==');
  const b = cluster("b", 'server: "https://1.2.3.5", certificate-authority-data: Qg==');

  it("is that of the cluster which the context leads to, whatever else is in the file and in which order", () => {
    assert.equal(clusterIdentifierOf(fleet("one", a, b)), clusterIdentifierOf(fleet("one", b, a)));
    assert.equal(clusterIdentifierOf(fleet("one", a, b)), clusterIdentifierOf(fleet("one", a)));
    assert.equal(clusterIdentifierOf(fleet("one", a, b)), clusterIdentifierOf(kubeconfig("QQ==", "t")));
    assert.notEqual(clusterIdentifierOf(fleet("one", a, b)), clusterIdentifierOf(fleet("two", a, b)));
    assert.equal(clusterIdentifierOf(fleet("one", a, b), "two"), clusterIdentifierOf(fleet("two", a, b)));
  });

  it("tells clusters behind one proxy with one authority by the server's path", () => {
    const behind = (path: string): string =>
      cluster("a", `server: "https://proxy/${path}", certificate-authority-data: QQ==`);
    assert.notEqual(clusterIdentifierOf(fleet("one", behind("c/1"))), clusterIdentifierOf(fleet("one", behind("c/2"))));
    assert.equal(clusterIdentifierOf(fleet("one", behind(""))), clusterIdentifierOf(fleet("one", a)));
  });

  it("names the context that leads nowhere, and those that there are", () => {
    assert.throws(() => clusterIdentifierOf(fleet("lost", a)), /context "lost" leads to no cluster.+one, two, lost/);
    assert.throws(() => clusterIdentifierOf(fleet("one", a), "three"), /kubeflow:context: the context "three"/);
  });

  it("outlives new credentials, and changes with the cluster", () => {
    assert.equal(clusterIdentifierOf(kubeconfig("QQ==", "a")), clusterIdentifierOf(kubeconfig("QQ==", "b")));
    assert.notEqual(clusterIdentifierOf(kubeconfig("QQ==", "a")), clusterIdentifierOf(kubeconfig("Qg==", "a")));
  });

  it("says what it wants of a text that is no kubeconfig", () => {
    assert.throws(() => clusterIdentifierOf("[]"), /kubeflow:kubeconfig: not the contents of a kubeconfig/);
  });
});
