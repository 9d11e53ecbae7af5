import assert from "node:assert/strict";
import type { ResourceState } from "../../engine/deployment.ts";
import { nameOfUrn } from "../../engine/urn.ts";
import { changes, succeeded, TestStack, usePassphrase } from "./support/stack.ts";

describe("a review of what the program asks for", () => {
  usePassphrase("review");
  let stack: TestStack;
  beforeEach(async () => {
    stack = await TestStack.create("basics");
  });
  afterEach(() => stack.dispose());

  it("makes a preview fail and still tells the plan", async () => {
    const result = await stack.run("preview", {}, { review: () => ["not like this"] });
    assert.ok(result.failed);
    assert.notEqual(changes(result).length, 0);
    assert.deepEqual(
      result.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message),
      ["not like this"],
    );
  });

  it("keeps an up from changing anything", async () => {
    const result = await stack.run("up", {}, { review: () => ["not like this"] });
    assert.ok(result.failed);
    assert.deepEqual(await stack.world.ids(), []);
  });

  it("is given every resource, before and after an up", async () => {
    const seen: (readonly ResourceState[])[] = [];
    const review = (resources: readonly ResourceState[]): readonly string[] => {
      seen.push(resources);
      return [];
    };
    succeeded(await stack.run("up", {}, { review }));
    const names = seen.map((resources) => resources.map(({ urn }) => nameOfUrn(urn)).sort());
    assert.equal(names.length, 2);
    assert.deepEqual(names[0], names[1]);
    for (const id of await stack.world.ids()) assert.ok(names[0]?.includes(id), id);
  });
});
