/**
 * Every object of every stack, with every value known, before a real API server: it takes each as it is, and none holds a
 * credential that anyone can look up.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { findKnownCredentials } from "../../components/shared/known-credentials.ts";
import { describeObject, groupOf, objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import { readCrd } from "../../release/crds.ts";
import { projectRoot } from "../../shared/paths.ts";
import { configSchema } from "../../stacks/config.ts";
import { loadRelease } from "../../stacks/release.ts";
import { thingCrd } from "../support/cluster.ts";
import { DryRun } from "../support/dry-run.ts";
import { analysisErrors, istioctlVersion } from "../support/istioctl.ts";
import { realMirror } from "../support/mirror.ts";
import { registeredBy, type RegisteredStack } from "../support/registered-objects.ts";
import { useSandbox } from "../support/sandbox.ts";

const stacks = readdirSync(path.join(projectRoot, "stacks", "config")).flatMap((file) => {
  const [, stack] = /^Pulumi\.(.+)\.yaml$/.exec(file) ?? [];
  return stack === undefined ? [] : [stack];
});

/**
 * Kinds that a chart brings, of which only the kinds' names are known here: held against their own schemas elsewhere.
 * metallb.io: test/components/onprem/metallb.test.ts.
 */
const checkedElsewhere: ReadonlySet<string> = new Set(["metallb.io"]);

describe("what every stack asks its cluster for", function () {
  this.timeout(30 * 60_000);
  const sandbox = useSandbox("dry-run");
  let state: string;
  let api: DryRun;
  let istioctl: string | undefined;
  let judgedInAll = 0;

  before(async () => {
    const mirror = realMirror();
    assert.ok(mirror, "there is no mirror of the release beside the project: set KF_MIRROR to one");
    process.env["KF_MIRROR"] = mirror;
    assert.ok(stacks.length >= 10, `${String(stacks.length)} stacks`);
    state = await mkdtemp(path.join(os.tmpdir(), "kf-dry-run-"));
    api = new DryRun(sandbox().kubeconfig);
    istioctl = await istioctlVersion();
    if (istioctl === undefined) {
      console.warn(
        "NOT RUN: istioctl analyze. There is no istioctl on PATH, and the Go proxy refuses the module istio.io/istio",
      );
    }
  });

  after(async () => {
    console.log(`${String(judgedInAll)} objects were judged by the API server`);
    await api.close();
    await rm(state, { recursive: true, force: true });
  });

  it("is judged by an API that refuses what its schemas do not have", async () => {
    await api.install([thingCrd("dry-run.example.com", { properties: { size: { type: "integer" } } })]);
    const metadata = { name: "wrong", namespace: "wrong" };
    const faulty: readonly KubernetesObject[] = [
      { apiVersion: "v1", kind: "ConfigMap", metadata, date: {} },
      { apiVersion: "v1", kind: "ConfigMap", metadata, data: { number: 1 } },
      { apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ port: 0 }] } },
      { apiVersion: "v1", kind: "Service", metadata: { ...metadata, name: "Wrong" }, spec: { ports: [{ port: 1 }] } },
      { apiVersion: "dry-run.example.com/v1", kind: "Thing", metadata, size: "large" },
      { apiVersion: "dry-run.example.com/v2", kind: "Thing", metadata },
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata, rules: [{ verbs: ["get"] }] },
    ];
    const refusals = await api.refusals(faulty);
    assert.equal(refusals.length, faulty.length, JSON.stringify(refusals));
  });

  it("the model registry, which no stack has to have, is taken, too", async () => {
    const components = JSON.stringify({ with: ["model-registry"] });
    const release = await loadRelease(configSchema.parse({ target: "sandbox", components }));
    const istio = release.crds.filter(({ group }) => group.endsWith("istio.io"));
    await api.install(await Promise.all(istio.map((crd) => readCrd(crd))));
    const registry = release.objects.filter((object) =>
      release.componentOf[objectKey(object)]?.startsWith("model-registry"),
    );
    assert.ok(registry.length > 20);
    assert.deepEqual(await api.refusals(registry), []);
  });

  for (const stack of stacks) {
    it(`${stack}: nothing is refused, and no known credential is in it`, async () => {
      const registered = await registeredBy(stack, state);
      const { objects, crds } = registered;
      assert.ok(objects.length > 100, `${String(objects.length)} objects`);
      await api.install(crds);
      const judged = objects.filter(({ apiVersion }) => !checkedElsewhere.has(groupOf(apiVersion)));
      const refusals = await api.refusals(judged);
      judgedInAll += judged.length;
      assert.deepEqual(
        refusals.map(({ object, reason }) => `${object}: ${reason}`),
        [],
        `${stack}: ${String(refusals.length)} of ${String(judged.length)} objects are refused`,
      );
      assert.deepEqual(credentialsIn(registered), []);
      if (istioctl !== undefined) assert.deepEqual(await analysisErrors([...crds, ...objects]), []);
    });
  }
});

function credentialsIn({ objects, others }: RegisteredStack): readonly string[] {
  return [
    ...objects.flatMap((object) =>
      findKnownCredentials(object).map(({ path: at, what }) => `${describeObject(object)} ${at}: ${what}`),
    ),
    ...others.flatMap((inputs) => findKnownCredentials(inputs).map(({ path: at, what }) => `${at}: ${what}`)),
  ];
}
