/** The examples of serving against KServe's own schemas, and the policy of host names, both in a real API server. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { load } from "js-yaml";
import { hostNamePolicy } from "../../components/kubeflow/serving/host-names.ts";
import { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { readCrd } from "../../release/crds.ts";
import { projectRoot } from "../../shared/paths.ts";
import { bareRelease, loadRelease } from "../../stacks/release.ts";
import { DryRun } from "../support/dry-run.ts";
import { realMirror } from "../support/mirror.ts";
import { useSandbox } from "../support/sandbox.ts";

const folder = path.join(projectRoot, "examples", "serving");

describe("serving of models, in a real API server", function () {
  this.timeout(10 * 60_000);
  const sandbox = useSandbox("dry-run");
  let api: DryRun;

  before(async () => {
    const mirror = realMirror();
    assert.ok(mirror, "there is no mirror of the release beside the project: set KF_MIRROR to one");
    const { crds } = await loadRelease(bareRelease("26.03", "lean"), { mirror });
    api = new DryRun(sandbox().kubeconfig);
    const served = crds.filter(({ group }) => ["serving.kserve.io", "serving.knative.dev"].includes(group));
    await api.install(await Promise.all(served.map((crd) => readCrd(crd))));
  });

  after(() => api.close());

  it("has examples that KServe's schemas take", async () => {
    const files = (await readdir(folder)).filter((file) => file.endsWith(".yaml"));
    assert.ok(files.length >= 3);
    const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), "utf8")));
    assert.deepEqual(await api.refusals(texts.map((text) => load(text) as KubernetesObject)), []);
  });

  it("refuses the names whose host name could be another tenant's, and takes all others", async () => {
    const client = new KubernetesClient({ kubeconfig: sandbox().kubeconfig });
    try {
      for (const { object } of hostNamePolicy()) await client.apply(object, { fieldManager: "test", force: true });
    } finally {
      await client.close();
    }
    const service = (name: string): KubernetesObject => ({
      apiVersion: "serving.kserve.io/v1beta1",
      kind: "InferenceService",
      metadata: { name, namespace: "team-a" },
      spec: { predictor: { model: { modelFormat: { name: "sklearn" } } } },
    });
    const refused = async (names: readonly string[]): Promise<number> =>
      (await api.refusals(names.map(service))).filter(({ reason }) => reason.includes("NAME--NAMESPACE")).length;
    const wrong = ["a--b", "xn--a", "ab", "a---b"];
    // A policy takes a moment until it is in force.
    for (let attempt = 0; attempt < 150 && (await refused(wrong)) < wrong.length; attempt += 1) await delay(200);
    assert.equal(await refused(wrong), wrong.length);
    assert.deepEqual(await api.refusals(["a", "abc", "a-b", "churn-2"].map(service)), []);
  });
});
