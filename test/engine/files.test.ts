import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createExclusively } from "../../engine/files.ts";

describe("a file that is made at once", () => {
  it("is made by one of many that want it at the same time, in one process, and nothing else is left", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "kf-files-"));
    const file = path.join(folder, "one");
    const made = await Promise.all(Array.from({ length: 20 }, (_, index) => createExclusively(file, String(index))));
    assert.equal(made.filter(Boolean).length, 1);
    assert.deepEqual(await readdir(folder), ["one"]);
    await rm(folder, { recursive: true });
  });
});
