import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { Judgement } from "../../engine/kubernetes/parts.ts";
import { rolloutOf } from "../../engine/kubernetes/rollout.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { testManager, thingCrd, uniqueName } from "../support/cluster.ts";
import { create, openBench, refOf, type Bench } from "./support.ts";

const pod = { containers: [{ name: "c", image: "registry.example/image:1" }] };

describe("Readiness", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const object = (apiVersion: string, kind: string, fields: object, annotations = {}): KubernetesObject => ({
    apiVersion,
    kind,
    metadata: { name: uniqueName("r"), namespace: bench.namespace, annotations },
    ...fields,
  });
  const workload = (kind: string, spec: object = pod, annotations = {}) => {
    const labels = { app: uniqueName("app") };
    const service = kind === "StatefulSet" ? { serviceName: "s" } : {};
    const template = { metadata: { labels }, spec };
    return object("apps/v1", kind, { spec: { selector: { matchLabels: labels }, ...service, template } }, annotations);
  };
  const soon = { "pulumi.com/timeoutSeconds": "2" };

  for (const kind of ["Deployment", "StatefulSet", "DaemonSet"]) {
    it(`of a ${kind} is that of its pods`, async () => {
      const { outputs } = await create(bench.provider, workload(kind));
      const { status } = outputs as { status: Record<string, unknown> };
      assert.equal(
        kind === "DaemonSet" ? status["numberAvailable"] === status["desiredNumberScheduled"] : status["readyReplicas"],
        kind === "DaemonSet" ? true : 1,
      );
    });
  }

  it("that does not come tells what is missing and why: no node", async () => {
    const waiting = workload("Deployment", { ...pod, nodeSelector: { no: "such-node" } }, soon);
    await assert.rejects(
      create(bench.provider, waiting),
      /^UserError: Deployment .* is not ready after 2 s: 0 of 1 pods are ready\n {2}pod .* has no node: .*didn't match Pod's node affinity\/selector.*timeoutSeconds/s,
    );
  });

  it("that does not come tells what is missing and why: a quota", async () => {
    const quota = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "none", namespace: bench.namespace },
      spec: { hard: { "count/replicasets.apps": "100", "limits.cpu": "1" } },
    };
    await bench.client.apply(quota, { fieldManager: testManager });
    try {
      await assert.rejects(
        create(bench.provider, workload("Deployment", pod, soon)),
        /not ready after 2 s.*forbidden: failed quota: none: must specify limits.cpu/s,
      );
      await assert.rejects(
        create(bench.provider, workload("StatefulSet", pod, soon)),
        /not ready after 2 s.*FailedCreate.*failed quota: none/s,
      );
    } finally {
      await bench.client.delete(quota);
    }
  });

  it("of a claim is that it is bound, and says why it is not", async () => {
    const claim = (fields: object) =>
      object(
        "v1",
        "PersistentVolumeClaim",
        { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...fields } },
        soon,
      );
    await assert.rejects(
      create(bench.provider, claim({ storageClassName: "no-such-class" })),
      /its phase is Pending, not Bound.*no-such-class/s,
    );
    const storageClass = {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: uniqueName("late") },
      provisioner: "a.example/b",
      volumeBindingMode: "WaitForFirstConsumer",
    };
    await bench.client.apply(storageClass, { fieldManager: testManager });
    await create(bench.provider, claim({ storageClassName: storageClass.metadata.name }));
    await bench.client.delete(storageClass);
  });

  it("of a Job is its end, and its failure is told at once", async () => {
    const job = (spec: object) =>
      object("batch/v1", "Job", { spec: { template: { spec: { ...pod, restartPolicy: "Never" } }, ...spec } });
    await create(bench.provider, job({ suspend: true }));
    await assert.rejects(
      create(
        bench.provider,
        job({
          activeDeadlineSeconds: 1,
          template: { spec: { ...pod, restartPolicy: "Never", nodeSelector: { no: "node" } } },
        }),
      ),
      /Job .* failed: .*active longer than specified deadline/,
    );
  });

  it("is not waited for where the annotation says so", async () => {
    const service = (fields: object, annotations = {}) =>
      object("v1", "Service", { spec: { ports: [{ port: 80 }], ...fields } }, annotations);
    await create(bench.provider, service({}));
    await create(bench.provider, service({ type: "LoadBalancer" }, { "pulumi.com/skipAwait": "true" }));
  });

  it("of a webhook that cert-manager gives a CA is that it has one", async () => {
    const webhooks = [
      {
        name: "w.example.com",
        clientConfig: { url: "https://w.example.com" },
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        rules: [],
      },
    ];
    const hook: KubernetesObject = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: uniqueName("hook"), annotations: { "cert-manager.io/inject-ca-from": "a/b" } },
      webhooks,
    };
    const creating = create(bench.provider, hook);
    // cert-manager, in short.
    while ((await bench.client.get(hook)) === undefined) await new Promise((resolve) => setImmediate(resolve));
    const caBundle = Buffer.from("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----").toString("base64");
    const metadata = { name: hook.metadata.name };
    const injected = { ...hook, metadata, webhooks: [{ name: "w.example.com", clientConfig: { caBundle } }] };
    await bench.client.apply(injected, { fieldManager: "cainjector" });
    const made = await creating;
    assert.deepEqual((await bench.provider.read(refOf(hook), made))?.inputs, made.inputs);
    await bench.client.delete(hook);
  });

  it("of a CRD whose names are taken never comes, and is told at once", async () => {
    const group = `${uniqueName("names")}.example`;
    const first = thingCrd(group);
    const { spec } = first as { spec?: object };
    const second = {
      ...first,
      metadata: { name: `things2.${group}` },
      spec: { ...spec, names: { plural: "things2", kind: "Thing", listKind: "ThingList" } },
    };
    await create(bench.provider, first);
    await assert.rejects(create(bench.provider, second), /its names are not accepted: .*already in use/);
    await bench.client.delete(first);
    await bench.client.delete(second);
  });
});

