import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { listReleases, loadLock, parseLock } from "../../release/lock.ts";
import { useWorkFolder } from "./support.ts";

const minimal = {
  name: "1.0",
  root: "a",
  sources: [{ name: "a", url: "https://example.com/a.tar.gz", digests: [] }],
  components: [{ name: "one", path: "one" }],
};

describe("release lock", () => {
  const folder = useWorkFolder();

  it("reads every release that comes with the project, and no source of a real one goes unpinned", async () => {
    const names = await listReleases();
    assert.deepEqual(names, ["sample", "1.11.0", "26.03"]);
    for (const name of names) {
      const lock = await loadLock(name);
      assert.equal(lock.name, name);
      const unpinned = lock.sources.filter((source) => "url" in source && source.digests.length === 0);
      assert.deepEqual(unpinned, []);
      assert.equal(lock.sample || lock.rendered.length > 0, true);
    }
  });

  it("says which releases there are when asked for another", async () => {
    await assert.rejects(loadLock("26.3"), /unknown release "26\.3": expected one of sample, 1\.11\.0, 26\.03/);
  });

  it("takes a lock file by path, and names it when it is not YAML", async () => {
    const file = path.join(folder(), "mine.yaml");
    await writeFile(file, "name: [");
    await assert.rejects(loadLock(file), { name: "UserError", message: new RegExp(`release lock ${file}: `) });
    await writeFile(file, JSON.stringify(minimal));
    assert.equal((await loadLock(file)).file, file);
  });

  const faults: readonly (readonly [string, unknown, RegExp])[] = [
    ["an unknown key", { ...minimal, componnets: [] }, /\(file\): .*componnets/],
    ["a wrong type", { ...minimal, name: 26.03 }, /name: .*string/],
    [
      "a digest that is none",
      { ...minimal, rendered: [{ origin: "mirror", lean: "x", full: "y" }] },
      /rendered\.0\.lean: .*sha256/,
    ],
    [
      "a plain http URL",
      { ...minimal, sources: [{ name: "a", url: "http://a/a.tgz", digests: [] }] },
      /sources\.0.*https URL/s,
    ],
    [
      "a misspelt key of a source",
      { ...minimal, sources: [{ ...minimal.sources[0], digets: [] }] },
      /sources\.0: .*digets/,
    ],
    [
      "a source's wrong digest",
      { ...minimal, sources: [{ ...minimal.sources[0], digests: [{ origin: "mirror", sha256: "x" }] }] },
      /sources\.0\.digests\.0\.sha256: .*sha256/,
    ],
    [
      "a path that leaves its source",
      { ...minimal, components: [{ name: "one", path: "../../etc" }] },
      /components\.0\.path: .*inside/,
    ],
    ["a root that is no source", { ...minimal, root: "b" }, /root: expected one of sources: a/],
    [
      "a rewrite to no source",
      { ...minimal, remotes: [{ reference: "x", source: "b", path: "." }] },
      /remotes\.0\.source: expected one of sources: a/,
    ],
    [
      "a component listed twice",
      { ...minimal, components: [...minimal.components, ...minimal.components] },
      /components\.1\.name: "one" is listed twice/,
    ],
    [
      "a chart from two places",
      { ...minimal, charts: [{ name: "c", version: "1", sha256: "0".repeat(64), path: "c", oci: "oci://c" }] },
      /charts\.0: expected exactly one of url, oci and path/,
    ],
  ];
  for (const [title, content, message] of faults) {
    it(`names the path of ${title}`, () => {
      assert.throws(() => parseLock(content, "lock.yaml"), { name: "UserError", exitCode: 2, message });
    });
  }
});
