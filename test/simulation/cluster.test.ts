/** What is in the cluster of a simulated cloud: it goes to a sandbox. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { kubernetesProviderFactory } from "../../engine/kubernetes/provider.ts";
import type { OperationKind } from "../../engine/report.ts";
import { withRefusedReleases, withSimulatedReleases } from "../../engine/simulation/helm-release.ts";
import { withStandIn } from "../../engine/simulation/stand-in.ts";
import { withSimulatedVolumes } from "../../engine/simulation/volumes.ts";
import { isMap, Unknown, type PropertyMap } from "../../engine/values.ts";
import { KubernetesClient } from "../../kubernetes/client.ts";
import { ClientPool } from "../../kubernetes/pool.ts";
import { changes, stepOf, succeeded, usePassphrase } from "../engine/support/stack.ts";
import { testKubeconfig, testManager, uniqueName } from "../support/cluster.ts";
import { SimulatedStack } from "./support.ts";

describe("the cluster of a simulated cloud", () => {
  usePassphrase("cluster");
  let stack: SimulatedStack;
  let kubeconfig: string;
  let asked = 0;
  before(async () => {
    kubeconfig = await readFile(await testKubeconfig(), "utf8");
  });
  beforeEach(async () => {
    stack = await SimulatedStack.create();
    asked = 0;
  });
  afterEach(() => stack.dispose());

  const run = async (kind: OperationKind, mode: string) => {
    const clients = new ClientPool();
    const kubernetes = kubernetesProviderFactory({ fieldManager: "pulumi-simulated", clients });
    const standIn = (): Promise<string> => Promise.resolve().then(() => ((asked += 1), kubeconfig));
    try {
      return await stack.run(kind, mode, [], { kubernetes: withStandIn(withSimulatedReleases(kubernetes), standIn) });
    } finally {
      await clients.close();
    }
  };
  const pools = async (): Promise<readonly string[]> => {
    const client = new KubernetesClient({ kubeconfig });
    const found = await client.list("karpenter.sh/v1", "NodePool").finally(() => client.close());
    return found.map(({ metadata }) => metadata.name);
  };

  it("is another cluster, with the kinds of its charts; state keeps what the program made", async () => {
    succeeded(await run("preview", "inside"));
    assert.equal(asked, 0, "a first plan needs no cluster");
    succeeded(await run("up", "inside"));
    assert.deepEqual(await pools(), ["gpus"]);
    assert.deepEqual(changes(succeeded(await run("up", "inside"))), []);
    assert.deepEqual(changes(succeeded(await run("refresh", "inside"))), []);
    assert.ok(!(await stack.files()).includes(kubeconfig.slice(200, 260)));
    const { steps } = succeeded(await run("destroy", "inside"));
    const order = steps.map(({ urn }) => urn.split("::").at(-1) ?? "");
    const wanted = ["gpus", "nodes", "simulated", "pool", "cluster", "network"];
    assert.deepEqual(
      order.filter((name) => wanted.includes(name)),
      wanted,
    );
    assert.deepEqual(await pools(), []);
  });

  it("names a chart that it does not know", async () => {
    const result = await run("up", "inside unknown-chart");
    assert.match(stepOf(result, "nodes").error ?? "", /does not know the Helm chart teapot; it knows: .*gpu-operator/);
    succeeded(await run("destroy", ""));
  });

  it("has volumes for the classes of a driver that has no pods, and takes them back", async () => {
    const clients = new ClientPool();
    const client = new KubernetesClient({ kubeconfig });
    const { signal } = new AbortController();
    const factory = withSimulatedVolumes(kubernetesProviderFactory({ fieldManager: testManager, clients }));
    const provider = await factory({ kubeconfig });
    const storageClassName = uniqueName("disks");
    const create = async (type: string, inputs: PropertyMap) => {
      const resource = { urn: `urn:pulumi:dev::cloud::kubernetes:${type}::x`, type: `kubernetes:${type}` };
      return { resource, live: { inputs, ...(await provider.create(resource, inputs, signal)) } };
    };
    const disks = await create("storage.k8s.io/v1:StorageClass", {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: storageClassName },
      provisioner: "disks.example.com",
    });
    const claim = await create("core/v1:PersistentVolumeClaim", {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: storageClassName, namespace: "default" },
      spec: { storageClassName, accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "20Gi" } } },
    });
    const { status } = claim.live.outputs;
    assert.ok(isMap(status) && status["phase"] === "Bound", "a claim is bound, as create waits for it");
    await provider.delete(claim.resource, claim.live, signal);
    await provider.delete(disks.resource, disks.live, signal);
    const left = (await client.list("v1", "PersistentVolume")).filter(({ metadata }) =>
      metadata.name.includes(storageClassName),
    );
    assert.deepEqual(left, []);
    await Promise.all([clients.close(), client.close()]);
  });

  it("on a real cluster a release is planned, and then refused before anything is changed", async () => {
    const clients = new ClientPool();
    const factory = withRefusedReleases(kubernetesProviderFactory({ fieldManager: testManager, clients }));
    const provider = await factory({ kubeconfig });
    const resource = {
      urn: "urn:pulumi:dev::cloud::kubernetes:helm.sh/v3:Release::nodes",
      type: "kubernetes:helm.sh/v3:Release",
    };
    const { inputs, failures } = await provider.check(resource, undefined, {
      chart: "karpenter",
      values: { a: Unknown.value },
    });
    assert.deepEqual(failures, []);
    assert.deepEqual((await provider.plan(resource, inputs)).outputs["namespace"], "default");
    assert.match((await provider.preflight?.([{ resource, inputs }]))?.[0] ?? "", /release nodes .* --engine pulumi/);
    await assert.rejects(provider.create(resource, inputs, new AbortController().signal), /--engine pulumi/);
    await clients.close();
  });
});
