/** What an upgrade must not take away, judged on a real API server that holds it. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { upgradeHooks } from "../../cli/upgrade.ts";
import type { ResourceState } from "../../engine/deployment.ts";
import { toMap } from "../../engine/kubernetes/objects.ts";
import type { Diagnostic } from "../../engine/report.ts";
import type { PropertyMap } from "../../engine/values.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { typeToken, type KubernetesObject } from "../../kubernetes/objects.ts";
import { ClientPool } from "../../kubernetes/pool.ts";
import { loadUpgrades, type Upgrade, type UpgradeRule } from "../../release/upgrades.ts";
import { dropNamespace, testKubeconfig, testManager, testNamespace, thingCrd, uniqueName } from "../support/cluster.ts";

const grounds = { reason: "because", source: "https://example.com" };

function resource(type: string, inputs: PropertyMap, extra: Partial<ResourceState> = {}): ResourceState {
  return {
    urn: `urn:pulumi:test::kubeflow::${type}::${uniqueName("r")}`,
    type,
    id: "",
    custom: true,
    inputs,
    outputs: {},
    dependencies: [],
    propertyDependencies: {},
    additionalSecretOutputs: [],
    customTimeouts: {},
    ...extra,
  };
}

const stateOf = (object: KubernetesObject, extra: Partial<ResourceState> = {}): ResourceState =>
  resource(typeToken(object), toMap(object), extra);

describe("the judgement of an upgrade", () => {
  const clients = new ClientPool();
  let place: { readonly client: KubernetesClient; readonly namespace: string };
  let kubeconfig: string;

  before(async () => {
    place = await testNamespace();
    kubeconfig = await testKubeconfig();
  });
  after(async () => {
    await clients.close();
    await dropNamespace(place);
  });

  interface Losses {
    readonly dropped?: readonly ResourceState[];
    readonly replaced?: readonly ResourceState[];
  }

  async function judge(
    from: string,
    to: string,
    { dropped = [], replaced = [] }: Losses = {},
    known?: readonly Upgrade[],
  ): Promise<readonly Diagnostic[]> {
    const { judge: hook } = await upgradeHooks("up", to, clients, known);
    const state = [
      resource("pulumi:pulumi:Stack", {}, { outputs: { release: from } }),
      resource("pulumi:providers:kubernetes", { kubeconfig }),
    ];
    return (await hook?.({ state, dropped, replaced })) ?? [];
  }

  const errors = (found: readonly Diagnostic[]): readonly string[] =>
    found.flatMap(({ severity, message }) => (severity === "error" ? [message] : []));

  const ruled = (...rules: readonly UpgradeRule[]): readonly Upgrade[] => [
    { from: "1.11.0", to: "26.03", downgrade: { allowed: true, ...grounds }, rules: [...rules] },
  ];

  it("lets a CRD without custom resources go, and none with", async () => {
    const group = `${uniqueName("judged")}.example`;
    const crd = thingCrd(group);
    const applied = await place.client.apply(crd, { fieldManager: testManager });
    await place.client.waitFor(applied, (now) =>
      JSON.stringify(now?.["status"] ?? "").includes('"type":"Established"') ? true : undefined,
    );
    const inputs = {
      name: crd.metadata.name,
      group,
      kind: "Thing",
      versions: ["v1"],
      digest: "x",
      scope: "Namespaced",
    };
    const dropped = [resource("kubeflow:index:CustomResourceDefinition", inputs)];
    assert.deepEqual(errors(await judge("1.11.0", "26.03", { dropped })), []);
    const thing = { apiVersion: `${group}/v1`, kind: "Thing", metadata: { name: "mine", namespace: place.namespace } };
    await place.client.apply(thing, { fieldManager: "tenant" });
    const [message = ""] = errors(await judge("1.11.0", "26.03", { dropped }));
    assert.match(
      message,
      new RegExp(`delete the CRD things\\.${group}, and with it Thing ${place.namespace}/mine\\. Save them`),
    );
    assert.equal(errors(await judge("1.11.0", "26.03", { replaced: dropped })).length, 1);
    // The release's own goes with it.
    assert.deepEqual(errors(await judge("1.11.0", "26.03", { dropped: [...dropped, stateOf(thing)] })), []);
    await place.client.delete(crd);
  });

  it("lets no namespace and no claim go that is there, unless it stays in the cluster", async () => {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: place.namespace } };
    const claim: KubernetesObject = {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data", namespace: place.namespace },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName: "none" },
    };
    assert.deepEqual(errors(await judge("1.11.0", "26.03", { dropped: [stateOf(claim)] })), []);
    await place.client.apply(claim, { fieldManager: testManager });
    const found = errors(await judge("1.11.0", "26.03", { dropped: [stateOf(namespace)], replaced: [stateOf(claim)] }));
    assert.equal(found.length, 2);
    assert.match(found.join("\n"), new RegExp(`replace PersistentVolumeClaim ${place.namespace}/data`));
    const retained = [stateOf(claim, { retainOnDelete: true })];
    assert.deepEqual(errors(await judge("1.11.0", "26.03", { dropped: retained })), []);
    assert.deepEqual(errors(await judge("26.03", "26.03", { dropped: [stateOf(claim)] })), [], "no upgrade");
  });

  it("refuses a cluster that is too old, and says what to do", async () => {
    const rule = (kubernetes: string): UpgradeRule => ({ rule: "requires", kubernetes, ...grounds });
    assert.deepEqual(errors(await judge("1.11.0", "26.03", {}, ruled(rule("1.9")))), []);
    const [message = ""] = errors(await judge("1.11.0", "26.03", {}, ruled(rule("1.199"))));
    assert.match(message, /needs Kubernetes 1\.199 or newer, this is 1\.\d+: because .* Upgrade the cluster first/);
  });

  it("refuses what blocks, by name, and only that", async () => {
    const annotated = (name: string, mode: string): KubernetesObject => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace: place.namespace, annotations: { "example.com/mode": mode } },
    });
    await place.client.apply(annotated("old", "Old"), { fieldManager: testManager });
    await place.client.apply(annotated("new", "New"), { fieldManager: testManager });
    const [apiVersion, kind, annotation] = ["v1", "ConfigMap", "example.com/mode"];
    const rules = ruled({
      rule: "blocks",
      apiVersion,
      kind,
      annotation,
      values: ["Old"],
      remedy: "rename it",
      ...grounds,
    });
    const [message = "", ...more] = errors(await judge("1.11.0", "26.03", {}, rules));
    assert.match(
      message,
      new RegExp(`ConfigMap ${place.namespace}/old with example.com/mode Old: .* Do this: rename it`),
    );
    assert.deepEqual(more, []);
  });

  it("does not go back where the rules forbid it, and warns where there are none", async () => {
    assert.match(errors(await judge("26.03", "1.11.0"))[0] ?? "", /^26\.03 does not go back to 1\.11\.0: /);
    assert.deepEqual(errors(await judge("26.03", "1.11.0", {}, ruled())), []);
    const found = await judge("1.10.0", "26.03");
    assert.deepEqual(
      found.map(({ severity }) => severity),
      ["warning"],
    );
  });

  it("keeps what the rules keep, whatever release it comes from, and says so", async () => {
    const kept = (await loadUpgrades()).flatMap(({ rules }) => rules).find((rule) => rule.rule === "kept");
    assert.equal(kept?.object, "Service/kubeflow/minio-service");
    const metadata = { name: "minio-service", namespace: "kubeflow" };
    const service = stateOf({ apiVersion: "v1", kind: "Service", metadata });
    const { keeps } = await upgradeHooks("up", "26.03", clients);
    assert.equal(keeps?.(service), true);
    assert.equal(
      keeps(stateOf({ apiVersion: "v1", kind: "Service", metadata: { ...metadata, name: "other" } })),
      false,
    );
    const found = await judge("26.03", "26.03", { dropped: [service] });
    assert.match(found[0]?.message ?? "", /minio-service stays: /);
  });
});
