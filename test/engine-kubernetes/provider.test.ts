import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { toMap } from "../../engine/kubernetes/objects.ts";
import { kubernetesProviderFactory } from "../../engine/kubernetes/provider.ts";
import { Secret, Unknown } from "../../engine/values.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { ClientPool } from "../../kubernetes/pool.ts";
import { refused, writes } from "../../kubernetes/stats.ts";
import { configMap, testKubeconfig, testManager, uniqueName } from "../support/cluster.ts";
import { create, inputsOf, openBench, refOf, signal, update, type Bench } from "./support.ts";

const theirs = { fieldManager: "somebody", force: true };

describe("Kubernetes provider", () => {
  let bench: Bench;
  let namespace: string;
  before(async () => {
    bench = await openBench();
    ({ namespace } = bench);
  });
  after(() => bench.close());

  const named = (kind: string, name: string, fields: object = {}): KubernetesObject => ({
    apiVersion: "v1",
    kind,
    metadata: { name, namespace },
    ...fields,
  });

  it("keeps what the real provider's state has, and no managedFields", async () => {
    const { id, inputs, outputs } = await create(bench.provider, configMap(namespace, "state", { a: "1" }));
    assert.equal(id, `${namespace}/state`);
    assert.deepEqual(outputs["__inputs"], inputs);
    assert.deepEqual([outputs["__initialApiVersion"], outputs["__fieldManager"]], ["v1", testManager]);
    const { metadata, ...rest } = outputs as { metadata: Record<string, unknown> };
    assert.equal(typeof metadata["uid"], "string");
    assert.doesNotMatch(JSON.stringify([metadata, rest]), /managedFields/);
  });

  it("goes on with what a run that was cut off had made, even where it holds no field", async () => {
    const objects = [
      configMap(namespace, "again", { a: "1" }),
      named("ServiceAccount", "again"),
      named("Secret", "again"),
    ];
    for (const object of objects) {
      const first = await create(bench.provider, object);
      const { inputs } = first;
      assert.deepEqual(await bench.provider.preflight?.([{ resource: refOf(object), inputs }]), []);
      const second = await create(bench.provider, object);
      assert.equal(second.id, first.id);
      // As the engine asks about a create whose end it has not seen.
      const found = await bench.provider.read(refOf(object), { id: "", inputs, outputs: {} });
      assert.deepEqual(found?.inputs, inputs);
    }
  });

  it("names what exists and is not ours before and while it creates, and takes it over when told to", async () => {
    const object = configMap(namespace, "taken", { a: "ours" });
    await bench.client.apply(configMap(namespace, "taken", { a: "theirs", b: "theirs" }), theirs);
    const inputs = await inputsOf(bench.provider, object);
    const other = configMap(namespace, "free", {});
    const problems = await bench.provider.preflight?.([
      { resource: refOf(object), inputs },
      { resource: refOf(other), inputs: await inputsOf(bench.provider, other) },
    ]);
    assert.equal(problems?.length, 1);
    assert.match(problems[0] ?? "", /^ConfigMap .*\/taken .* exists already .*"somebody".*--adopt/);
    await assert.rejects(create(bench.provider, object), /\/taken .* exists already .*"somebody".*--adopt/);
    assert.equal(await bench.provider.read(refOf(object), { id: "", inputs, outputs: {} }), undefined);
    await create(bench.adopting, object);
    assert.deepEqual((await bench.client.get(object))?.["data"], { a: "ours", b: "theirs" });
  });

  it("asks about all that is to be made with one listing a kind", async () => {
    const clients = new ClientPool();
    const kubeconfig = await testKubeconfig();
    const provider = await kubernetesProviderFactory({ fieldManager: testManager, clients })({ kubeconfig });
    const objects = Array.from({ length: 50 }, (_, index) => configMap(namespace, `many-${index}`, {}));
    const creates = await Promise.all(
      objects.map(async (object) => ({ resource: refOf(object), inputs: await inputsOf(provider, object) })),
    );
    assert.deepEqual(await provider.preflight?.(creates), []);
    assert.deepEqual(clients.stats, { "GET 200": 2 });
    await Promise.all(objects.map((object) => create(provider, object)));
    assert.deepEqual(clients.stats, { "GET 200": 2, "PATCH 201": 50 });
    assert.deepEqual([refused(clients.stats), writes(clients.stats)], [0, 50]);
    await clients.close();
  });

  it("reports in a preflight that the cluster cannot be reached", async () => {
    const clients = new ClientPool({ connectSeconds: 0 });
    const kubeconfig = JSON.stringify({
      clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
      users: [{ name: "c", user: {} }],
      "current-context": "c",
    });
    const provider = await kubernetesProviderFactory({ fieldManager: testManager, clients })({ kubeconfig });
    const object = configMap("n", "x", {});
    const [problem = ""] = (await provider.preflight?.([{ resource: refOf(object), inputs: toMap(object) }])) ?? [];
    assert.match(problem, /127.0.0.1:1.*cannot be reached/);
    await clients.close();
  });

  it("drops the fields that the program dropped, and leaves those of others", async () => {
    const old = await create(bench.provider, configMap(namespace, "fields", { a: "1", b: "1" }));
    await bench.client.apply(configMap(namespace, "fields", { c: "theirs" }), theirs);
    await update(bench.provider, old, configMap(namespace, "fields", { a: "2" }));
    assert.deepEqual((await bench.client.get(configMap(namespace, "fields", {})))?.["data"], { a: "2", c: "theirs" });
  });

  it("takes back what somebody changed, and says from whom", async () => {
    const old = await create(bench.provider, configMap(namespace, "back", { a: "1" }));
    await bench.client.apply(configMap(namespace, "back", { a: "theirs" }), theirs);
    await update(bench.provider, old, configMap(namespace, "back", { a: "2" }));
    assert.deepEqual((await bench.client.get(configMap(namespace, "back", {})))?.["data"], { a: "2" });
    assert.ok(bench.told.some((message) => /ConfigMap .*\/back: data.a taken back from somebody/.test(message)));
  });

  it("does not empty a Secret that a controller has filled", async () => {
    for (const fields of [{}, { data: {} }]) {
      const secret = named("Secret", uniqueName("filled"), fields);
      const old = await create(bench.provider, secret);
      await bench.client.apply({ ...secret, data: { "tls.crt": "eA==" } }, theirs);
      const metadata = { ...secret.metadata, labels: { changed: "yes" } };
      const next = await update(bench.provider, old, { ...secret, metadata });
      assert.deepEqual((await bench.client.get(secret))?.["data"], { "tls.crt": "eA==" });
      assert.deepEqual((await bench.provider.read(refOf(secret), next))?.inputs, next.inputs);
    }
  });

  it("wraps what a Secret holds, in inputs and in outputs", async () => {
    const { inputs, outputs } = await create(
      bench.provider,
      named("Secret", "wrapped", { stringData: { a: "hidden" } }),
    );
    assert.ok(inputs["stringData"] instanceof Secret && outputs["data"] instanceof Secret);
    assert.ok((outputs["__inputs"] as { stringData: unknown }).stringData instanceof Secret);
    const secretLabel = { ...toMap(configMap(namespace, "label", {})), data: { key: new Secret("hidden") } };
    const made = await bench.provider.create(refOf(configMap(namespace, "label", {})), secretLabel, signal);
    assert.ok((made.outputs["data"] as { key: unknown }).key instanceof Secret);
  });

  it("goes on under the manager of a state that the real provider wrote", async () => {
    const object = configMap(namespace, "imported", { a: "1", b: "1" });
    const live = await bench.client.apply(object, { fieldManager: "pulumi-kubernetes-1234" });
    const inputs = await inputsOf(bench.provider, object);
    const old = { id: "", inputs, outputs: { ...toMap(live), __fieldManager: "pulumi-kubernetes-1234" } };
    assert.deepEqual((await bench.provider.read(refOf(object), old))?.inputs, inputs);
    await update(bench.provider, old, configMap(namespace, "imported", { a: "2" }));
    assert.deepEqual((await bench.client.get(object))?.["data"], { a: "2" });
  });

  it("refuses inputs without a name, and lets a name that is not known yet pass", async () => {
    const ref = { urn: "u", type: "kubernetes:core/v1:ConfigMap" };
    const failures = async (metadata: Parameters<typeof toMap>[0] | Unknown) =>
      (
        await bench.provider.check(ref, undefined, {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: metadata instanceof Unknown ? metadata : toMap(metadata),
        })
      ).failures.map((failure) => failure.property);
    assert.deepEqual(await failures({}), ["metadata.name"]);
    assert.deepEqual(await failures(Unknown.value), []);
  });

  it("changes no cluster that is not named, and refuses settings that it cannot honour", async () => {
    const factory = kubernetesProviderFactory({ fieldManager: testManager, clients: new ClientPool() });
    await assert.rejects(async () => factory({}), /no kubeconfig.*kubernetes:kubeconfig/s);
    const kubeconfig = await testKubeconfig();
    await assert.rejects(async () => factory({ kubeconfig, enableServerSideApply: "false" }), /enableServerSideApply/);
    for (const name of ["renderYamlToDirectory", "cluster", "deleteUnreachable", "strictMode"])
      await assert.rejects(async () => factory({ kubeconfig, [name]: "x" }), new RegExp(`does not follow ${name}: `));
    const provider = await factory({ kubeconfig, suppressDeprecationWarnings: "true" });
    for (const name of ["waitFor", "replaceUnready", "patchFieldManager"]) {
      const annotations = { [`pulumi.com/${name}`]: "x" };
      const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", annotations } };
      const { failures } = await provider.check(refOf(object), undefined, toMap(object));
      assert.deepEqual(
        failures.map(({ property }) => property),
        [`metadata.annotations["pulumi.com/${name}"]`],
      );
    }
  });
});

describe("Kubernetes provider, asked for a patch", () => {
  it("plans it, and leaves it to the real one, as it would delete the object with the stack", async () => {
    const clients = new ClientPool();
    const kubeconfig = JSON.stringify({
      clusters: [{ name: "c", cluster: { server: "https://no-cluster.invalid" } }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      "current-context": "c",
    });
    const provider = await kubernetesProviderFactory({ fieldManager: testManager, clients })({ kubeconfig });
    const object = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "fast" } };
    const resource = { ...refOf(object), type: "kubernetes:storage.k8s.io/v1:StorageClassPatch" };
    const { inputs, failures } = await provider.check(resource, undefined, toMap(object));
    assert.deepEqual(failures, []);
    const [message = "", ...more] = (await provider.preflight?.([{ resource, inputs }])) ?? [];
    assert.match(message, /the patch fast .*--engine pulumi/);
    assert.deepEqual(more, []);
    await clients.close();
  });
});
