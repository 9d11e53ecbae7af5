import assert from "node:assert/strict";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { difference } from "../../engine/diff.ts";
import { liveInputs } from "../../engine/kubernetes/drift.ts";
import { ownPart } from "../../kubernetes/fields-of-others.ts";
import { toMap } from "../../engine/kubernetes/objects.ts";
import { formatPath } from "../../engine/paths.ts";
import { unwrapSecrets } from "../../engine/values.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { configMap, testManager, uniqueName } from "../support/cluster.ts";
import { create, openBench, refOf, type Bench } from "./support.ts";

const theirs = { fieldManager: "somebody", force: true };
const labels = { app: "x" };

const name = fc.stringMatching(/^[a-z]([a-z0-9]{0,8}[a-z0-9])?$/);
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 4 });
const quantity = fc.constantFrom("100m", "0.1", "1", "1000m", "1e0", "1.5", "2k", "0");
const memory = fc.constantFrom("128Mi", "0.5Gi", "1Gi", "1024Mi", "1e9", "1500M", "134217728");
const text = fc.string({ maxLength: 12 });
const listOf = <T>(items: fc.Arbitrary<T>) => fc.array(items, { maxLength: 3 });
const optional = { requiredKeys: [] as [] };

const container = (containerName: string) =>
  fc.record(
    {
      name: fc.constant(containerName),
      image: fc.constant("registry.example/image:1"),
      args: listOf(text),
      command: listOf(text),
      env: names.chain((keys) => fc.tuple(...keys.map((key) => fc.record({ name: fc.constant(key), value: text })))),
      ports: fc
        .uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 3 })
        .map((ports) => ports.map((containerPort) => ({ containerPort }))),
      resources: fc.record(
        {
          requests: fc.record({ cpu: fc.constant("0"), memory: fc.constant("0") }, optional),
          limits: fc.record({ cpu: quantity, memory }, optional),
        },
        optional,
      ),
      securityContext: fc.record(
        {
          runAsNonRoot: fc.boolean(),
          privileged: fc.boolean(),
          capabilities: fc.constant({ drop: ["ALL"] }),
          runAsUser: fc.nat(9),
        },
        optional,
      ),
    },
    { requiredKeys: ["name", "image"] },
  );

const podSpec = names.chain((containerNames) =>
  fc.record(
    {
      containers: fc.tuple(...containerNames.map(container)),
      volumes: names.map((all) => all.map((each) => ({ name: each, emptyDir: {} }))),
      nodeSelector: fc.dictionary(name, name, { maxKeys: 2 }),
      tolerations: listOf(fc.record({ key: name, operator: fc.constant("Exists") })),
      hostNetwork: fc.constant(false),
      automountServiceAccountToken: fc.boolean(),
      terminationGracePeriodSeconds: fc.constantFrom(0, 30),
      affinity: fc.constant({}),
      securityContext: fc.constantFrom({}, { fsGroup: 1 }),
    },
    { requiredKeys: ["containers"] },
  ),
);

