import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { projectRoot } from "../../shared/paths.ts";

describe("kf sandbox", function () {
  this.timeout(30_000);
  let folder: string;

  before(async () => (folder = await fs.mkdtemp(path.join(os.tmpdir(), "kf-command-"))));
  after(async () => await fs.rm(folder, { recursive: true, force: true }));

  async function kf(...args: string[]): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
    const command = [path.join(projectRoot, "cli", "main.ts"), "sandbox", ...args];
    const result = await execa(process.execPath, command, { reject: false, env: { KF_DATA_DIR: folder } });
    return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
  }

  it("says as JSON that nothing runs, and to a person how to start it", async () => {
    const forMachine = await kf("status", "--json");
    assert.equal(forMachine.exitCode, 0);
    assert.deepEqual(JSON.parse(forMachine.stdout), { name: "default", running: false, sandboxes: [] });
    const forPerson = await kf("status", "--name", "mine");
    assert.equal(forPerson.exitCode, 0);
    assert.match(forPerson.stdout, /There is no sandbox mine\. Start it with: npx kf sandbox start --name mine/);
  });

  it("stops what does not run without complaint", async () => {
    const { exitCode, stdout } = await kf("stop", "--json");
    assert.equal(exitCode, 0);
    assert.deepEqual(JSON.parse(stdout), { name: "default", running: false });
  });

  it("refuses wrong usage with exit code 2, and prints no result", async () => {
    for (const args of [["start", "--cpu-nodes", "many"], ["status", "--name", "../x"], ["begin"]]) {
      const { exitCode, stdout, stderr } = await kf(...args);
      assert.equal(exitCode, 2, args.join(" "));
      assert.equal(stdout, "");
      assert.match(stderr, /many|\.\.\/x|begin/);
    }
  });
});
