import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import * as kubernetes from "@pulumi/kubernetes/provider.js";
import { parse } from "yaml";
import { gpuTaint, type GpuPool } from "../../../components/contracts/gpu-pool.ts";
import { GpuOperator } from "../../../components/gpu/gpu-operator.ts";
import { operatorValues } from "../../../components/gpu/operator-values.ts";
import { resourceNameOf, sharingLabels } from "../../../components/gpu/sharing.ts";
import { loadChart } from "../../../release/helm/metadata.ts";
import { checkValues } from "../../../release/helm/values.ts";
import { projectRoot } from "../../../shared/paths.ts";
import { notRun } from "../../support/not-run.ts";
import { record } from "../../support/recording.ts";

const chart = path.join(
  process.env["KF_TEST_CHARTS"] ?? path.resolve(projectRoot, "../shared/charts"),
  "gpu-operator/26.7.0",
);

function pool(sharing: Pick<GpuPool, "sharing" | "clientsPerGpu" | "migProfile">, taints: GpuPool["taints"] = []) {
  const shape = { gpu: "a100-80", gpuMemoryGiB: 80, gpusPerNode: 1, min: 0, max: 2, driver: "operator" } as const;
  const labels = sharingLabels(sharing);
  const resourceName = resourceNameOf(sharing);
  return { ...shape, ...sharing, name: sharing.sharing, labels, resourceName, taints: [gpuTaint, ...taints] };
}

const pools: readonly GpuPool[] = [
  pool({ sharing: "none" }),
  pool({ sharing: "time-slicing", clientsPerGpu: 4 }),
  pool({ sharing: "mps", clientsPerGpu: 8 }, [{ key: "cloud/spot", value: "true", effect: "NoSchedule" }]),
  pool({ sharing: "mig", migProfile: "1g.10gb" }),
];

const valuesOf = (given: readonly GpuPool[]) => operatorValues({ driver: true, toolkit: true, pools: given });

describe("GPU operator", () => {
  it("is given only values that its chart takes", async function () {
    if (!existsSync(chart)) notRun(this, `no chart in ${chart}; set KF_TEST_CHARTS`);
    const real = await loadChart(chart);
    for (const given of [[], pools]) checkValues(real, operatorValues({ driver: false, toolkit: false, pools: given }));
  });

  it("has a device-plugin configuration for every label of a pool, and another as default", () => {
    const config = valuesOf(pools).devicePlugin?.config;
    assert.ok(config);
    assert.deepEqual(parse(config.data[config.default] ?? ""), { version: "v1" });
    const named = pools.flatMap(({ labels }) => labels["nvidia.com/device-plugin.config"] ?? []);
    assert.deepEqual(named, ["time-slicing-4", "mps-8"]);
    assert.deepEqual(parse(config.data["time-slicing-4"] ?? ""), {
      version: "v1",
      sharing: {
        timeSlicing: { failRequestsGreaterThanOne: true, resources: [{ name: "nvidia.com/gpu", replicas: 4 }] },
      },
    });
    assert.deepEqual(parse(config.data["mps-8"] ?? ""), {
      version: "v1",
      sharing: { mps: { resources: [{ name: "nvidia.com/gpu", replicas: 8 }] } },
    });
  });

  it("leaves the device plugin alone when no pool shares", () => {
    assert.equal(valuesOf([pool({ sharing: "none" })]).devicePlugin, undefined);
  });

  it("calls slices by a name of their own, unless the target's pools say otherwise", () => {
    assert.equal(valuesOf(pools).mig.strategy, "mixed");
    const sameName = { ...pool({ sharing: "mig", migProfile: "1g.10gb" }), resourceName: "nvidia.com/gpu" };
    assert.equal(valuesOf([sameName]).mig.strategy, "single");
    assert.deepEqual(sharingLabels({ sharing: "mig", migProfile: "1g.10gb" }), {
      "nvidia.com/mig.config": "all-1g.10gb",
    });
  });

  it("stands on nodes with the GPU taint and with what a cloud adds for spot", () => {
    const expected = [
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      { key: "cloud/spot", operator: "Exists", effect: "NoSchedule" },
    ];
    const values = valuesOf(pools);
    assert.deepEqual(values.daemonsets.tolerations, expected);
    assert.deepEqual(values["node-feature-discovery"].worker.tolerations, expected);
  });

  it("goes into a namespace that lets privileged pods run, after the nodes", async () => {
    const recording = await record((opts) => {
      const provider = new kubernetes.Provider("k", {});
      new GpuOperator("gpu", { provider, driver: true, toolkit: false, pools, dependsOn: [provider] }, opts);
    });
    const namespace = recording.one("kubernetes:core/v1:Namespace");
    assert.deepEqual(namespace.inputs["metadata"], {
      name: "gpu-operator",
      labels: { "pod-security.kubernetes.io/enforce": "privileged" },
    });
    const release = recording.one("kubernetes:helm.sh/v3:Release");
    assert.equal(release.inputs["chart"], "gpu-operator");
    assert.equal(release.inputs["version"], "v26.7.0");
    assert.deepEqual(release.inputs["repositoryOpts"], { repo: "https://helm.ngc.nvidia.com/nvidia" });
    assert.equal((release.options.dependsOn as unknown[]).length, 1);
  });
});