describe("Rollout", () => {
  const at = (kind: string, spec: object, status: object): Judgement =>
    rolloutOf({
      apiVersion: "apps/v1",
      kind,
      metadata: { name: "x", generation: 2 },
      spec,
      status: { observedGeneration: 2, ...status },
    });
  const done = { replicas: 3, updatedReplicas: 3, availableReplicas: 3, readyReplicas: 3 };
  const spec = { replicas: 3 };

  it("is over when every pod is of the new version and ready", () => {
    assert.equal(at("Deployment", spec, done), "ready");
    assert.equal(at("StatefulSet", spec, done), "ready");
    assert.equal(
      at("DaemonSet", {}, { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 }),
      "ready",
    );
    assert.equal(at("DaemonSet", {}, { desiredNumberScheduled: 0 }), "ready");
    assert.equal(at("Deployment", { replicas: 0 }, {}), "ready");
    assert.equal(at("Deployment", { replicas: 3, paused: true }, {}), "ready");
    assert.equal(
      at(
        "StatefulSet",
        { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
        { ...done, updatedReplicas: 1 },
      ),
      "ready",
    );
  });

  it("is not over before", () => {
    const waits: readonly (readonly [string, object, object, RegExp])[] = [
      ["Deployment", spec, { ...done, observedGeneration: 1 }, /not seen it yet/],
      ["Deployment", spec, { ...done, updatedReplicas: 1 }, /1 of 3 pods are of the new version/],
      ["Deployment", spec, { ...done, replicas: 4 }, /1 pods of the old version/],
      ["Deployment", spec, { ...done, availableReplicas: 2 }, /2 of 3 pods are ready/],
      [
        "StatefulSet",
        spec,
        { ...done, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" },
        /1 of 3 pods are of the new version/,
      ],
      ["StatefulSet", spec, { ...done, readyReplicas: 1 }, /1 of 3 pods are ready/],
      ["DaemonSet", {}, { desiredNumberScheduled: 2, updatedNumberScheduled: 1 }, /1 of 2 pods are of the new version/],
    ];
    for (const [kind, its, status, words] of waits) {
      const judgement = at(kind, its, status);
      assert.ok(judgement !== "ready" && words.test(judgement.waitsFor), JSON.stringify([kind, judgement]));
    }
  });

  it("has failed when the controller says that it makes no progress", () => {
    const conditions = [
      { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "timed out" },
    ];
    assert.throws(() => at("Deployment", spec, { ...done, conditions }), /makes no progress any more: timed out/);
  });
});
