import assert from "node:assert/strict";
import type { OperationResult } from "../../engine/report.ts";
import { changes, stepOf, succeeded, TestStack, usePassphrase } from "./support/stack.ts";

describe("replacing and keeping", () => {
  usePassphrase("replacing");
  const changed = "renamed moved strict ignored";
  const dropped = `${changed} not-ignored dropped`;
  let stack: TestStack;
  let plan: OperationResult;
  let result: OperationResult;
  let log: readonly string[];

  const up = (mode: string) => stack.run("up", { mode }, { skipPlan: true });
  const done = (...names: readonly string[]) => log.filter((line) => names.some((name) => line.endsWith(` ${name}`)));

  before(async () => {
    stack = await TestStack.create("replacing");
    succeeded(await up("first"));
    await stack.world.clearLog();
    plan = succeeded(await stack.run("preview", { mode: changed }));
    result = succeeded(await up(changed));
    log = await stack.world.log();
  });
  after(() => stack.dispose());

  it("plans what is then done, but for what depends on values not known yet", () => {
    const certain = ["replace named", "replace placed", "replace strict", "replace tenant", "update user"];
    assert.deepEqual(changes(plan).toSorted(), [...certain, "update neighbour"].toSorted());
    assert.deepEqual(changes(result).toSorted(), certain.toSorted());
  });

  it("creates the new one before it deletes the old one", async () => {
    assert.deepEqual(stepOf(result, "named").replaceReasons, [{ path: "name", reason: "name is fixed" }]);
    assert.deepEqual(done("named", "user"), ["create named", "update user", "delete named"]);
    assert.deepEqual(await stack.world.get("user"), { of: "named-b" });
  });

  it("deletes first where the provider says so, and with it what has to be replaced too", async () => {
    assert.deepEqual(done("placed", "tenant", "neighbour"), [
      "delete tenant",
      "delete placed",
      "create placed",
      "create tenant",
    ]);
    assert.ok(!(await stack.snapshot()).includes("pendingReplacement"));
  });

  it("replaces for replaceOnChanges, and deletes first for deleteBeforeReplace", () => {
    assert.deepEqual(stepOf(result, "strict").replaceReasons, [{ path: "size", reason: "replaceOnChanges names it" }]);
    assert.deepEqual(done("strict"), ["delete strict", "create strict"]);
  });

  it("leaves ignored changes alone, and only those; deletes nothing that is retained or goes with another", async () => {
    assert.equal(stepOf(result, "ignoring").op, "same");
    await stack.world.clearLog();
    const next = succeeded(await up(dropped));
    assert.deepEqual(stepOf(next, "ignoring").diffs, [{ path: "nested.b", kind: "update", old: 1, new: 2 }]);
    assert.deepEqual(await stack.world.get("ignoring"), { size: 1, nested: { a: 1, b: 2 } });
    assert.deepEqual(changes(next).toSorted(), ["delete guest", "delete host", "delete kept", "update ignoring"]);
    assert.deepEqual(await stack.world.log(), ["update ignoring", "delete host"]);
  });

  it("refuses to replace, delete or destroy what is protected, before anything is changed", async () => {
    await stack.world.clearLog();
    const replaced = await up(`${dropped} guarded-renamed`);
    assert.ok(replaced.failed);
    assert.match(
      stepOf(replaced, "guarded").error ?? "",
      /guarded: protected, so it cannot be replaced\. To unprotect/,
    );

    const deleted = await stack.run("up", { mode: `${dropped} guarded-dropped` });
    assert.ok(deleted.failed);
    assert.match(
      deleted.diagnostics.map(({ message }) => message).join(),
      /guarded: protected, so it cannot be deleted/,
    );
    await assert.rejects(stack.run("destroy"), /guarded: protected, so it cannot be deleted/);
    assert.deepEqual(await stack.world.log(), []);

    succeeded(await up(`${dropped} unprotected`));
    succeeded(await stack.run("destroy"));
    assert.deepEqual(await stack.world.ids(), ["guest", "kept"]);
  });
});
