import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { OperationOptions } from "../../engine/operations.ts";
import type { OperationResult } from "../../engine/report.ts";
import { Declined } from "../../shared/errors.ts";
import { changes, stepOf, succeeded, TestStack, usePassphrase } from "./support/stack.ts";

describe("a plan that has to be agreed to", () => {
  usePassphrase("confirm");
  let stack: TestStack;
  let asked: OperationResult[];
  const yes: Partial<OperationOptions> = {
    confirm: (plan) => {
      asked.push(plan);
      return Promise.resolve();
    },
  };
  const no: Partial<OperationOptions> = {
    confirm: (plan) => {
      asked.push(plan);
      return Promise.reject(new Declined("not now"));
    },
  };
  beforeEach(async () => {
    asked = [];
    stack = await TestStack.create("basics");
  });
  afterEach(() => stack.dispose());

  const history = async (): Promise<number> =>
    (await readdir(path.join(stack.stateDir, "history", "basics", "dev"))).length;
  const plans = (): readonly (readonly string[])[] => asked.map((plan) => changes(plan).toSorted());

  it("is planned once, shown, and done as it was shown", async () => {
    const result = succeeded(await stack.run("up", {}, { ...yes, replay: true }));
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.planned, true);
    assert.deepEqual(changes(asked[0]), changes(result));
    assert.equal(result.planned, undefined);
    assert.deepEqual(await stack.world.ids(), ["first", "second", "third"]);
  });

  it("is not done when it is declined, leaves no trace in state or history, and unlocks the stack", async () => {
    await assert.rejects(stack.run("up", {}, no), Declined);
    assert.deepEqual(await stack.world.ids(), []);
    await assert.rejects(stack.snapshot(), { code: "ENOENT" });
    assert.equal(await history(), 0);

    succeeded(await stack.run("up"));
    const [before, operations] = [await stack.snapshot(), await history()];
    await stack.world.set("first", { size: 7 });
    for (const kind of ["refresh", "destroy"] as const) await assert.rejects(stack.run(kind, {}, no), Declined);
    assert.deepEqual(plans().slice(1), [
      ["update first"],
      ["delete basics-dev", "delete first", "delete group", "delete second", "delete third"],
    ]);
    assert.deepEqual(await stack.world.ids(), ["first", "second", "third"]);
    assert.deepEqual([await stack.snapshot(), await history()], [before, operations]);
  });

  it("is asked about only where there is something to do", async () => {
    succeeded(await stack.run("destroy", {}, yes));
    succeeded(await stack.run("up"));
    for (const kind of ["up", "refresh"] as const) succeeded(await stack.run(kind, {}, yes));
    assert.ok((await stack.run("up", { mode: "grown" }, { ...yes, review: () => ["not like this"] })).failed);
    assert.deepEqual(asked, []);
  });

  it("is agreed to: a refresh takes over what it has shown, a destroy deletes it", async () => {
    succeeded(await stack.run("up"));
    await stack.world.remove("third");
    succeeded(await stack.run("refresh", {}, yes));
    assert.deepEqual(plans(), [["delete third"]]);
    const { summary } = succeeded(await stack.run("destroy", {}, yes));
    assert.equal(summary.delete, asked[1]?.summary.delete);
    assert.deepEqual(await stack.world.ids(), []);
  });

  it("is all there is with previewOnly", async () => {
    succeeded(await stack.run("up"));
    const before = await stack.snapshot();
    const plan = succeeded(await stack.run("destroy", {}, { ...yes, previewOnly: true }));
    assert.deepEqual([plan.planned, plan.summary.delete, asked.length], [true, 5, 0]);
    assert.deepEqual(await stack.world.ids(), ["first", "second", "third"]);
    assert.equal(await stack.snapshot(), before);
  });

  it("has the properties of what is created and deleted on demand, secrets masked", async () => {
    succeeded(await stack.run("up", {}, { ...yes, allDiffs: true }));
    const created = asked[0] && stepOf(asked[0], "first").diffs;
    assert.deepEqual(
      created?.find(({ path: at }) => at === "size"),
      { path: "size", kind: "add", new: 1 },
    );
    assert.deepEqual(created.find(({ path: at }) => at === "secret")?.new, "[secret]");
    const plan = await stack.run("destroy", {}, { previewOnly: true, allDiffs: true });
    const gone = stepOf(plan, "first").diffs;
    assert.deepEqual(
      gone.find(({ path: at }) => at === "size"),
      { path: "size", kind: "delete", old: 1 },
    );
  });

  describe("after a refresh", () => {
    beforeEach(async () => {
      succeeded(await stack.run("up"));
      await stack.world.remove("third");
      await stack.world.set("first", { ...(await stack.world.get("first")), size: 7 });
    });

    it("shows what an up mends, and mends it", async () => {
      const before = await stack.snapshot();
      const preview = succeeded(await stack.run("preview", {}, { refresh: true }));
      assert.deepEqual(changes(preview), ["update first", "create third"]);
      await assert.rejects(stack.run("up", {}, { ...no, refresh: true }), Declined);
      assert.equal(await stack.snapshot(), before);
      const result = succeeded(await stack.run("up", {}, { ...yes, refresh: true }));
      assert.deepEqual(
        plans(),
        [changes(preview), changes(preview)].map((names) => names.toSorted()),
      );
      assert.deepEqual(changes(result), changes(preview));
      assert.equal((await stack.world.get("first"))?.["size"], 1);
      assert.deepEqual(changes(succeeded(await stack.run("refresh"))), []);
    });

    it("asks nothing where the program agrees with what is there, and keeps that", async () => {
      const before = await stack.run("preview", { mode: "shrunk" });
      assert.deepEqual(changes(before), ["delete third"]);
      await stack.world.set("first", { ...(await stack.world.get("first")), size: 1 });
      succeeded(await stack.run("up", { mode: "shrunk" }, { ...yes, refresh: true }));
      assert.deepEqual(asked, []);
      assert.doesNotMatch(await stack.snapshot(), /::third"/);
    });

    it("destroys only what is still there", async () => {
      const { steps } = succeeded(await stack.run("destroy", {}, { ...yes, refresh: true }));
      assert.ok(!steps.some(({ urn }) => urn.endsWith("::third")));
      assert.deepEqual(await stack.world.ids(), []);
    });
  });
});
