import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { loadLock } from "../../release/lock.ts";
import { lockRelease } from "../../release/relock.ts";
import { renderRelease } from "../../release/render.ts";
import { tarball, useKustomize, useWorkFolder, writeTree } from "./support.ts";

const lockText = `# Ours.
name: "1.0"
root: main
sources:
  - name: main
    url: https://example.invalid/main.tar.gz
    strip: 1
    digests: []
components:
  - { name: app, path: . }
`;

describe("release lock from what is fetched", () => {
  const folder = useWorkFolder();
  const kustomize = useKustomize();

  it("adds the digests that make the release render, keeps the rest, and has nothing to add the second time", async () => {
    const mirror = path.join(folder(), "mirror");
    await writeTree(mirror, { "example.invalid/.keep": "" });
    const object = JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "x" } });
    const entries = [
      { path: "main/kustomization.yaml", content: '{"resources":["a.yaml"]}' },
      { path: "main/a.yaml", content: object },
    ];
    await writeFile(path.join(mirror, "example.invalid/main.tar.gz"), tarball(entries));
    const file = path.join(folder(), "mine.yaml");
    await writeFile(file, lockText);
    await assert.rejects(
      renderRelease({ lock: await loadLock(file), mirror, kustomize }),
      /not what the lock pins.*\(none\)/s,
    );

    const locked = await lockRelease({ lock: await loadLock(file), mirror, kustomize });
    assert.ok(locked.startsWith("# Ours.\n"));
    await writeFile(file, locked);
    const lock = await loadLock(file);
    assert.deepEqual(
      lock.rendered.map(({ origin }) => origin),
      ["mirror"],
    );
    const release = await renderRelease({ lock, mirror, kustomize });
    assert.equal(release.digest, lock.rendered[0]?.lean);
    assert.equal(release.objects.length, 1);
    assert.equal(await lockRelease({ lock, mirror, kustomize }), locked);
  });
});
