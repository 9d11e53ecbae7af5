import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { objectKey } from "../../../kubernetes/objects.ts";
import { readCrd } from "../../../release/crds.ts";
import type { LockedChart } from "../../../release/lock.ts";
import { computeOrder } from "../../../release/order/order.ts";
import { at } from "../../../release/order/references.ts";
import type { RenderedCrd } from "../../../release/types.ts";
import { openWorkshop, publish, refusal, render, type Workshop } from "./support.ts";

const monitor: RenderedCrd = {
  name: "monitors.monitoring.example",
  digest: "0".repeat(64),
  group: "monitoring.example",
  kind: "Monitor",
  scope: "Namespaced",
  versions: ["v1"],
};

describe("rendering a chart", () => {
  let workshop: Workshop;
  let chart: LockedChart;
  before(async () => {
    workshop = await openWorkshop();
    chart = await publish(workshop);
  });
  after(() => workshop.close());

  it("gives every object with its namespace, and none to cluster-scoped kinds", async () => {
    const rendered = await render(workshop, chart);
    assert.deepEqual(rendered.objects.map(objectKey).sort(), [
      "ClusterRole.rbac.authorization.k8s.io//demo",
      "ConfigMap/tools/demo",
      "ConfigMap/tools/demo-migrate",
      "ConfigMap/tools/demo-worker-first",
      "Deployment.apps/tools/demo",
      "Gadget.demo.example//demo",
      "Job.batch/tools/demo-announce",
      "Job.batch/tools/demo-migrate",
      "RoleBinding.rbac.authorization.k8s.io/kube-system/demo",
      "ServiceAccount/tools/demo",
      "ServiceAccount/tools/demo-hooks",
      "Widget.demo.example/tools/demo",
    ]);
  });

  it("keeps the CRDs of the crds folder and of templates apart, lean, their bodies in the cache", async () => {
    const rendered = await render(workshop, chart);
    const scopes = rendered.crds.map(({ name, scope }) => `${name} ${scope}`);
    assert.deepEqual(scopes.sort(), ["gadgets.demo.example Cluster", "widgets.demo.example Namespaced"]);
    const widgets = rendered.crds.find(({ name }) => name === "widgets.demo.example");
    assert.ok(widgets);
    assert.doesNotMatch(JSON.stringify(await readCrd(widgets)), /A widget/);
    assert.equal(rendered.componentOf["CustomResourceDefinition.apiextensions.k8s.io//widgets.demo.example"], "demo");
    const full = await render(workshop, chart, {}, { crds: "full" });
    const widgetsInFull = full.crds.find(({ name }) => name === "widgets.demo.example");
    assert.ok(widgetsInFull);
    assert.match(JSON.stringify(await readCrd(widgetsInFull)), /A widget/);
  });

  it("puts install hooks before and after the rest, by weight, and drops test hooks", async () => {
    const rendered = await render(workshop, chart);
    assert.deepEqual(rendered.phases[0].before, [
      "ConfigMap/tools/demo-migrate",
      "ServiceAccount/tools/demo-hooks",
      "Job.batch/tools/demo-migrate",
    ]);
    assert.deepEqual(rendered.phases[0].after, ["Job.batch/tools/demo-announce"]);
    assert.deepEqual(rendered.dropped, ["Pod demo-test"]);
    assert.ok(
      rendered.notes.some((note) => /Job demo-migrate.*hook-succeeded/.test(note)),
      rendered.notes.join("\n"),
    );
  });

  it("goes through the order of a release: hooks wait for their phase, objects for their CRD", async () => {
    const rendered = await render(workshop, chart);
    const { edges } = computeOrder(rendered);
    const has = (from: string, to: string): boolean => edges.some((edge) => edge.from === from && edge.to === to);
    assert.ok(has("Deployment.apps/tools/demo", "Job.batch/tools/demo-migrate"));
    assert.ok(has("Job.batch/tools/demo-announce", "Deployment.apps/tools/demo"));
    assert.ok(
      has("Widget.demo.example/tools/demo", "CustomResourceDefinition.apiextensions.k8s.io//widgets.demo.example"),
    );
  });

  it("is rendered for the target's Kubernetes, with numbers and texts as Kubernetes reads them", async () => {
    const { objects } = await render(workshop, chart, {}, { kubeVersion: "1.33.7" });
    const deployment = objects.find(({ kind }) => kind === "Deployment");
    assert.equal(deployment?.metadata.annotations?.["demo.example/kubernetes"], "v1.33.7");
    const [volume] = at(deployment, "spec", "template", "spec", "volumes") as unknown[];
    assert.equal(at(volume, "configMap", "defaultMode"), 0o644);
    assert.equal(
      at(
        objects.find(({ metadata }) => metadata.name === "demo"),
        "kind",
      ),
      "ServiceAccount",
    );
    const config = objects.find((object) => objectKey(object) === "ConfigMap/tools/demo");
    assert.equal(at(config, "data", "at"), "12:30");
  });

  it("switches subcharts by condition, and renders one under its alias with values of its own", async () => {
    const values = { worker: { enabled: false }, second: { enabled: true, queue: "late", retry: { times: 9 } } };
    const { objects } = await render(workshop, chart, values);
    const workers = objects.filter(
      ({ metadata }) => metadata.name.includes("-late") || metadata.name.includes("-first"),
    );
    assert.deepEqual(
      workers.map((worker) => [worker.metadata.name, at(worker, "data", "retry")]),
      [["demo-second-late", "9"]],
    );
  });

  it("knows the API versions and scopes of what is installed beside it", async () => {
    const { objects } = await render(workshop, chart, {}, { installed: [monitor] });
    assert.ok(objects.map(objectKey).includes("Monitor.monitoring.example/tools/demo"));
  });

  it("refuses a kind of which it cannot know the scope", async () => {
    const lonely = await publish(workshop, (folder) =>
      writeFile(
        path.join(folder, "templates", "x.yaml"),
        "apiVersion: other.example/v1\nkind: Thing\nmetadata: {name: t}",
      ),
    );
    const { message } = await refusal(render(workshop, lonely));
    assert.match(message, /other\.example\/v1 Thing t/);
  });

  for (const [hook, expected] of [
    ["pre-delete", /Job demo-odd: hook "pre-delete"/],
    ["post-rollback", /Job demo-odd: hook "post-rollback"/],
    ["pre-install,post-delete", /Job demo-odd: hook "post-delete"/],
    ["pre-install,post-install", /Job demo-odd: hooks "pre-install, post-install" \(it would run twice/],
  ] as const) {
    it(`refuses a Job on ${hook} by name`, async () => {
      const { message } = await refusal(render(workshop, chart, { oddHook: hook }));
      assert.match(message, expected);
      assert.match(message, /chart demo 1\.2\.3/);
    });
  }

  it("refuses what comes out different each time, naming it", async () => {
    const random = await refusal(render(workshop, chart, { randomPassword: true }));
    assert.match(random.message, /\n {2}Secret demo\n/);
    assert.doesNotMatch(random.message, /Deployment/);
    assert.match(random.message, /existingSecret/);
    const time = await refusal(render(workshop, chart, { printTime: true }));
    assert.match(time.message, /\n {2}ConfigMap demo\n/);
  });

  it("passes on Helm's own words with the chart's name", async () => {
    const { message } = await refusal(render(workshop, chart, { extraConfig: { fail: true } }));
    assert.match(message, /^chart demo 1\.2\.3 does not render: [\s\S]*the chart's own words/);
    const old = await refusal(render(workshop, chart, {}, { kubeVersion: "1.20.0" }));
    assert.match(old.message, /kubeVersion: >=1\.30\.0-0/);
  });

  it("reads a second render from the cache, and renders anew when an input changes", async () => {
    const first = await render(workshop, chart, { replicas: 7 });
    workshop.said.length = 0;
    assert.deepEqual(await render(workshop, chart, { replicas: 7 }), first);
    assert.deepEqual(workshop.said, []);
    const other = await render(workshop, chart, { replicas: 8 });
    assert.notEqual(other.digest, first.digest);
  });

  it("keeps a render that holds a secret out of every file", async () => {
    const password = "do-not-write-this-down";
    const { objects } = await render(workshop, chart, { extraConfig: { password } });
    const secret = objects.find(({ kind }) => kind === "Secret");
    assert.equal(at(secret, "stringData", "password"), password);
    const files = (await readdir(workshop.folder, { recursive: true, withFileTypes: true })).filter((file) =>
      file.isFile(),
    );
    for (const file of files) {
      assert.ok(!(await readFile(path.join(file.parentPath, file.name), "utf8")).includes(password), file.name);
    }
  });

  it("checks the values before it runs anything", async () => {
    const error = await refusal(render(workshop, chart, { replcas: 2 }));
    assert.equal(error.exitCode, 2);
    assert.match(error.message, /values\.replcas: no such key; the nearest is "replicas"/);
  });
});
