import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { presetNames } from "../../../components/kubeflow/selection/catalogue.ts";
import { cpuOf, memoryOf } from "../../../components/kubeflow/selection/quantity.ts";
import { selection } from "../../../components/kubeflow/selection/selection.ts";
import { sizeNames } from "../../../components/kubeflow/selection/settings.ts";
import { mayHaveReplicas, needs } from "../../../components/kubeflow/selection/sizes.ts";
import { sizing } from "../../../components/kubeflow/selection/sizing.ts";
import { groupKind, objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import { at, listAt, podTemplateOf, textAt } from "../../../release/order/references.ts";
import { selects } from "../../../release/order/webhooks.ts";
import { projectRoot } from "../../../shared/paths.ts";
import { requestsOf } from "./requests.ts";
import { customised, useRelease, type Settings } from "./support.ts";

const gibibyte = 2 ** 30;
const page = path.join(projectRoot, "docs", "components.md");

describe("sizes, in release 26.03", () => {
  const release = useRelease();
  const sized = (components: NonNullable<Settings["components"]>) =>
    customised(release(), { components }, [selection, sizing]).release.objects;
  const find = (objects: readonly KubernetesObject[], key: string): KubernetesObject => {
    const found = objects.find((object) => objectKey(object) === key);
    assert.ok(found, key);
    return found;
  };

  it("leaves replicas and resources as upstream has them where no size is set", () => {
    assert.deepEqual(sized({}).length, release().objects.length);
    assert.deepEqual(requestsOf(sized({})), requestsOf(release().objects));
  });

  it("fits the minimal preset into 2 CPU and 8 GiB by requests, with size small and without one", () => {
    for (const objects of [sized({ preset: "minimal" }), sized({ preset: "minimal", size: "small" })]) {
      const { cpu, memory } = requestsOf(objects);
      assert.ok(cpu <= 2, `${String(cpu)} CPU`);
      assert.ok(memory <= 8 * gibibyte, `${String(memory / gibibyte)} GiB`);
    }
  });

  it("says in docs/components.md what each preset asks for", async () => {
    const rows = presetNames.flatMap((preset) =>
      [undefined, ...sizeNames].map((size) => {
        const { pods, cpu, memory } = requestsOf(sized({ preset, ...(size === undefined ? {} : { size }) }));
        return [preset, size ?? "not set", String(pods), cpu.toFixed(2), (memory / gibibyte).toFixed(2)];
      }),
    );
    const text = await readFile(page, "utf8");
    const shown = text.split("\n").map((line) => line.split("|").map((cell) => cell.replaceAll("`", "").trim()));
    for (const row of rows) {
      const found = shown.find((cells) => cells[1] === row[0] && cells[2] === row[1] && cells.length === 7);
      assert.deepEqual(found?.slice(1, 6), row, `docs/components.md: | \`${row.slice(0, 2).join("` | `")}\` | ...`);
    }
  });

  it("asks for something for every container, and limits its memory to no less than that", () => {
    for (const object of sized({ size: "small" })) {
      for (const container of listAt(podTemplateOf(object), "spec", "containers")) {
        const place = `${objectKey(object)} ${textAt(container, "name") ?? ""}`;
        const cpu = textAt(container, "resources", "requests", "cpu");
        const memory = textAt(container, "resources", "requests", "memory");
        assert.ok(cpu !== undefined && cpuOf(cpu) > 0, `${place} asks for no CPU`);
        assert.ok(memory !== undefined && memoryOf(memory) > 0, `${place} asks for no memory`);
        const limit = textAt(container, "resources", "limits", "memory");
        if (limit !== undefined) assert.ok(memoryOf(limit) >= memoryOf(memory), place);
      }
    }
  });

  it("has no row for a workload that no release has", () => {
    const workloads = new Set(
      release()
        .objects.filter((object) => podTemplateOf(object))
        .map(nameOf),
    );
    // The registry is not in upstream's example.
    const known = (name: string) => workloads.has(name) || name.startsWith("kubeflow/model-registry");
    for (const name of Object.keys(mayHaveReplicas)) assert.ok(known(name), name);
    for (const name of Object.keys(needs)) assert.ok(known(name.slice(0, name.lastIndexOf("/"))), name);
  });

  it("never fights an autoscaler: its minimum is raised, the workload has no replicas", () => {
    const objects = sized({ size: "large" });
    const autoscalers = objects.filter((object) => groupKind(object) === "HorizontalPodAutoscaler.autoscaling");
    assert.equal(autoscalers.length, 5);
    for (const autoscaler of autoscalers) {
      const name = textAt(autoscaler, "spec", "scaleTargetRef", "name") ?? "";
      const workload = find(objects, `Deployment.apps/${autoscaler.metadata.namespace ?? ""}/${name}`);
      assert.equal(at(workload, "spec", "replicas"), undefined, name);
      assert.equal(at(autoscaler, "spec", "minReplicas"), 3, name);
    }
  });

  it("keeps databases, stores and controllers without an election at one", () => {
    const single = ["mysql", "seaweedfs", "katib-mysql", "ml-pipeline", "notebook-controller-deployment"];
    for (const name of [...single, "profiles-deployment", "katib-controller"]) {
      const { spec } = find(sized({ size: "large" }), `Deployment.apps/kubeflow/${name}`);
      assert.ok([undefined, 1].includes(at(spec, "replicas") as number | undefined), name);
    }
  });

  it("gives several replicas only to controllers whose arguments or configuration elect a leader", () => {
    const leaders = Object.entries(mayHaveReplicas).filter(([, manner]) => manner === "leader");
    const configuration = JSON.stringify(release().objects.filter(({ kind }) => kind === "ConfigMap"));
    for (const [name] of leaders) {
      const workload = find(release().objects, `Deployment.apps/${name}`);
      const told = /leader-elect|LEADER_ELECTION/.test(JSON.stringify(workload));
      const knative = name.startsWith("knative-serving/");
      const byFile = /leaderElect: true/.test(configuration) && name.startsWith("kubeflow-system/");
      assert.ok(told || knative || byFile, `${name} elects no leader`);
    }
  });

  it("protects and spreads what has several replicas, each pod by one budget", () => {
    for (const size of sizeNames) {
      const objects = sized({ size });
      const budgets = objects.filter((object) => groupKind(object) === "PodDisruptionBudget.policy");
      for (const object of objects.filter(({ kind }) => ["Deployment", "StatefulSet"].includes(kind))) {
        const labels = (at(podTemplateOf(object), "metadata", "labels") ?? {}) as Readonly<Record<string, string>>;
        const mine = budgets.filter(
          (budget) =>
            budget.metadata.namespace === object.metadata.namespace && selects(at(budget, "spec", "selector"), labels),
        );
        const replicas = at(object, "spec", "replicas");
        const several = typeof replicas === "number" && replicas > 1;
        assert.ok(mine.length <= 1, `${objectKey(object)} has ${String(mine.length)} budgets`);
        if (several) assert.equal(mine.length, 1, `${size}: ${objectKey(object)} has no budget`);
        if (several) assert.equal(listAt(podTemplateOf(object), "spec", "topologySpreadConstraints").length, 2);
      }
      assert.equal(new Set(objects.map(objectKey)).size, objects.length);
    }
  });
});

function nameOf({ metadata: { namespace = "", name } }: KubernetesObject): string {
  return `${namespace}/${name}`;
}
