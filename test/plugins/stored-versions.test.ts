/** Objects that a real API server stores in a version that goes. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { LiveResource, Provider } from "../../engine/provider.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { ApiError } from "../../kubernetes/errors.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { withStoredVersions } from "../../plugins/crd/stored-versions.ts";
import { testManager, thingCrd, uniqueName } from "../support/cluster.ts";
import { inputsOf, openBench, ref, type Bench } from "./support.ts";

const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
const things = 40;

/** A CRD with these versions; the one with a star is stored. */
function crdOf(group: string, ...versions: readonly string[]): KubernetesObject {
  const crd = thingCrd(group);
  const listed = versions.map((version) => ({
    name: version.replace("*", ""),
    served: true,
    storage: version.endsWith("*"),
    schema,
  }));
  return { ...crd, spec: { ...(crd["spec"] as object), versions: listed } };
}

describe("stored versions of a CRD", () => {
  let bench: Bench;
  let client: KubernetesClient;
  let provider: Provider;

  before(async () => {
    bench = await openBench();
    ({ client, provider } = bench);
  });
  after(async () => {
    await bench.close();
  });

  async function made(crd: KubernetesObject): Promise<LiveResource> {
    const inputs = await inputsOf(crd);
    return { inputs, ...(await provider.create(ref, inputs, new AbortController().signal)) };
  }

  async function updated(old: LiveResource, crd: KubernetesObject, signal = new AbortController().signal) {
    const inputs = await inputsOf(crd);
    return { ...old, inputs, ...(await provider.update(ref, old, inputs, signal)) };
  }

  async function fill(group: string): Promise<ReadonlyMap<string, unknown>> {
    for (let index = 0; index < things; index += 1) {
      const metadata = { name: `thing-${String(index)}`, namespace: "default" };
      const object = { apiVersion: `${group}/v1beta1`, kind: "Thing", metadata, spec: { index } };
      await client.apply(object, { fieldManager: "tenant" });
    }
    return contentOf(`${group}/v1beta1`);
  }

  async function contentOf(apiVersion: string): Promise<ReadonlyMap<string, unknown>> {
    const objects = await client.list(apiVersion, "Thing");
    return new Map(objects.map(({ metadata: { name, uid, generation }, spec }) => [name, { uid, generation, spec }]));
  }

  async function storedVersions(crd: KubernetesObject): Promise<unknown> {
    const live = await client.get(crd);
    return (live?.["status"] as { readonly storedVersions?: unknown } | undefined)?.storedVersions;
  }

  it("is what the API server does not let go of by itself", async () => {
    const group = `${uniqueName("stored")}.example`;
    await made(crdOf(group, "v1beta1*"));
    await fill(group);
    await assert.rejects(
      client.apply(crdOf(group, "v1*"), { fieldManager: testManager }),
      (error) => error instanceof ApiError && error.status === 422 && /storedVersions/.test(error.message),
    );
  });

  it("loses no object when its only version gives way to another, and the rehearsal knows", async () => {
    const group = `${uniqueName("stored")}.example`;
    const old = await made(crdOf(group, "v1beta1*"));
    const before = await fill(group);
    const next = crdOf(group, "v1*");
    const inputs = await inputsOf(next);
    assert.deepEqual(await provider.rehearse?.([{ resource: ref, inputs, old, replaces: false }], []), []);
    assert.deepEqual(await storedVersions(next), ["v1beta1"]);
    await updated(old, next);
    assert.deepEqual(await storedVersions(next), ["v1"]);
    assert.equal(before.size, things);
    assert.deepEqual(await contentOf(`${group}/v1`), before);
    assert.ok(bench.told.some((message) => message.includes(group) && message.includes(`${String(things)} objects`)));
  });

  it("are one again after an update that drops none", async () => {
    const group = `${uniqueName("stored")}.example`;
    const old = await made(crdOf(group, "v1beta1*"));
    const before = await fill(group);
    const next = crdOf(group, "v1*", "v1beta1");
    const live = await updated(old, next);
    assert.deepEqual(await storedVersions(next), ["v1"]);
    await updated(live, crdOf(group, "v1*"));
    assert.deepEqual(await contentOf(`${group}/v1`), before);
  });

  it("are gone on with where a run was cut off", async () => {
    const group = `${uniqueName("stored")}.example`;
    const old = await made(crdOf(group, "v1beta1*"));
    const before = await fill(group);
    const next = crdOf(group, "v1*");
    for (const milliseconds of [1, 30, 60, 90]) {
      await updated(old, next, AbortSignal.timeout(milliseconds)).catch(() => undefined);
      assert.ok((await client.get(next)) !== undefined);
    }
    await updated(old, next);
    assert.deepEqual(await storedVersions(next), ["v1"]);
    assert.deepEqual(await contentOf(`${group}/v1`), before);
  });

  it("keep a version only while objects may be stored in it", () => {
    const live = { ...crdOf("a.example", "v1alpha1", "v1beta1*"), status: { storedVersions: ["v1beta1"] } };
    const bridge = withStoredVersions(crdOf("a.example", "v1*"), live);
    const { versions } = bridge["spec"] as { readonly versions: readonly { name: string; storage: boolean }[] };
    assert.deepEqual(
      versions.map(({ name, storage }) => [name, storage]),
      [
        ["v1", true],
        ["v1beta1", false],
      ],
    );
    const whole = crdOf("a.example", "v1*", "v1beta1");
    assert.equal(withStoredVersions(whole, live), whole);
  });
});
