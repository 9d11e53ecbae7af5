/** What a change would run into, asked of a real API server before anything is changed. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { toMap } from "../../engine/kubernetes/objects.ts";
import type { PlannedChange, PlannedCreate } from "../../engine/provider.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { thingCrd, uniqueName } from "../support/cluster.ts";
import { create, inputsOf, openBench, refOf, type Bench } from "./support.ts";

describe("Rehearsal", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  async function changeOf(old: KubernetesObject, next: KubernetesObject): Promise<PlannedChange> {
    const live = await create(bench.provider, old);
    const inputs = await inputsOf(bench.provider, next);
    const { replaces } = await bench.provider.diff(refOf(old), live, inputs);
    return { resource: refOf(next), inputs, old: live, replaces: replaces.length > 0 };
  }

  async function rehearse(change: PlannedChange, all: readonly PlannedCreate[] = []): Promise<readonly string[]> {
    return (await bench.provider.rehearse?.([change], all)) ?? [];
  }

  const slice = (addressType: string, address: string): KubernetesObject => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "slice", namespace: bench.namespace },
    addressType,
    endpoints: [{ addresses: [address] }],
  });

  const deployment = (name: string, labels: Readonly<Record<string, string>>): KubernetesObject => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: bench.namespace, annotations: { "pulumi.com/skipAwait": "true" } },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels: { app: "x", more: "y" } }, spec: { containers: [{ name: "c", image: "i" }] } },
    },
  });

  it("finds a fixed field that no rule of ours knows, and changes nothing", async () => {
    const change = await changeOf(slice("IPv4", "10.0.0.1"), slice("IPv6", "fd00::1"));
    assert.equal(change.replaces, false);
    const [message = "", ...more] = await rehearse(change);
    assert.match(message, /EndpointSlice .*\/slice .*dry run failed: [\s\S]*addressType/);
    assert.deepEqual(more, []);
    assert.equal((await bench.client.get(slice("IPv4", "")))?.["addressType"], "IPv4");
  });

  it("finds nothing where the API server would take the change", async () => {
    const change = await changeOf(deployment("plain", { app: "x" }), {
      ...deployment("plain", { app: "x" }),
      metadata: { name: "plain", namespace: bench.namespace, labels: { new: "label" } },
    });
    assert.deepEqual(await rehearse(change), []);
  });

  it("tries the new object of a replacement out beside the old one", async () => {
    const fine = await changeOf(deployment("fine", { app: "x" }), deployment("fine", { more: "y" }));
    assert.equal(fine.replaces, true);
    assert.deepEqual(await rehearse(fine), []);
    const wrong = await changeOf(deployment("wrong", { app: "x" }), deployment("wrong", { app: "other" }));
    assert.match((await rehearse(wrong))[0] ?? "", /selector/);
    const left = await bench.client.list("apps/v1", "Deployment", { namespace: bench.namespace });
    assert.deepEqual(left.map(({ metadata }) => metadata.name).sort(), ["fine", "plain", "wrong"]);
  });

  it("does not hold an object against the schema that its kind is about to lose", async () => {
    const group = `${uniqueName("rehearsal")}.example`;
    const crd = thingCrd(group, { properties: { size: { type: "integer" } } });
    await create(bench.provider, crd);
    const thing = (size: unknown): KubernetesObject => ({
      apiVersion: `${group}/v1`,
      kind: "Thing",
      metadata: { name: "thing", namespace: bench.namespace },
      size,
    });
    const change = await changeOf(thing(1), thing("large"));
    assert.match((await rehearse(change))[0] ?? "", /size/);
    const inputs = toMap({ name: crd.metadata.name, group, kind: "Thing" });
    const resource = { urn: "urn:pulumi:test::test::crd::things", type: "kubeflow:index:CustomResourceDefinition" };
    assert.deepEqual(await rehearse(change, [{ resource, inputs }]), []);
    await bench.client.delete(crd);
  });
});
