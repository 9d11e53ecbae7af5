import assert from "node:assert/strict";
import { succeeded, TestStack, usePassphrase } from "./support/stack.ts";

/** As dynamic providers and callback functions need it; the parts of the SDK that do it are loaded by the first use. */
describe("a program that serialises a function", () => {
  usePassphrase("functions");

  it("gets the text of the function, of what it captured and of the modules it calls", async () => {
    const stack = await TestStack.create("functions");
    try {
      const { outputs } = succeeded(await stack.run("preview"));
      const text = outputs["text"] as string;
      assert.match(text, /good morning/);
      assert.match(text, /require\("(node:)?path/);
      assert.match(text, /basename\(file\)/);
    } finally {
      await stack.dispose();
    }
  });
});
