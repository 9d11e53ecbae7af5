import assert from "node:assert/strict";
import { changes, stepOf, succeeded, TestStack, usePassphrase } from "./support/stack.ts";

describe("replacing and keeping", () => {
  usePassphrase("replacing");
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create("replacing");
    succeeded(await stack.run("up", {}, { skipPlan: true }));
  });
  beforeEach(() => stack.world.clearLog());
  after(() => stack.dispose());

  const up = (mode: string) => stack.run("up", { mode }, { skipPlan: true });

  it("creates the new one before it deletes the old one", async () => {
    const plan = succeeded(await stack.run("preview", { mode: "renamed" }));
    assert.deepEqual(changes(plan), ["replace named", "update user"]);
    const result = succeeded(await up("renamed"));
    assert.deepEqual(changes(result), ["replace named", "update user"]);
    assert.deepEqual(stepOf(result, "named").replaceReasons, [{ path: "name", reason: "name is fixed" }]);
    assert.deepEqual(await stack.world.log(), ["create named", "update user", "delete named"]);
    assert.deepEqual(await stack.world.get("user"), { of: "named-b" });
    succeeded(await up("first"));
  });

  it("deletes first where the provider says so, and with it what has to be replaced too", async () => {
    const plan = succeeded(await stack.run("preview", { mode: "moved" }));
    assert.deepEqual(changes(plan), ["replace placed", "replace tenant", "update neighbour"]);
    const result = succeeded(await up("moved"));
    assert.deepEqual(changes(result), ["replace placed", "replace tenant"]);
    assert.deepEqual(await stack.world.log(), ["delete tenant", "delete placed", "create placed", "create tenant"]);
    assert.ok(!(await stack.snapshot()).includes("pendingReplacement"));
    succeeded(await up("first"));
  });

  it("replaces for replaceOnChanges, and deletes first for deleteBeforeReplace", async () => {
    const result = succeeded(await up("strict"));
    assert.deepEqual(changes(result), ["replace strict"]);
    assert.deepEqual(stepOf(result, "strict").replaceReasons, [{ path: "size", reason: "replaceOnChanges names it" }]);
    assert.deepEqual(await stack.world.log(), ["delete strict", "create strict"]);
    succeeded(await up("first"));
  });

  it("leaves ignored changes alone, and only those", async () => {
    assert.deepEqual(changes(succeeded(await up("later"))), []);
    const result = succeeded(await up("ignoring-b"));
    assert.deepEqual(stepOf(result, "ignoring").diffs, [{ path: "nested.b", kind: "update", old: 1, new: 2 }]);
    assert.deepEqual(await stack.world.get("ignoring"), { size: 1, nested: { a: 1, b: 2 } });
  });

  it("drops without deleting what is retained or goes with another", async () => {
    const result = succeeded(await up("dropped"));
    assert.deepEqual(changes(result).toSorted(), ["delete guest", "delete host", "delete kept", "update ignoring"]);
    assert.deepEqual(await stack.world.log(), ["update ignoring", "delete host"]);
    assert.ok((await stack.world.ids()).includes("kept"));
  });

  it("refuses to replace, delete or destroy what is protected, before anything is changed", async () => {
    const replaced = await up("guarded-renamed");
    assert.ok(replaced.failed);
    assert.match(
      stepOf(replaced, "guarded").error ?? "",
      /guarded: protected, so it cannot be replaced\. To unprotect/,
    );

    await stack.world.clearLog();
    const dropped = await stack.run("up", { mode: "unprotect-and-drop" });
    assert.ok(dropped.failed);
    assert.match(
      dropped.diagnostics.map(({ message }) => message).join(),
      /guarded: protected, so it cannot be deleted/,
    );
    await assert.rejects(stack.run("destroy"), /guarded: protected, so it cannot be deleted/);
    assert.deepEqual(await stack.world.log(), []);

    succeeded(await up("unprotect"));
    succeeded(await stack.run("destroy"));
    assert.deepEqual(await stack.world.ids(), ["guest", "kept"]);
  });
});
