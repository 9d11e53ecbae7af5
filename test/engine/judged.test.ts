import assert from "node:assert/strict";
import type { PlannedLosses } from "../../engine/preflight.ts";
import { nameOfUrn } from "../../engine/urn.ts";
import { changes, succeeded, TestStack, usePassphrase } from "./support/stack.ts";

describe("what a plan takes away", () => {
  usePassphrase("judged");
  const next = { mode: "renamed moved dropped" };
  let stack: TestStack;

  before(async () => {
    stack = await TestStack.create("replacing");
    succeeded(await stack.run("up", { mode: "first" }));
    await stack.world.clearLog();
  });
  after(() => stack.dispose());

  it("is judged before anything is touched, in a preview too", async () => {
    const judged: PlannedLosses[] = [];
    const judge = (losses: PlannedLosses) => {
      judged.push(losses);
      return Promise.resolve([{ severity: "error" as const, message: "not that one" }]);
    };
    for (const kind of ["preview", "up"] as const) {
      const result = await stack.run(kind, next, { judge });
      assert.equal(result.failed, true);
      assert.ok(result.diagnostics.some(({ message }) => message === "not that one"));
    }
    assert.deepEqual(await stack.world.log(), []);
    for (const { replaced, dropped, state } of judged) {
      const names = [...replaced, ...dropped].map(({ urn }) => nameOfUrn(urn));
      assert.ok(
        ["named", "placed", "host", "guest"].every((name) => names.includes(name)),
        names.join(", "),
      );
      for (const { urn, inputs } of replaced)
        assert.deepEqual(inputs, state.find((resource) => resource.urn === urn)?.inputs, "as it is now");
    }
  });

  it("leaves the state only, where it is to be kept", async () => {
    const keeps = ({ urn }: { readonly urn: string }) => nameOfUrn(urn) === "host";
    const before = await stack.world.ids();
    const result = succeeded(await stack.run("up", next, { keeps }));
    assert.ok(changes(result).includes("delete host"));
    assert.ok(!(await stack.world.log()).includes("delete host"));
    const host = before.find((id) => id.startsWith("host"));
    assert.ok(host !== undefined && (await stack.world.ids()).includes(host));
    assert.ok(!(await stack.snapshot()).includes("::host"));
  });
});