describe("Drift", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const deployment = (spec: object): KubernetesObject => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "d", namespace: bench.namespace, creationTimestamp: null, annotations: {} },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      strategy: {},
      template: { metadata: { labels, creationTimestamp: null }, spec },
    },
  });

  /** Paths at which a read finds other than the program's inputs. */
  function drifted(object: KubernetesObject, live: KubernetesObject): readonly string[] {
    const inputs = toMap(object);
    return difference(inputs, liveInputs(inputs, live, testManager)).map(({ path }) => formatPath(path));
  }

  it("is none in what nobody touched, however it was written", async () => {
    await fc.assert(
      fc.asyncProperty(podSpec, async (spec) => {
        const object = deployment(spec);
        const live = await bench.client.apply(object, { fieldManager: testManager, dryRun: true });
        assert.deepEqual(drifted(object, live), []);
      }),
      { numRuns: 60 },
    );
  });

  it("is none after a status, defaults, a sidecar and others' fields came in", async () => {
    const object = deployment({
      containers: [
        { name: "b", image: "i" },
        { name: "a", image: "i", ports: [{ containerPort: 1 }] },
      ],
    });
    const live = await create(bench.provider, object);
    const sidecar = { metadata: { labels }, spec: { containers: [{ name: "sidecar", image: "s" }] } };
    const patch = { ...object, metadata: { ...object.metadata, labels: { their: "label" } } };
    await bench.client.apply({ ...patch, spec: { template: sidecar } }, { fieldManager: "somebody" });
    assert.deepEqual((await bench.provider.read(refOf(object), live))?.inputs, live.inputs);
  });

  it("is found where somebody changed, removed or took over what the program says", async () => {
    const object = deployment({
      containers: [
        { name: "a", image: "i", args: ["1"] },
        { name: "b", image: "i" },
      ],
    });
    await create(bench.provider, object);
    const changed = {
      ...object,
      metadata: { name: "d", namespace: bench.namespace },
      spec: {
        replicas: 0,
        template: {
          spec: {
            containers: [
              { name: "b", image: "other" },
              { name: "a", image: "i", args: ["1", "2"] },
            ],
          },
        },
      },
    };
    await bench.client.apply(changed, theirs);
    const live = await bench.client.get(object);
    assert.ok(live);
    assert.deepEqual(drifted(object, live), [
      "spec.template.spec.containers[0].args[1]",
      "spec.template.spec.containers[1].image",
    ]);
  });

  it("is found in exactly the keys that somebody changed", async () => {
    const data = fc.dictionary(name, text, { minKeys: 1, maxKeys: 6 });
    await fc.assert(
      fc.asyncProperty(data, fc.infiniteStream(fc.boolean()), async (ours, choice) => {
        const object = configMap(bench.namespace, uniqueName("keys"), ours);
        await bench.client.apply(object, { fieldManager: testManager });
        const taken = Object.keys(ours).filter(() => choice.next().value);
        const others = Object.fromEntries(taken.map((key) => [key, `${ours[key] ?? ""}!`]));
        await bench.client.apply(configMap(bench.namespace, object.metadata.name, others), theirs);
        const live = await bench.client.get(object);
        assert.ok(live);
        assert.deepEqual([...drifted(object, live)].sort(), taken.map((key) => formatPath(["data", key])).sort());
      }),
      { numRuns: 15 },
    );
  });

  it("tells who it was", async () => {
    const object = configMap(bench.namespace, "who", { a: "1" });
    const made = await create(bench.provider, object);
    await bench.client.apply(configMap(bench.namespace, "who", { a: "2" }), theirs);
    const found = await bench.provider.read(refOf(object), made);
    assert.deepEqual(found?.inputs["data"], { a: "2" });
    assert.ok(
      bench.told.some((message) =>
        /ConfigMap .*\/who: data.a changed outside of the program \(by somebody\)/.test(message),
      ),
    );
  });

  for (const field of ["data", "stringData"] as const) {
    it(`finds a password that somebody changed where ours was written as stringData, by ${field}`, async () => {
      const secret: KubernetesObject = {
        ...{ apiVersion: "v1", kind: "Secret" },
        metadata: { name: uniqueName("password"), namespace: bench.namespace },
        stringData: { password: "ours" },
      };
      const made = await create(bench.provider, secret);
      const value = field === "data" ? Buffer.from("theirs").toString("base64") : "theirs";
      await bench.client.apply({ ...secret, stringData: undefined, [field]: { password: value } }, theirs);
      const seen = await bench.provider.read(refOf(secret), made);
      assert.deepEqual(unwrapSecrets(seen?.inputs ?? {}), {
        ...secret,
        stringData: { password: "theirs" },
      });
    });
  }

  it("leaves the rules of an aggregated role to the control plane, also when it is applied again", async () => {
    const role: KubernetesObject = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: uniqueName("aggregated") },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { never: "there" } }] },
      rules: [],
    };
    const made = await create(bench.provider, ownPart(role, new Set()).object);
    await bench.client.apply(
      { ...role, rules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }] },
      { fieldManager: "somebody" },
    );
    assert.deepEqual((await bench.provider.read(refOf(role), made))?.inputs, made.inputs);
    await bench.client.delete(role);
  });

  it("is none where nothing is recorded of us but the values are the same to the API server", () => {
    const same: readonly (readonly [unknown, unknown])[] = [
      ["1", 1],
      ["1000m", "1"],
      ["0.5Gi", "512Mi"],
      ["1e3", "1k"],
      [[], undefined],
      [{ a: { b: null } }, undefined],
      [false, undefined],
      [[{ name: "x", v: 1 }], [{ name: "sidecar" }, { name: "x", v: 1, added: true }]],
    ];
    for (const [input, value] of same) {
      const object = { apiVersion: "v1", kind: "X", metadata: { name: "x" }, field: input };
      assert.deepEqual(drifted(object, { ...object, field: value }), [], JSON.stringify([input, value]));
    }
    const other: readonly (readonly [unknown, unknown])[] = [
      ["1", "2"],
      ["100m", "100M"],
      ["a", "b"],
      [true, undefined],
      [
        ["a", "b"],
        ["b", "a"],
      ],
      [["a"], ["a", "b"]],
    ];
    for (const [input, value] of other) {
      const object = { apiVersion: "v1", kind: "X", metadata: { name: "x" }, field: input };
      assert.notDeepEqual(drifted(object, { ...object, field: value }), [], JSON.stringify([input, value]));
    }
  });
});
