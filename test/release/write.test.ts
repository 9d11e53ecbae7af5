import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { readCrd } from "../../release/crds.ts";
import { canonicalJson } from "../../release/json.ts";
import { loadLock } from "../../release/lock.ts";
import { renderRelease, type ReleaseRender } from "../../release/render.ts";
import { listFiles } from "../../release/tree.ts";
import { writeRelease } from "../../release/write.ts";
import { useKustomize, useWorkFolder, writeTree } from "./support.ts";

describe("release as files", () => {
  const folder = useWorkFolder();
  const kustomize = useKustomize();
  const out = () => path.join(folder(), "out");
  const read = async (file: string): Promise<unknown> =>
    parse(await readFile(path.join(out(), file), "utf8"), { version: "1.1" });

  async function sample(): Promise<ReleaseRender> {
    return renderRelease({ lock: await loadLock("sample"), kustomize });
  }

  it("writes one file per object that reads back as the object, CRDs included", async () => {
    const release = await sample();
    const written = await writeRelease(release, out());
    assert.equal(written.files.length, 29);
    assert.deepEqual(await listFiles(out()), [".kf-release.json", ...written.files].sort());
    const crds = await Promise.all(release.crds.map(readCrd));
    const back = await Promise.all(written.files.map(read));
    const byText = (items: readonly unknown[]) => items.map(canonicalJson).sort();
    assert.deepEqual(byText(back), byText([...crds, ...release.objects]));
    assert.deepEqual(
      await read("sample-apps/queue-jobs.yaml"),
      release.objects.find((object) => object.kind === "Queue"),
    );
    const role = "_cluster/clusterrole-sample_queue-operator.yaml";
    assert.ok(written.files.includes(role), `${role} is missing`);
  });

  it("touches nothing the second time", async () => {
    const release = await sample();
    await writeRelease(release, out());
    const file = path.join(out(), "sample-apps/deployment-web.yaml");
    const before = await stat(file, { bigint: true });
    assert.equal((await writeRelease(release, out())).changed, 0);
    assert.equal((await stat(file, { bigint: true })).ino, before.ino);
  });

  it("removes the file of an object that is gone, and only that", async () => {
    const release = await sample();
    await writeRelease(release, out());
    await writeTree(out(), { "sample-apps/README.md": "mine" });
    const fewer = { ...release, objects: release.objects.filter((object) => object.kind !== "DaemonSet") };
    assert.deepEqual((await writeRelease(fewer, out())).removed, ["sample-apps/daemonset-agent.yaml"]);
    const files = await listFiles(out());
    assert.equal(files.includes("sample-apps/daemonset-agent.yaml"), false);
    assert.ok(files.includes("sample-apps/README.md"));
  });

  it("refuses a folder that holds something else", async () => {
    await writeTree(out(), { "important.txt": "mine" });
    await assert.rejects(writeRelease(await sample(), out()), {
      name: "UserError",
      exitCode: 2,
      message: /neither empty nor an earlier output/,
    });
    assert.deepEqual(await listFiles(out()), ["important.txt"]);
  });

  it("never follows a marker out of its folder", async () => {
    await writeTree(folder(), { precious: "mine" });
    await writeTree(out(), { ".kf-release.json": JSON.stringify({ files: ["../precious", "/etc/hostname"] }) });
    await writeRelease(await sample(), out());
    assert.equal(await readFile(path.join(folder(), "precious"), "utf8"), "mine");
  });

  it("gives objects with alike names files of their own, with names that every system takes", async () => {
    const object = (apiVersion: string, namespace: string, name: string): KubernetesObject => ({
      apiVersion,
      kind: "Certificate",
      metadata: { namespace, name },
    });
    const objects = [
      object("cert-manager.io/v1", "a", "x"),
      object("networking.internal.knative.dev/v1alpha1", "a", "x"),
      object("cert-manager.io/v1", "a", "X"),
      object("cert-manager.io/v1", "a", "y:z"),
      object("cert-manager.io/v1", "a", "y/z"),
      object("cert-manager.io/v1", "..", ".."),
    ];
    const { files } = await writeRelease({ ...(await sample()), crds: [], objects }, out());
    assert.equal(new Set(files.map((file) => file.toLowerCase())).size, objects.length);
    for (const file of files) assert.match(file, /^[\w-][\w.-]*\/certificate-[\w.-]+\.yaml$/);
  });

  it("quotes what YAML 1.1 would read as something else", async () => {
    const data = {
      a: "on",
      b: "0644",
      c: "1e3",
      d: "2026-01-01",
      e: "~",
      f: "12:30:45",
      g: "null",
      h: "a: b",
      i: "multi\nline\n",
    };
    const objects = [{ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "a", name: "tricky" }, data }];
    await writeRelease({ ...(await sample()), crds: [], objects }, out());
    assert.deepEqual(await read("a/configmap-tricky.yaml"), objects[0]);
    await writeFile(path.join(out(), "a/configmap-tricky.yaml"), "changed by hand");
    assert.equal((await writeRelease({ ...(await sample()), crds: [], objects }, out())).changed, 1);
  });
});
