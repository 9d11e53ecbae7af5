/**
 * Kubeflow 1.11.0 with tenants in it is brought to 26.03 on a real API server, killed on the way. Tenants go on working
 * meanwhile, and nothing of theirs is lost or changed. Pods are KWOK's, so what runs in them is not looked at.
 */
import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import path from "node:path";
import type { OperationResult } from "../../engine/report.ts";
import { stackFiles } from "../../engine/store.ts";
import { KubernetesClient } from "../../kubernetes/client.ts";
import { refused, writes, type RequestStats } from "../../kubernetes/stats.ts";
import { loadUpgrades } from "../../release/upgrades.ts";
import { copyCheckout, type Checkout } from "../support/checkout.ts";
import { specOf } from "../support/custom-resources.ts";
import { kf, startKf } from "../support/kf.ts";
import { listEverything, notReady, type Listing } from "../support/listing.ts";
import { realMirror } from "../support/mirror.ts";
import { makeTenants, tenantObjects, workDuring } from "../support/tenant-objects.ts";

type Report = OperationResult & { readonly requests: RequestStats };

const kills = process.env["KF_E2E_FULL"] === undefined ? 3 : 10;
const tenants = ["team-a", "team-b"];
const stack = "upgraded";
const manager = "test";

describe("an upgrade from 1.11.0 to 26.03", function () {
  this.timeout(30 * 60_000);
  let checkout: Checkout;
  let env: Record<string, string>;
  let kubeconfig: string;
  let client: KubernetesClient;
  let before11: Listing;
  let theirs: ReadonlyMap<string, unknown>;

  const report = async (args: readonly string[], code = 0): Promise<Report> => {
    const ran = await kf([...args, "--json", "--quiet"], env, checkout.root);
    assert.equal(ran.code, code, `kf ${args.join(" ")}\n${ran.stdout.slice(-3000)}\n${ran.stderr.slice(-3000)}`);
    return JSON.parse(ran.stdout) as Report;
  };

  const inferenceService = (annotations: Readonly<Record<string, string>>) => ({
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: { namespace: "team-a", name: "thing", annotations },
  });

  before(async () => {
    const mirror = realMirror();
    assert.ok(mirror, "there is no mirror of the release beside the project: set KF_MIRROR to one");
    checkout = await copyCheckout();
    const data = path.join(checkout.root, "data");
    env = { KF_DATA_DIR: data, KF_STATE_DIR: path.join(data, "stacks"), KF_MIRROR: mirror };
    const sandbox = await kf(["sandbox", "start", "--json"], env, checkout.root);
    assert.equal(sandbox.code, 0, sandbox.stderr);
    kubeconfig = (JSON.parse(sandbox.stdout) as { readonly kubeconfig: string }).kubeconfig;
    client = new KubernetesClient({ kubeconfig });
    await checkout.stack(stack, { target: "sandbox", release: "1.11.0" });
    await report(["up", stack]);
    before11 = await listEverything(kubeconfig);
    await makeTenants(client, tenants);
    // As of a cluster that is older than 1.11.0: objects that were stored in a version before.
    const crd = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
    const live = await client.get({ ...crd, metadata: { name: "virtualservices.networking.istio.io" } });
    assert.ok(live);
    await client.patchStatus(live, { storedVersions: ["v1beta1", "v1"] });
    await checkout.stack(stack, { target: "sandbox", release: "26.03" });
  });

  after(async () => {
    await client.close();
    await kf(["sandbox", "stop"], env, checkout.root);
    await checkout.close();
  });

  it("is refused before anything is touched while InferenceServices name their mode as KServe 0.16 cannot", async () => {
    const mode = { "serving.kserve.io/deploymentMode": "Serverless" };
    await client.apply(inferenceService(mode), { fieldManager: manager });
    const { diagnostics, requests } = await report(["up", stack], 1);
    assert.ok(
      diagnostics.some(({ message }) => message.includes("InferenceService team-a/thing")),
      JSON.stringify(diagnostics),
    );
    assert.equal(writes(requests), 0, JSON.stringify(requests));
    await client.apply(inferenceService({}), { fieldManager: manager });
  });

  it(`loses nothing of the tenants and fails none of their requests, killed ${String(kills)} times on the way`, async () => {
    await settled(async () => (await notReady(kubeconfig)).length === 0);
    theirs = await tenantObjects(client, tenants);
    assert.ok(theirs.size > 130, `${String(theirs.size)} objects of tenants`);
    const worker = new KubernetesClient({ kubeconfig });
    let hit = 0;
    const answers = await workDuring(worker, "team-a", async () => {
      for (let kill = 0; kill < kills; kill += 1) hit += (await killedUp(kill)) ? 1 : 0;
      const { requests } = await report(["up", stack]);
      assert.equal(refused(requests), 0, JSON.stringify(requests));
    });
    await worker.close();
    const failed = Object.entries(answers).filter(([key]) => !/ 20[01]$/.test(key));
    assert.deepEqual(failed, [], JSON.stringify(answers));
    console.log(
      `${String(Object.values(answers).reduce((sum, count) => sum + count, 0))} requests of a tenant, none failed`,
    );
    console.log(`${String(hit)} of ${String(kills)} kills hit a run that was not at its end`);
    assert.ok(hit > 0);
    assert.deepEqual(await tenantObjects(client, tenants), theirs);
  });

  it("ends where an upgrade without a kill ends: what the two releases differ by, and nothing else", async () => {
    const [upgrade] = await loadUpgrades();
    const gone = (upgrade?.rules ?? []).flatMap((rule) => (rule.rule === "removed" ? rule.objects : []));
    const listing = await listEverything(kubeconfig);
    const lost = [...before11].filter((item) => !listing.has(item));
    // What names no namespace is in that of the kubeconfig.
    const names = gone.map((key) => key.split("/").slice(1).join("/").replace(/^\//, "default/"));
    assert.deepEqual(lost.map((item) => item.split(" ")[1]).sort(), names.sort());
    assert.ok(listing.has("Service.v1 kubeflow/minio-service"));
    assert.deepEqual(await notReady(kubeconfig), []);
    const { steps } = await report(["refresh", stack, "--preview-only"]);
    assert.deepEqual(
      steps.filter(({ op }) => op !== "same"),
      [],
    );
  });

  it("has every object stored in the version that its CRD stores", async () => {
    const crds = await client.list("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    const mixed = crds.filter((crd) => {
      const { storedVersions } = crd["status"] as { readonly storedVersions: readonly string[] };
      const storage = specOf(crd).versions.filter((version) => version.storage);
      return JSON.stringify(storedVersions) !== JSON.stringify(storage.map(({ name }) => name));
    });
    assert.deepEqual(
      mixed.map(({ metadata }) => metadata.name),
      [],
    );
  });

  it("changes nothing the second time, and writes nothing", async () => {
    const { summary, requests } = await report(["up", stack]);
    assert.deepEqual([summary.create, summary.update, summary.replace, summary.delete], [0, 0, 0, 0]);
    assert.equal(writes(requests), 0, JSON.stringify(requests));
    assert.equal(requests["DRY-RUN 200"] ?? 0, 0);
  });

  it("does not go back, and says why", async () => {
    await checkout.stack(stack, { target: "sandbox", release: "1.11.0" });
    const { diagnostics, requests } = await report(["up", stack], 1);
    assert.ok(diagnostics.some(({ message }) => message.startsWith("26.03 does not go back to 1.11.0")));
    assert.equal(writes(requests), 0, JSON.stringify(requests));
    assert.deepEqual(await tenantObjects(client, tenants), theirs);
  });

  /** Every third at any moment, the plan included; the others while objects are changed. @returns whether it was in time. */
  async function killedUp(kill: number): Promise<boolean> {
    const { journal } = stackFiles({ stateDir: env["KF_STATE_DIR"] ?? "", project: "kubeflow", stack });
    const sizeOf = () =>
      stat(journal).then(
        ({ size }) => size,
        () => 0,
      );
    const running = startKf(["up", stack, "--quiet"], env, checkout.root);
    let ended = false;
    void running.finally(() => (ended = true));
    const start = await sizeOf();
    if (kill % 3 !== 2) await settled(async () => ended || (await sizeOf()) !== start);
    await delay(Math.random() * (kill % 3 === 2 ? 8_000 : 1_200));
    running.kill("SIGKILL");
    return (await running).signal === "SIGKILL";
  }
});

async function settled(isIt: () => Promise<boolean>): Promise<void> {
  while (!(await isIt())) await delay(50);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
