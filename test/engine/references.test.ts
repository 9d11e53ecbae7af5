import assert from "node:assert/strict";
import { changes, stepOf, succeeded, TestStack, usePassphrase } from "./support/stack.ts";

describe("references to what is elsewhere", () => {
  usePassphrase("references");
  let stack: TestStack;
  before(async () => {
    stack = await TestStack.create("references");
  });
  after(() => stack.dispose());

  it("tells which stack has no state", async () => {
    const result = await stack.run("preview");
    assert.match(
      stepOf(result, "organization/basics/dev").error ?? "",
      /stack organization\/basics\/dev has no state here/,
    );
  });

  it("reads another stack's outputs, its secrets as secrets; configures providers, even those known late", async () => {
    succeeded(await stack.sibling("basics", "dev").run("up", {}, { skipPlan: true }));
    const plan = succeeded(await stack.run("preview"));
    // The provider `late` is not configured yet: what is below it is planned without it.
    assert.ok(changes(plan).includes("create by-late"));
    const result = succeeded(await stack.run("up", {}, { skipPlan: true }));
    assert.deepEqual(result.outputs, {
      echoed: { text: "heard" },
      fromOther: 2,
      read: 1,
      secretFromOther: "[secret]",
    });
    assert.equal(result.summary.read, 2);
    assert.deepEqual(await stack.world.get("by-known-north"), { size: 2 });
    assert.deepEqual(await stack.world.get("by-late-given"), { secret: "open sesame" });
    const snapshot = await stack.snapshot();
    assert.ok(!snapshot.includes("open sesame") && !snapshot.includes("provider secret"));
  });

  it("changes nothing the second time, and deletes by a provider's new configuration", async () => {
    assert.deepEqual(
      changes(succeeded(await stack.run("up"))).filter((change) => !change.startsWith("read")),
      [],
    );
    const moved = succeeded(await stack.run("up", { mode: "elsewhere" }, { skipPlan: true }));
    assert.deepEqual(stepOf(moved, "known").diffs, [{ path: "region", kind: "update", old: "north", new: "south" }]);
    // What was only read is not there to be deleted.
    succeeded(await stack.run("destroy"));
    assert.deepEqual(await stack.world.ids(), ["first", "second", "third"]);
  });
});
