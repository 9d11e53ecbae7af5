import assert from "node:assert/strict";
import { changes, stepOf, succeeded, TestStack, usePassphrase } from "./support/stack.ts";

describe("a provider that changes", () => {
  usePassphrase("places");
  let stack: TestStack;

  const up = async (mode: string) => succeeded(await stack.run("up", { mode }));
  const happens = async (): Promise<readonly string[]> => {
    const log = await stack.world.log();
    await stack.world.clearLog();
    return log;
  };

  beforeEach(async () => {
    stack = await TestStack.create("places");
    await up("");
    assert.deepEqual(await happens(), ["create thing", "create thing"]);
  });
  afterEach(() => stack.dispose());

  it("to another place has everything made anew there, and deleted where it was", async () => {
    const plan = succeeded(await stack.run("preview", { mode: "moved" }));
    assert.deepEqual(changes(plan).toSorted(), ["replace place", "replace thing", "replace thing"]);
    assert.deepEqual(stepOf(plan, "place").replaceReasons, [{ path: "region", reason: "it is another place" }]);
    assert.deepEqual(changes(await up("moved")).toSorted(), ["replace place", "replace thing", "replace thing"]);
    assert.deepEqual((await happens()).toSorted(), ["create thing", "create thing", "in a: delete thing"]);
    assert.ok((await stack.world.ids()).includes("thing-b"));
    assert.deepEqual(changes(await up("moved")), []);
  });

  it("for another one to the same place leaves everything as it is", async () => {
    assert.deepEqual(changes(await up("renamed")).toSorted(), ["create other", "delete place"]);
    assert.deepEqual(await happens(), []);
    assert.deepEqual(await stack.world.ids(), ["object", "thing-a"]);
  });

  it("is not asked to delete the object that another resource has by now", async () => {
    const result = await up("relabelled");
    assert.deepEqual(changes(result).toSorted(), ["create label", "delete thing"]);
    assert.deepEqual(await happens(), ["create label"]);
    assert.deepEqual(await stack.world.ids(), ["object", "thing-a"]);
    assert.match(result.diagnostics[0]?.message ?? "", /^not deleted: it is the object of urn:\S+::label now$/);
  });
});
