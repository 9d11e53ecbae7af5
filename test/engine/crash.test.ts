import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { deploymentFaults } from "./support/deployment-schema.ts";
import { stackHistory } from "../../engine/history.ts";
import { exportState } from "../../engine/stored-state.ts";
import { changes, succeeded, TestStack, usePassphrase } from "./support/stack.ts";

const script = path.join(import.meta.dirname, "support", "crashing-up.ts");
const count = 30;

describe("a killed run", () => {
  usePassphrase("crash");
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create("many");
  });
  after(() => stack.dispose());

  /** Runs `up` in another process and kills it once that many steps are done. */
  async function killedAfter(steps: number): Promise<void> {
    const args = [script, stack.projectRoot, stack.stateDir, stack.world.folder, String(count)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    let done = 0;
    createInterface(child.stdout).on("line", () => {
      done += 1;
      if (done === steps) child.kill("SIGKILL");
    });
    assert.deepEqual(await exited, [null, "SIGKILL"]);
  }

  it("leaves a readable state and a lock that the next run takes over, and never loses or repeats anything", async () => {
    for (const steps of [1, 7, 16]) {
      await killedAfter(steps);
      const options = { projectRoot: stack.projectRoot, stateDir: stack.stateDir, stack: "dev" };
      const left = await exportState(options);
      // Whoever asks is not told that it ended.
      assert.equal((await stackHistory(options)).at(-1)?.result, "in-progress");
      // Killed before the first line was on disk, it had done nothing either.
      if (left !== undefined) assert.deepEqual(deploymentFaults(left), []);
      // What exists is in state or among the operations that may have happened.
      const known = JSON.stringify(left ?? "");
      for (const id of await stack.world.ids()) assert.ok(known.includes(`::${id}"`), `${id} is lost`);
    }
    const result = succeeded(await stack.run("up", { count: String(count), milliseconds: "20" }, { skipPlan: true }));
    assert.ok(result.summary.same > 0 && result.summary.create > 0);
    const { kind, result: end } =
      (await stackHistory({ projectRoot: stack.projectRoot, stateDir: stack.stateDir, stack: "dev" })).at(-1) ?? {};
    assert.deepEqual([kind, end], ["update", "succeeded"]);
    assert.equal((await stack.world.ids()).length, count);
    const snapshot = await stack.snapshot();
    assert.deepEqual(deploymentFaults(JSON.parse(snapshot)), []);
    assert.ok(!snapshot.includes("pending_operations") && !/secret-\d/.test(snapshot));
    assert.deepEqual(changes(succeeded(await stack.run("up", { count: String(count), milliseconds: "20" }))), []);
  });

  it("can be destroyed as it is: what was half made is looked for and deleted", async () => {
    const other = await TestStack.create("many");
    const swap = stack;
    stack = other;
    await killedAfter(5);
    stack = swap;
    succeeded(await other.run("destroy"));
    assert.deepEqual(await other.world.ids(), []);
    await other.dispose();
  });

  it("has the next run ask for what was being deleted and is wanted again", async () => {
    const snapshot = JSON.parse(await stack.snapshot()) as {
      deployment: { resources: { urn: string }[]; pending_operations?: object[] };
    };
    const wanted = snapshot.deployment.resources.filter(({ urn }) => /::thing-(28|29)$/.test(urn));
    // Of a creation that state knows to be done by now, nothing is to be cleared away.
    snapshot.deployment.pending_operations = wanted.flatMap((resource) =>
      ["deleting", "creating"].map((type) => ({ resource, type })),
    );
    await writeFile(stack.snapshotFile, JSON.stringify(snapshot));
    await stack.world.remove("thing-28");
    const result = succeeded(await stack.run("up", { count: String(count), milliseconds: "20" }));
    assert.deepEqual(changes(result), ["create thing-28"]);
    assert.equal((await stack.world.ids()).length, count);
    assert.ok(!(await stack.snapshot()).includes("pending_operations"));
  });
});

describe("the lock", () => {
  usePassphrase("lock");

  it("says who holds the stack, since when, and in which file; a dead holder's is taken over", async () => {
    const stack = await TestStack.create("many");
    let second: Promise<unknown> | undefined;
    const first = stack.run(
      "up",
      { count: "3" },
      {
        skipPlan: true,
        onEvent() {
          second ??= stack.run("up").catch((error: unknown) => error);
        },
      },
    );
    succeeded(await first);
    const message = String(await second);
    assert.match(
      message,
      new RegExp(
        `Stack dev is locked by .+@${hostname()} \\(pid ${process.pid}, up\\) since \\d{4}-.+ delete .+dev\\.lock`,
      ),
    );

    const lockFile = stack.snapshotFile.replace(".json", ".lock");
    const gone = { pid: 2 ** 22 + 1, host: hostname(), user: "ghost", operation: "up", since: "2020-01-01T00:00:00Z" };
    await writeFile(lockFile, JSON.stringify({ ...gone, host: "elsewhere" }));
    await assert.rejects(stack.run("destroy"), /locked by ghost@elsewhere .+ since 2020-01-01/);
    await writeFile(lockFile, JSON.stringify(gone));
    succeeded(await stack.run("destroy"));
    await assert.rejects(readFile(lockFile), { code: "ENOENT" });
    await stack.dispose();
  });
});
