import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { configMap, testManager, uniqueName } from "../support/cluster.ts";
import { create, openBench, refOf, signal, type Bench } from "./support.ts";

const theirs = { fieldManager: "somebody", force: true };

describe("Deletion", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  it("of what is gone already, or whose kind is, is done", async () => {
    const object = configMap(bench.namespace, "gone", {});
    const made = await create(bench.provider, object);
    await bench.provider.delete(refOf(object), made, signal);
    await bench.provider.delete(refOf(object), made, signal);
    const custom = { ...object, apiVersion: "nowhere.example/v1", kind: "Thing" };
    await bench.provider.delete(
      refOf(custom),
      { ...made, inputs: { ...made.inputs, apiVersion: "nowhere.example/v1", kind: "Thing" } },
      signal,
    );
  });

  it("leaves another object of the same name alone, and says so", async () => {
    const object = configMap(bench.namespace, "other", { a: "1" });
    const made = await create(bench.provider, object);
    await bench.client.delete(object);
    await bench.client.apply(object, theirs);
    assert.equal(await bench.provider.read(refOf(object), made), undefined);
    await bench.provider.delete(refOf(object), made, signal);
    assert.notEqual(await bench.client.get(object), undefined);
    assert.ok(bench.told.some((message) => /ConfigMap .*\/other: left alone/.test(message)));
  });

  it("waits until the finalizers are done", async () => {
    const held = (finalizers: readonly string[]): KubernetesObject => ({
      ...configMap(bench.namespace, "held", {}),
      metadata: { namespace: bench.namespace, name: "held", finalizers },
    });
    const made = await create(bench.provider, configMap(bench.namespace, "held", {}));
    await bench.client.apply(held(["example.com/hold"]), theirs);
    let deleted = false;
    const deleting = bench.provider.delete(refOf(held([])), made, signal).then(() => (deleted = true));
    while ((await bench.client.get(held([])))?.metadata["deletionTimestamp"] === undefined);
    assert.equal(deleted, false);
    await bench.client.apply(held([]), theirs);
    await deleting;
    assert.equal(await bench.client.get(held([])), undefined);
  });

  it("of a Namespace waits for what is in it", async () => {
    const name = uniqueName("ns");
    const namespace: KubernetesObject = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { a: "b" } } };
    const made = await create(bench.provider, namespace);
    await bench.client.apply(configMap(name, "inside", {}), { fieldManager: testManager });
    await bench.provider.delete(refOf(namespace), made, signal);
    assert.equal(await bench.client.get(namespace), undefined);
    assert.equal(await bench.client.get(configMap(name, "inside", {})), undefined);
  });

  it("can be called off", async () => {
    const held = {
      ...configMap(bench.namespace, "stuck", {}),
      metadata: { namespace: bench.namespace, name: "stuck", finalizers: ["example.com/hold"] },
    };
    const made = await create(bench.provider, held);
    const abort = new AbortController();
    const deleting = bench.provider.delete(refOf(held), made, abort.signal);
    while ((await bench.client.get(held))?.metadata["deletionTimestamp"] === undefined);
    abort.abort(new Error("stopped by a signal"));
    await assert.rejects(deleting, /stopped by a signal/);
    await bench.client.apply(
      { ...held, metadata: { ...held.metadata, finalizers: [] } },
      { fieldManager: testManager },
    );
  });
});
