import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { wake } from "../../engine/kubernetes/half-established.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { dropNamespace, testManager, testNamespace, thingCrd, uniqueName } from "../support/cluster.ts";

describe("a CRD that its API server left half-way", () => {
  let place: Awaited<ReturnType<typeof testNamespace>>;
  let client: KubernetesClient;
  const crd = thingCrd(`${uniqueName("half")}.example.com`);
  const { signal } = new AbortController();

  before(async () => {
    place = await testNamespace();
    ({ client } = place);
    const applied = await client.apply(crd, { fieldManager: testManager });
    await client.waitFor(applied, (now) => (JSON.stringify(now).includes("InitialNamesAccepted") ? true : undefined));
  });
  after(async () => {
    await client.delete(crd);
    await dropNamespace(place);
  });

  it("is left alone when it is established", async () => {
    const before = await client.get(crd);
    assert.equal(await wake(crd, client, signal), false);
    assert.deepEqual(await client.get(crd), before);
  });

  it("is changed, which makes the API server look at it again, and has no trace of that afterwards", async () => {
    const before = await client.get(crd);
    assert.ok(before);
    // No API server can be held in this state: only what it says of the CRD is put in its mouth.
    const conditions = [
      { type: "NamesAccepted", status: "True" },
      { type: "Established", status: "False", reason: "Installing" },
    ];
    const half: KubernetesObject = { ...before, status: { conditions } };
    const told = Object.create(client, { get: { value: () => Promise.resolve(half) } }) as KubernetesClient;
    told.apply = client.apply.bind(client);
    assert.equal(await wake(crd, told, signal), true);
    const now = await client.get(crd);
    assert.ok(now);
    assert.notEqual(now.metadata["resourceVersion"], before.metadata["resourceVersion"]);
    assert.deepEqual(withoutVersion(now), withoutVersion(before));
  });
});

function withoutVersion({ metadata, ...rest }: KubernetesObject): unknown {
  return { ...rest, metadata: { ...metadata, resourceVersion: "" } };
}
