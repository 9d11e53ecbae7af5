import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { withLock } from "../../tools/lock.ts";

describe("withLock", () => {
  let folder: string;
  let file: string;
  const ignore = (): undefined => undefined;

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "kf-lock-"));
    file = path.join(folder, "x.lock");
  });
  afterEach(async () => await fs.rm(folder, { recursive: true, force: true }));

  it("lets one in at a time, and tells the others who holds it", async () => {
    let inside = 0;
    let most = 0;
    const told: number[] = [];
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    };
    await Promise.all([1, 2, 3, 4].map(async () => await withLock(file, (pid) => told.push(pid), work)));
    assert.equal(most, 1);
    assert.deepEqual(new Set(told), new Set([process.pid]));
    assert.deepEqual(await fs.readdir(folder), []);
  });

  it("is free again after work that failed", async () => {
    await assert.rejects(
      withLock(file, ignore, async () => await Promise.reject(new Error("no"))),
      /no/,
    );
    assert.equal(await withLock(file, ignore, async () => await Promise.resolve(1)), 1);
  });

  it("takes over from a holder that is gone", async () => {
    const { pid } = spawnSync("true");
    await fs.writeFile(file, String(pid));
    assert.equal(
      await withLock(
        file,
        () => assert.fail("waited"),
        async () => await Promise.resolve(1),
      ),
      1,
    );
  });

  it("takes over a lock that nobody refreshes, though some process has its number now", async () => {
    await fs.writeFile(file, String(process.pid));
    const old = new Date(Date.now() - 10 * 60_000);
    await fs.utimes(file, old, old);
    assert.equal(
      await withLock(
        file,
        () => assert.fail("waited"),
        async () => await Promise.resolve(1),
      ),
      1,
    );
  });
});
