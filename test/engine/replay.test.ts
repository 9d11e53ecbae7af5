import assert from "node:assert/strict";
import { nameOfUrn } from "../../engine/urn.ts";
import { succeeded, TestStack, usePassphrase } from "./support/stack.ts";

describe("an up that applies its plan without running the program again", () => {
  usePassphrase("replay");
  const stacks: TestStack[] = [];
  const fresh = async (): Promise<TestStack> => {
    const stack = await TestStack.create("many");
    stacks.push(stack);
    return stack;
  };
  const runs = ({ diagnostics }: { readonly diagnostics: readonly { readonly message: string }[] }) =>
    diagnostics.map(({ message }) => message).filter((message) => /^(plann|apply)ing$/.test(message));
  after(() => Promise.all(stacks.map((stack) => stack.dispose())));

  /** State but for what is of one run: times, the ids of providers, ciphertexts. */
  const stateOf = async (stack: TestStack): Promise<unknown> => {
    const { deployment } = JSON.parse(await stack.snapshot()) as { deployment: { resources: object[] } };
    const text = JSON.stringify(deployment.resources, (key, value: unknown) =>
      ["created", "modified", "ciphertext"].includes(key) ? undefined : value,
    );
    const resources = JSON.parse(text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "id")) as { urn: string }[];
    return resources.toSorted((a, b) => (a.urn < b.urn ? -1 : 1));
  };

  for (const change of [
    { count: "40", mode: "" },
    { count: "33", mode: "broken" },
  ]) {
    it(`ends as one that runs it twice (${JSON.stringify(change)})`, async () => {
      const [once, twice] = [await fresh(), await fresh()];
      for (const config of [{ count: "25" }, change]) {
        const given = { ...config, mode: `announced ${"mode" in config ? config.mode : ""}` };
        const a = await once.run("up", given, { replay: true });
        const b = await twice.run("up", given);
        assert.deepEqual([runs(a), runs(b)], [["planning"], ["applying"]]);
        assert.deepEqual([a.summary, a.failed, a.outputs], [b.summary, b.failed, b.outputs]);
        assert.deepEqual(await stateOf(once), await stateOf(twice));
      }
    });
  }

  it("goes on without what needs the one that failed", async () => {
    const stack = await fresh();
    const result = await stack.run("up", { count: "30", mode: "broken" }, { replay: true });
    const failed = result.steps.filter(({ error }) => error !== undefined).map(({ urn }) => nameOfUrn(urn));
    assert.deepEqual(failed, ["thing-3"]);
    const ids = await stack.world.ids();
    assert.equal(ids.length, 27);
    for (const id of ["thing-3", "thing-13", "thing-23"]) assert.ok(!ids.includes(id), id);
    assert.equal(succeeded(await stack.run("up", { count: "30" }, { replay: true })).summary.create, 3);
  });

  it("begins with what others wait for, however late the program asks for it", async () => {
    const stack = await fresh();
    succeeded(await stack.run("up", { count: "30", mode: "lonely" }, { replay: true, parallel: 1 }));
    // One that was there before the others is under way already.
    const first = (await stack.world.log()).slice(0, 11);
    for (let i = 10; i < 20; i++) assert.ok(first.includes(`create thing-${i}`), first.join(", "));
  });

  it("runs the program again when a plan does not know every value", async () => {
    const stack = await fresh();
    const result = succeeded(await stack.run("up", { mode: "announced unknown", count: "5" }, { replay: true }));
    assert.deepEqual(runs(result), ["applying"]);
    assert.deepEqual(result.outputs, { last: "thing-4" });
  });

  it("keeps its hands off when the plan is refused", async () => {
    const stack = await fresh();
    const result = await stack.run("up", { count: "5" }, { replay: true, review: () => ["not like this"] });
    assert.ok(result.failed);
    assert.deepEqual(await stack.world.ids(), []);
  });
});
