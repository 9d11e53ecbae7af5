/** A small cloud: a network, a cluster with a pool in it, a bucket, a database, and an object in the cluster. */
import * as pulumi from "@pulumi/pulumi";

const modes = (new pulumi.Config().get("mode") ?? "").split(" ");
const is = (mode: string): boolean => modes.includes(mode);

class Resource extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly endpoint: pulumi.Output<string>;
  declare readonly connection: pulumi.Output<string>;

  constructor(type: string, name: string, inputs: pulumi.Inputs, options?: pulumi.CustomResourceOptions) {
    super(`fake:index:${type}`, name, { name: undefined, endpoint: undefined, ...inputs }, options);
  }
}

class KubernetesObject extends pulumi.CustomResource {}

class Kubernetes extends pulumi.ProviderResource {
  constructor(name: string, kubeconfig: pulumi.Input<string>) {
    super("kubernetes", name, { kubeconfig, clusterIdentifier: "one" });
  }
}

if (!is("empty")) {
  const network = new Resource("Network", "network", { range: is("moved") ? "10.1.0.0/16" : "10.0.0.0/16" });
  const cluster = new Resource("Cluster", "cluster", {
    name: "kubeflow",
    network: network.id,
    labels: { stage: is("relabelled") ? "second" : "first", owner: "kubeflow" },
    ...(is("mistaken") ? { colour: "red" } : {}),
  });
  const pool = new Resource("Pool", "pool", { cluster: cluster.name, size: 3 });
  const password = pulumi.secret("open sesame 42");
  const database = new Resource(
    "Database",
    "database",
    { network: network.id, password, ...(is("broken-text") ? { note: `at ${String(undefined)}` } : {}) },
    is("protected") ? { protect: true } : {},
  );
  new Resource("Bucket", is("long") ? "bucket-with-a-name-that-is-rather-long" : "bucket", {});

  const user = { exec: { apiVersion: "client.authentication.k8s.io/v1", command: "no-such-command" } };
  const kubeconfig = cluster.endpoint.apply((server) =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "c",
      clusters: [{ name: "c", cluster: { server } }],
      users: [{ name: "c", user }],
      contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
    }),
  );
  if (is("inside")) {
    const provider = new Kubernetes("in-cluster", pulumi.secret(kubeconfig));
    const options = { provider, dependsOn: pool };
    const metadata = { name: "simulated" };
    const namespace = new KubernetesObject(
      "kubernetes:core/v1:Namespace",
      "simulated",
      { apiVersion: "v1", kind: "Namespace", metadata },
      options,
    );
    const release = new KubernetesObject(
      "kubernetes:helm.sh/v3:Release",
      "nodes",
      { chart: is("unknown-chart") ? "teapot" : "oci://example.com/charts/karpenter", namespace: "simulated" },
      { ...options, dependsOn: namespace },
    );
    new KubernetesObject(
      "kubernetes:karpenter.sh/v1:NodePool",
      "gpus",
      { apiVersion: "karpenter.sh/v1", kind: "NodePool", metadata: { name: "gpus" }, spec: { limits: { cpu: "8" } } },
      { ...options, dependsOn: release },
    );
  }
  pulumi.output([network.id, database.connection]).apply(() => undefined);
}
