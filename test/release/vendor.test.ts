import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { dump, load } from "js-yaml";
import { fetchRelease } from "../../release/fetch.ts";
import type { ReleaseLock } from "../../release/lock.ts";
import { listFiles } from "../../release/tree.ts";
import { referencesOf, rewriteReferences, vendor } from "../../release/vendor.ts";
import { testLock, useWorkFolder, writeTree } from "./support.ts";

const remote = "https://example.invalid/base?ref=v1";

describe("release vendor", () => {
  const folder = useWorkFolder();

  function lockWith(changes: Readonly<Record<string, unknown>> = {}): ReleaseLock {
    return testLock(folder(), {
      name: "1.0",
      root: "main",
      sources: [
        { name: "main", folder: "main" },
        { name: "base", folder: "base" },
      ],
      remotes: [{ reference: remote, source: "base", path: "." }],
      components: [{ name: "app", path: "overlays/app" }],
      ...changes,
    });
  }

  async function vendored(files: Readonly<Record<string, string>>, lock = lockWith()): Promise<string> {
    await writeTree(path.join(folder(), "main"), files);
    await writeTree(path.join(folder(), "base"), { "objects.yaml": "kind: ConfigMap\n" });
    const build = path.join(folder(), "build");
    await mkdir(build);
    await vendor(lock, await fetchRelease({ lock }), build);
    return build;
  }

  const app = (...resources: readonly string[]) => ({ "overlays/app/kustomization.yaml": dump({ resources }) });

  it("points a remote base at the copy, and leaves the source as it was", async () => {
    const build = await vendored(app(remote));
    const rewritten = await readFile(path.join(build, "main/overlays/app/kustomization.yaml"), "utf8");
    assert.deepEqual(load(rewritten), { resources: ["../../../base"] });
    const source = await readFile(path.join(folder(), "main/overlays/app/kustomization.yaml"), "utf8");
    assert.deepEqual(load(source), { resources: [remote] });
  });

  it("renders other images than the remote base names, where the lock says so", async () => {
    const change = { name: "staging.invalid/app", newName: "example.invalid/app" };
    const images = [{ ...change, reason: "the staging registry deletes it" }];
    const lock = lockWith({ remotes: [{ reference: remote, source: "base", path: ".", images }] });
    const build = await vendored(app(remote), lock);
    const own = load(await readFile(path.join(build, "main/overlays/app/kustomization.yaml"), "utf8"));
    assert.deepEqual(own, { resources: ["../../../remote-0"] });
    assert.deepEqual(load(await readFile(path.join(build, "remote-0/kustomization.yaml"), "utf8")), {
      resources: ["../base"],
      images: [change],
    });
  });

  it("makes a source of one file a base that kustomize can build", async () => {
    const build = await vendored(app(remote));
    assert.deepEqual(load(await readFile(path.join(build, "base/kustomization.yaml"), "utf8")), {
      resources: ["objects.yaml"],
    });
  });

  it("names the file and the reference that would reach the network, also behind other bases", async () => {
    const files = {
      ...app("../../base"),
      "base/kustomization.yaml": dump({ components: ["github.com/somebody/else//kustomize?ref=main"] }),
    };
    await assert.rejects(vendored(files), {
      name: "UserError",
      message:
        /main\/base\/kustomization\.yaml refers to "github\.com\/somebody\/else\/\/kustomize\?ref=main".*remotes/,
    });
  });

  it("does not mind references of parts that no component builds", async () => {
    await vendored({ ...app(), "unused/kustomization.yaml": dump({ resources: ["https://example.invalid/unused"] }) });
  });

  it("refuses a reference that leaves the build folder", async () => {
    await assert.rejects(
      vendored(app("../../../../../../../etc")),
      /refers to "(\.\.\/)+etc", which is not in the release's sources/,
    );
  });

  it("names a component without kustomization", async () => {
    await assert.rejects(vendored({ "overlays/app/readme": "" }), /main\/overlays\/app has no kustomization\.yaml/);
  });

  it("adds kustomize's own components to the component that wants them", async () => {
    const lock = lockWith({ components: [{ name: "app", path: "overlays/app", with: ["labels"] }] });
    const build = await vendored({ ...app(), "labels/kustomization.yaml": "kind: Component\n" }, lock);
    assert.deepEqual(load(await readFile(path.join(build, "component-app/kustomization.yaml"), "utf8")), {
      resources: ["../main/overlays/app"],
      components: ["../main/labels"],
    });
  });

  it("leaves no vendored reference in any kustomization, and every other string alone", () => {
    const reference = fc.integer({ min: 0, max: 5 }).map((n) => `https://example.invalid/base/${n}?ref=v1`);
    const text = fc.oneof(fc.constantFrom("on", "0644", "1.10", "key: value", "- x", "# no comment", ""), fc.string());
    const kustomization = fc.record({
      resources: fc.array(fc.oneof(reference, text)),
      bases: fc.array(reference),
      components: fc.array(reference),
      namePrefix: text,
      configMapGenerator: fc.array(fc.record({ name: text, literals: fc.array(text) })),
    });
    const local = (value: string) =>
      value.startsWith("https://example.invalid/base/") ? `../local/${value.at(29) ?? ""}` : undefined;
    const expected = (value: unknown): unknown => {
      if (typeof value === "string") return local(value) ?? value;
      if (Array.isArray(value)) return value.map(expected);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expected(item)]));
    };
    fc.assert(
      fc.property(kustomization, (content) => {
        const rewritten = load(rewriteReferences(dump(content), local));
        assert.deepEqual(rewritten, expected(content));
        assert.ok(referencesOf(rewritten).every((found) => !found.startsWith("https://example.invalid/")));
      }),
    );
  });

  it("sees every place where kustomize loads a file or URL from", () => {
    const found = referencesOf({
      resources: ["a", "inline: yaml\n"],
      bases: ["b"],
      components: ["c"],
      crds: ["d"],
      configurations: ["e"],
      generators: ["f"],
      transformers: ["g"],
      validators: ["h"],
      patchesStrategicMerge: ["i"],
      patches: [{ path: "j" }, { patch: "inline" }],
      patchesJson6902: [{ path: "k" }],
      replacements: [{ path: "l" }],
      openapi: { path: "m" },
      configMapGenerator: [{ files: ["n", "key=o"], envs: ["p"], literals: ["not=me"] }],
      secretGenerator: [{ env: "q" }],
    });
    assert.deepEqual([...found].sort(), "a b c d e f g h i j k l m n o p q".split(" "));
  });

  it("copies every file", async () => {
    const build = await vendored({ ...app(), "overlays/app/deep/er/file.txt": "x" });
    assert.ok((await listFiles(build)).includes("main/overlays/app/deep/er/file.txt"));
  });
});
