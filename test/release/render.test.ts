import assert from "node:assert/strict";
import { readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { cacheDir } from "../../shared/paths.ts";
import { readCrd } from "../../release/crds.ts";
import { parseObjects } from "../../release/kustomize.ts";
import { loadLock, type ReleaseLock } from "../../release/lock.ts";
import { renderRelease, type ReleaseRender } from "../../release/render.ts";
import { testLock, useKustomize, useWorkFolder, writeTree } from "./support.ts";

const noTool = () => Promise.reject(new Error("kustomize was asked for"));

describe("release render", () => {
  const folder = useWorkFolder();
  const kustomize = useKustomize();

  async function sample(): Promise<ReleaseRender> {
    return renderRelease({ lock: await loadLock("sample"), kustomize });
  }

  it("renders the sample: every object once, with its component, CRDs apart", async () => {
    const release = await sample();
    assert.equal(release.sample, true);
    assert.equal(release.objects.length, 26);
    assert.deepEqual(
      release.crds.map(({ name, scope, versions }) => [name, scope, versions]),
      [
        ["queues.sample.example.com", "Namespaced", ["v1"]],
        ["runtimes.sample.example.com", "Cluster", ["v1"]],
        ["widgets.sample.example.com", "Namespaced", ["v1alpha1", "v1"]],
      ],
    );
    assert.deepEqual(release.crds[0]?.conversionService, { namespace: "sample-system", name: "queue-webhook" });
    assert.equal(Object.keys(release.componentOf).length, 29);
    assert.equal(release.componentOf["Namespace//sample-system"], "namespaces");
    assert.equal(release.componentOf["Runtime.sample.example.com//python"], "apps");
    const crdKey = "CustomResourceDefinition.apiextensions.k8s.io//queues.sample.example.com";
    assert.equal(release.componentOf[crdKey], "queues");
  });

  it("mends what the API server would choke on or own, and reports each", async () => {
    const release = await sample();
    const runtime = release.objects.find((object) => object.kind === "Runtime");
    assert.equal("namespace" in (runtime?.metadata ?? {}), false);
    const crd = release.crds.find(({ name }) => name === "runtimes.sample.example.com");
    assert.ok(crd);
    const body = await readCrd(crd);
    assert.equal("status" in body, false);
    assert.equal("creationTimestamp" in body.metadata, false);
    assert.deepEqual(
      release.fixes.map(({ id, objects }) => [id, objects.length]),
      [
        ["namespace-of-cluster-scoped", 1],
        ["null-creation-timestamp", 1],
        ["crd-status", 1],
      ],
    );
  });

  it("reads numbers as Kubernetes does: 0440 is octal", async () => {
    const text = JSON.stringify((await sample()).objects);
    assert.match(text, /"defaultMode":288/);
  });

  it("needs neither tool nor source the second time, and says the same", async () => {
    const first = await sample();
    const second = await renderRelease({ lock: await loadLock("sample"), kustomize: noTool });
    assert.deepEqual(second, JSON.parse(JSON.stringify(first)));
  });

  it("keeps the texts of the CRDs when asked to, under another digest", async () => {
    const lean = await sample();
    const full = await renderRelease({ lock: await loadLock("sample"), crds: "full", kustomize });
    assert.notEqual(full.digest, lean.digest);
    assert.deepEqual(full.objects, lean.objects);
    const [leanCrd, fullCrd] = [lean.crds[0], full.crds[0]];
    assert.ok(leanCrd && fullCrd);
    assert.match(JSON.stringify(await readCrd(fullCrd)), /"description":"A queue of work items\."/);
    assert.doesNotMatch(JSON.stringify(await readCrd(leanCrd)), /A queue of work items/);
    assert.match(JSON.stringify(await readCrd(leanCrd)), /"description":\{"type":"string"\}/);
  });

  it("renders again when the cache is damaged", async () => {
    const before = await sample();
    const [cached = ""] = await readdir(cacheDir("releases"));
    await writeFile(cacheDir("releases", cached), '{"name":');
    assert.equal((await sample()).digest, before.digest);
    await rm(cacheDir("crds"), { recursive: true });
    const again = await sample();
    assert.equal(again.digest, before.digest);
    assert.ok(again.crds[0]);
    await readCrd(again.crds[0]);
  });

  it("refuses a CRD body that is not what its digest says", async () => {
    const crd = (await sample()).crds[0];
    assert.ok(crd);
    await writeFile(cacheDir("crds", `${crd.digest}.json`), "{}");
    await assert.rejects(readCrd(crd), /CRD queues\.sample\.example\.com: .* has the digest [0-9a-f]{64}\. Delete it/);
  });

  it("leaves no build folder behind", async () => {
    await sample();
    assert.deepEqual(await readdir(cacheDir("build")), []);
  });

  function lockOf(components: readonly string[], rendered: unknown = []): ReleaseLock {
    return testLock(folder(), {
      name: "1.0",
      root: "main",
      sources: [{ name: "main", folder: "main" }],
      components: components.map((name) => ({ name, path: name })),
      rendered,
    });
  }

  const kustomization = (...resources: readonly string[]) => JSON.stringify({ resources });
  const configMap = (name: string) =>
    JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "a" } });

  it("shows both digests when the result is not what the lock says", async () => {
    await writeTree(path.join(folder(), "main"), {
      "one/kustomization.yaml": kustomization("a.yaml"),
      "one/a.yaml": configMap("x"),
    });
    const lock = lockOf(["one"], [{ origin: "upstream", lean: "1".repeat(64), full: "2".repeat(64) }]);
    const expected = {
      name: "UserError",
      message: /release 1\.0 \(lean CRDs\).*found:\s+[0-9a-f]{64}\s+expected one of:\s+1{64} \(upstream\)/s,
    };
    await assert.rejects(renderRelease({ lock, kustomize }), expected);
    // Nor does the cache of the first run make it right.
    await assert.rejects(renderRelease({ lock, kustomize }), expected);
  });

  it("gives kustomize's own words and the component for each that does not build", async () => {
    await writeTree(path.join(folder(), "main"), {
      "good/kustomization.yaml": kustomization(),
      "bad/kustomization.yaml": kustomization("broken.yaml"),
      "bad/broken.yaml": "kind: [",
      "worse/kustomization.yaml": JSON.stringify({ resources: [], namePrefix: 3 }),
    });
    await assert.rejects(renderRelease({ lock: lockOf(["good", "bad", "worse"]), kustomize }), (error: Error) => {
      assert.match(error.message, /component "bad" does not build: .*accumulating resources.*broken\.yaml/s);
      assert.match(error.message, /component "worse" does not build: .*namePrefix/s);
      return true;
    });
  });

  it("refuses one object in two components", async () => {
    await writeTree(path.join(folder(), "main"), {
      "one/kustomization.yaml": kustomization("a.yaml"),
      "one/a.yaml": configMap("x"),
      "two/kustomization.yaml": kustomization("a.yaml"),
      "two/a.yaml": configMap("x"),
    });
    await assert.rejects(renderRelease({ lock: lockOf(["one", "two"]), kustomize }), {
      name: "UserError",
      message: 'ConfigMap a/x is rendered twice: by component "one" and by "two"',
    });
  });

  it("refuses what is no Kubernetes object, and YAML that is broken", () => {
    assert.throws(
      () => parseObjects("apiVersion: v1\nkind: List\n", "x"),
      /component "x" renders something without apiVersion, kind and metadata\.name/,
    );
    assert.throws(() => parseObjects("a: [", "x"), /component "x" renders broken YAML/);
    assert.throws(() => parseObjects("a: 1\na: 2\n", "x"), /component "x" renders broken YAML: .*duplicate/i);
  });
});
