import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { exportState, stateSize } from "../../engine/stored-state.ts";
import type { EngineEvent } from "../../engine/report.ts";
import { deploymentFaults } from "./support/deployment-schema.ts";
import { changes, stepOf, succeeded, TestStack, usePassphrase } from "./support/stack.ts";

describe("a stack's life", () => {
  usePassphrase("lifecycle");
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create("basics");
  });
  after(() => stack.dispose());

  /** Every file below the state folder with its content's age: a write of any kind shows. */
  /** All but the history, which tells of every operation that it was. */
  async function written(): Promise<readonly string[]> {
    const entries = await readdir(stack.stateDir, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".history.json"))
      .map((entry) => path.join(entry.parentPath, entry.name));
    return Promise.all(files.map(async (file) => `${file} ${(await stat(file)).mtimeMs}`));
  }

  it("previews every resource and writes nothing", async () => {
    const result = succeeded(await stack.run("preview"));
    assert.deepEqual(changes(result), [
      "create basics-dev",
      "create group",
      "create first",
      "create second",
      "create third",
    ]);
    assert.deepEqual(result.summary, { same: 0, create: 5, update: 0, replace: 0, delete: 0 });
    assert.deepEqual(result.outputs, { size: 2, secret: "[secret]" });
    await assert.rejects(readdir(stack.stateDir), { code: "ENOENT" });
    assert.deepEqual(await stack.world.log(), []);
  });

  it("creates in the order of dependencies", async () => {
    const events: EngineEvent[] = [];
    const result = succeeded(await stack.run("up", {}, { onEvent: (event) => events.push(event) }));
    assert.equal(result.summary.create, 5);
    assert.deepEqual(await stack.world.log(), ["create first", "create second", "create third"]);
    assert.deepEqual(await stack.world.get("third"), { ids: ["first", "second"], nested: { token: "given" } });
    const planned = events.find((event) => event.kind === "planned");
    assert.deepEqual(planned?.summary, result.summary);
    assert.ok(events.some((event) => event.kind === "step-finished" && event.pass === "apply"));
  });

  it("keeps state in Pulumi's format, dependencies first and secrets encrypted", async () => {
    const text = await stack.snapshot();
    assert.ok(!text.includes("open sesame") && !text.includes('shown to none"}'), "a secret in clear");
    const parsed = JSON.parse(text) as {
      deployment: { resources: { urn: string; outputs?: object; customTimeouts?: object }[] };
    };
    assert.deepEqual(deploymentFaults(parsed), []);
    const { resources } = parsed.deployment;
    const second = resources.find(({ urn }) => urn.endsWith("::second"));
    assert.deepEqual(second?.customTimeouts, { create: 90 });
    assert.match(JSON.stringify(second.outputs), /"hidden":\{"4dabf18193072939515e22adb298388d":"1b47/);
    const mode = (await stat(stack.snapshotFile)).mode & 0o777;
    assert.equal(mode, 0o600);
  });

  it("finds nothing to do the second time and writes nothing", async () => {
    await stack.world.clearLog();
    const before = await written();
    const result = succeeded(await stack.run("up"));
    assert.deepEqual(result.summary, { same: 5, create: 0, update: 0, replace: 0, delete: 0 });
    assert.equal(result.timings["apply"], undefined);
    assert.deepEqual(await written(), before);
    // Without the plan pass before it, an apply pass changes no more.
    succeeded(await stack.run("up", {}, { skipPlan: true }));
    assert.deepEqual(await written(), before);
    assert.deepEqual(await stack.world.log(), []);
  });

  it("updates what changed and what follows from it, and reports the properties", async () => {
    const result = succeeded(
      await stack.run("up", { mode: "grown", password: "changed" }, { skipPlan: true, showSecrets: true }),
    );
    assert.deepEqual(changes(result), ["update first", "update second"]);
    assert.deepEqual(stepOf(result, "first").diffs, [
      { path: "secret", kind: "update", old: "[secret]", new: "[secret]" },
      { path: "size", kind: "update", old: 1, new: 2 },
    ]);
    assert.deepEqual(result.outputs, { secret: "changed", size: 3 });
    assert.ok(!(await stack.snapshot()).includes("changed"));
  });

  it("keeps the ciphertext of secrets that did not change", async () => {
    const ciphertexts = async (): Promise<readonly string[]> =>
      (await stack.snapshot()).match(/"ciphertext":"[^"]+"/g) ?? [];
    const before = await ciphertexts();
    succeeded(await stack.run("up", { mode: "shrunk", password: "changed" }, { skipPlan: true }));
    const after = new Set(await ciphertexts());
    assert.ok(before.length > 0 && before.every((text) => after.has(text)));
    assert.deepEqual(await stack.world.ids(), ["first", "second"]);
  });

  it("reports drift without writing, then takes it over", async () => {
    await stack.world.set("first", { size: 7, secret: "changed", lean: true });
    await stack.world.remove("second");
    const before = await written();
    const drift = succeeded(await stack.run("refresh", {}, { previewOnly: true }));
    assert.deepEqual(changes(drift).toSorted(), ["delete second", "update first"]);
    assert.deepEqual(stepOf(drift, "first").diffs, [{ path: "size", kind: "update", old: 1, new: 7 }]);
    assert.deepEqual(await written(), before);

    succeeded(await stack.run("refresh"));
    assert.equal(succeeded(await stack.run("refresh")).summary.same, 3);
    const repaired = succeeded(await stack.run("up", { mode: "shrunk", password: "changed" }, { skipPlan: true }));
    assert.deepEqual(changes(repaired), ["update first", "create second"]);
  });

  it("tells what makes the state large, and exports it", async () => {
    const options = { projectRoot: stack.projectRoot, stateDir: stack.stateDir, stack: "dev" };
    const size = await stateSize(options);
    assert.equal(size.resources.length, 5);
    assert.ok(size.resources.every(({ bytes }, index) => bytes <= (size.resources[index - 1]?.bytes ?? Infinity)));
    assert.deepEqual(deploymentFaults(await exportState(options)), []);
  });

  it("destroys in the reverse order and leaves nothing", async () => {
    await stack.world.clearLog();
    const result = succeeded(await stack.run("destroy"));
    assert.equal(result.summary.delete, 4);
    assert.deepEqual(await stack.world.log(), ["delete second", "delete first"]);
    assert.deepEqual(await stack.world.ids(), []);
    assert.equal(succeeded(await stack.run("destroy")).steps.length, 0);
    const backups = await readdir(path.join(stack.stateDir, "backups", "basics", "dev"));
    assert.ok(backups.length > 0 && backups.length <= 10);
  });
});
