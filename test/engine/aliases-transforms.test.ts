import assert from "node:assert/strict";
import { changes, succeeded, TestStack, usePassphrase } from "./support/stack.ts";

describe("aliases", () => {
  usePassphrase("aliases");

  it("find a resource under its old name, parent or URN, and a child under its parent's old name", async () => {
    const stack = await TestStack.create("aliases");
    succeeded(await stack.run("up", {}, { skipPlan: true }));
    await stack.world.clearLog();
    const result = succeeded(await stack.run("up", { mode: "later" }));
    assert.deepEqual(changes(result), []);
    assert.deepEqual(await stack.world.log(), []);
    const snapshot = await stack.snapshot();
    assert.ok(!snapshot.includes("::old-group") && !snapshot.includes("::plain") && !snapshot.includes("::by-urn"));
    // The new names are in state: a further run has nothing to rename.
    assert.equal(succeeded(await stack.run("up", { mode: "later" })).timings["apply"], undefined);
    await stack.dispose();
  });
});

describe("transforms", () => {
  usePassphrase("transforms");

  it("run in the SDK and, innermost first, by callback from the engine", async () => {
    const stack = await TestStack.create("transforms");
    succeeded(await stack.run("up"));
    assert.deepEqual(await stack.world.get("deep"), {
      size: 1,
      secret: "hush",
      local: "stack",
      order: ["own", "parent", "stack"],
    });
    assert.deepEqual(await stack.world.get("flat"), { size: 1, local: "stack", order: ["stack"] });
    const snapshot = await stack.snapshot();
    assert.ok(!snapshot.includes("hush"));
    assert.match(snapshot, /"additionalSecretOutputs":\["order"\]/);
    assert.equal(succeeded(await stack.run("up")).timings["apply"], undefined);
    await stack.dispose();
  });
});
