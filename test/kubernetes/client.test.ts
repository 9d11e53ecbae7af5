import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { KubernetesClient } from "../../kubernetes/client.ts";
import { ApiError, explain } from "../../kubernetes/errors.ts";
import { writes } from "../../kubernetes/stats.ts";
import {
  configMap,
  dropNamespace,
  testKubeconfig,
  testManager,
  testNamespace,
  thingCrd,
  uniqueName,
} from "../support/cluster.ts";

const mine = { fieldManager: testManager };

describe("Kubernetes client", () => {
  let place: Awaited<ReturnType<typeof testNamespace>>;
  let client: KubernetesClient;
  let namespace: string;

  before(async () => {
    place = await testNamespace();
    ({ client, namespace } = place);
  });
  after(() => dropNamespace(place));

  it("applies, reads, lists and deletes, and knows when something is gone", async () => {
    const object = configMap(namespace, "a", { one: "1" });
    const applied = await client.apply(object, mine);
    assert.deepEqual((await client.get(object))?.["data"], { one: "1" });
    const [listed] = await client.list("v1", "ConfigMap", {
      namespace,
      fieldSelector: "metadata.name=a",
      metadataOnly: true,
    });
    assert.ok(listed);
    assert.equal(listed.metadata["uid"], applied.metadata["uid"]);
    assert.equal(listed["data"], undefined);
    assert.equal(await client.delete(object), undefined);
    assert.equal(await client.get(object), undefined);
    assert.equal(await client.delete(object), undefined);
  });

  it("changes nothing in a dry run", async () => {
    await client.apply(configMap(namespace, "dry", {}), { ...mine, dryRun: true });
    assert.equal(await client.get(configMap(namespace, "dry", {})), undefined);
  });

  it("does not delete another object of the same name", async () => {
    const object = configMap(namespace, "b", {});
    await client.apply(object, mine);
    await assert.rejects(client.delete(object, { uid: "11111111-2222-3333-4444-555555555555" }), { status: 409 });
    assert.notEqual(await client.get(object), undefined);
  });

  it("names manager and fields of a conflict, and takes over only when told to", async () => {
    await client.apply(configMap(namespace, "c", { key: "theirs" }), { fieldManager: "somebody" });
    const ours = configMap(namespace, "c", { key: "ours" });
    const conflict = await client.apply(ours, mine).catch((error: unknown) => error);
    assert.ok(conflict instanceof ApiError && conflict.isFieldConflict);
    const told = explain(conflict, ours, "create") as Error;
    assert.match(told.message, /ConfigMap .*\/c .*data\.key \(managed by "somebody"\)/s);
    const taken = await client.apply(ours, { ...mine, force: true });
    assert.deepEqual(taken["data"], { key: "ours" });
  });

  it("tells object, field and the server's words when the API refuses an object", async () => {
    const object = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { namespace, name: "bad" },
      spec: { ports: [{ port: 99999 }] },
    };
    const error = explain(
      await client.apply(object, mine).catch((thrown: unknown) => thrown),
      object,
      "create",
    ) as Error;
    assert.match(error.message, new RegExp(`Service ${namespace}/bad .*422.*spec.ports\\[0\\].port: .*99999`, "s"));
  });

  it("does not wait for a field that its kind does not have", async () => {
    const object = { apiVersion: "v1", kind: "Service", metadata: { namespace, name: "odd" }, spec: { prots: [] } };
    const error = explain(
      await client.apply(object, mine).catch((thrown: unknown) => thrown),
      object,
      "apply",
    ) as Error;
    assert.match(error.message, /Service .*\/odd .*refuses.*\.spec\.prots: field not declared in schema/s);
  });

  it("sends every character of a text as it is", async () => {
    const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join("");
    const text = `${all}\ufeff\ufffe\uffff\u{1f600}`;
    const applied = await client.apply(configMap(namespace, "text", { text }), mine);
    assert.equal((applied["data"] as { text: string }).text, text);
  });

  it("says what is missing when the API has no such kind", async () => {
    const object = { apiVersion: "nowhere.example/v1", kind: "Thing", metadata: { name: "x" } };
    await assert.rejects(client.apply(object, mine), /no kind Thing in nowhere.example\/v1.*CustomResourceDefinition/s);
    assert.equal(await client.get(object), undefined);
    assert.deepEqual(await client.list("nowhere.example/v1", "Thing"), []);
  });

  it("sees a change made while it waits, one made before it waits, and a deletion", async () => {
    const read = (name: string) => client.get(configMap(namespace, name, {}));
    const names = ["w1", "w2", "w3"];
    const olds = await Promise.all(names.map((name) => client.apply(configMap(namespace, name, { v: "1" }), mine)));
    const second = (object: { readonly [key: string]: unknown } | undefined) =>
      (object?.["data"] as Record<string, string> | undefined)?.["v"] === "2" ? "seen" : undefined;
    const [w1, w2, w3] = olds;
    assert.ok(w1 && w2 && w3);
    const before = client.waitFor(w3, second);
    await client.apply(configMap(namespace, "w2", { v: "2" }), mine);
    const missed = client.waitFor(w2, second);
    const coming = client.waitFor(w1, second);
    await client.apply(configMap(namespace, "w1", { v: "2" }), mine);
    await client.apply(configMap(namespace, "w3", { v: "2" }), mine);
    assert.deepEqual(await Promise.all([before, missed, coming]), ["seen", "seen", "seen"]);

    const live = await read("w1");
    assert.ok(live);
    const gone = client.waitFor(live, (object) => (object === undefined ? true : undefined), { metadataOnly: true });
    await client.delete(live);
    assert.equal(await gone, true);
  });

  it("stops waiting when it is told to", async () => {
    const object = await client.apply(configMap(namespace, "never", {}), mine);
    const abort = new AbortController();
    const wait = client.waitFor(object, () => undefined, { signal: abort.signal });
    abort.abort(new Error("enough"));
    await assert.rejects(wait, /enough/);
  });

  it("finds a kind that is defined while it runs", async () => {
    const group = `${uniqueName("g")}.example`;
    const thing = { apiVersion: `${group}/v1`, kind: "Thing", metadata: { namespace, name: "x" }, spec: { size: 1 } };
    assert.equal(await client.resourceType(thing.apiVersion, "Thing"), undefined);
    const crd = await client.apply(thingCrd(group), mine);
    type Conditions = { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
    await client.waitFor(crd, (now) =>
      (now?.["status"] as Conditions).conditions?.some(
        ({ type, status }) => type === "Established" && status === "True",
      )
        ? true
        : undefined,
    );
    await until(async () => (await client.resourceType(thing.apiVersion, "Thing")) !== undefined);
    await client.apply(thing, mine);
    await client.delete(crd);
  });

  it("sends the most urgent first of what has to wait", async () => {
    const one = new KubernetesClient({ kubeconfig: await testKubeconfig(), concurrency: 1 });
    await one.list("v1", "ConfigMap", { namespace: place.namespace });
    const apply = async (name: string, urgency?: number): Promise<number> => {
      const object = configMap(place.namespace, name, {});
      const { metadata } = await one.apply(object, { fieldManager: testManager, urgency });
      return Number(metadata["resourceVersion"]);
    };
    const versions = await Promise.all([
      apply("under-way", 0),
      apply("urgent-a", 1),
      apply("urgent-b", 3),
      apply("urgent-c", 2),
      apply("urgent-d"),
    ]);
    await one.close();
    const [underWay, a, b, c, d] = versions;
    assert.deepEqual(
      [underWay, d, b, c, a],
      versions.toSorted((left, right) => left - right),
    );
  });

  it("counts requests by verb and status", async () => {
    const before = writes(client.stats);
    await client.apply(configMap(namespace, "counted", {}), mine);
    await client.get(configMap(namespace, "counted", {}));
    assert.equal(writes(client.stats) - before, 1);
  });
});

async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setImmediate(resolve));
}
