import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { dropUnused, noteUse } from "../../cli/diff/kept.ts";
import { keepPlan, readPlan } from "../../cli/diff/plans.ts";

const day = 24 * 60 * 60_000;

describe("what kf diff keeps", () => {
  let folder: string;
  const outer = process.env["KF_CACHE_DIR"];
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "kf-diff-kept-"));
    process.env["KF_CACHE_DIR"] = path.join(folder, "cache");
  });
  after(async () => {
    if (outer === undefined) delete process.env["KF_CACHE_DIR"];
    else process.env["KF_CACHE_DIR"] = outer;
    await rm(folder, { recursive: true, force: true });
  });

  const kept = (...parts: readonly string[]): string => path.join(folder, "cache", "diff", ...parts);
  const age = async (place: string, days: number): Promise<void> => {
    const then = new Date(Date.now() - days * day);
    await utimes(place, then, then);
  };

  it("goes a month after its last use, and nothing else does", async () => {
    await dropUnused();
    const packages = path.join(folder, "node_modules");
    await mkdir(path.join(packages, "a"), { recursive: true });
    for (const place of ["old", "new", "old-but-used"]) {
      await mkdir(kept("trees", place), { recursive: true });
      await symlink(packages, kept("trees", place, "node_modules"), "junction");
    }
    await mkdir(kept("modules", "left-Ab12"), { recursive: true });
    await writeFile(kept("secret-key"), "not for nothing");
    await keepPlan("seldom", { resources: [], policies: [] });
    await keepPlan("never", { resources: [], policies: [] });
    const places = [
      "trees/old",
      "trees/old-but-used",
      "modules/left-Ab12",
      "plans/seldom-1.json",
      "plans/never-1.json",
    ];
    for (const place of [...places, "secret-key"]) await age(kept(place), 31);
    await age(kept("trees/new"), 29);

    await noteUse(kept("trees/old-but-used"));
    assert.notEqual(await readPlan("seldom"), undefined);
    await dropUnused();

    assert.deepEqual((await readdir(kept("trees"))).sort(), ["new", "old-but-used"]);
    assert.deepEqual(await readdir(kept("modules")), []);
    assert.deepEqual(await readdir(kept("plans")), ["seldom-1.json"]);
    assert.ok((await stat(kept("secret-key"))).isFile());
    assert.ok((await stat(path.join(packages, "a"))).isDirectory(), "it followed a link out of the cache");
  });
});
