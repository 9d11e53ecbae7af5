import assert from "node:assert/strict";
import { appendFile, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { changes, stepOf, succeeded, TestStack, usePassphrase } from "./support/stack.ts";

describe("resource options", () => {
  usePassphrase("options");
  let stack: TestStack;

  beforeEach(async () => {
    stack = await TestStack.create("options");
    succeeded(await stack.run("up"));
    await stack.world.clearLog();
  });
  afterEach(() => stack.dispose());

  it("of a component are its children's too, where they say nothing themselves", async () => {
    const result = succeeded(await stack.run("up", { mode: "dropped" }));
    assert.deepEqual(changes(result).toSorted(), ["delete keeping", "delete kept", "delete not-kept"]);
    assert.deepEqual(await stack.world.log(), ["delete not-kept"]);
  });

  it("that name a path replace for a change of it or below it, and not for one of all around it", async () => {
    assert.deepEqual(changes(succeeded(await stack.run("up", { mode: "deepened" }))), ["update deep"]);
  });

  it("that two resources claim one old name by are refused", async () => {
    const result = await stack.run("preview", { mode: "claimed" });
    const failed = result.steps.flatMap(({ error }) => error ?? []);
    assert.match(failed.join("\n"), /an alias of it, urn:\S+::old, is another resource of this program/);
  });

  for (const [mode, name] of [
    ["hidden", "hideDiffs"],
    ["asset", "assets and archives"],
  ] as const) {
    it(`that are not followed are refused by name: ${name}`, async () => {
      const result = await stack.run("preview", { mode });
      assert.match(
        [stepOf(result, mode).error, ...result.diagnostics.map(({ message }) => message)].join("\n"),
        new RegExp(`the offline engine does not support ${name}; use the Pulumi CLI`),
      );
    });
  }
});

describe("a project or stack file", () => {
  usePassphrase("options");
  let root: string;

  beforeEach(async () => {
    root = path.join(await mkdtemp(path.join(tmpdir(), "options-")), "options");
    await cp(path.join(import.meta.dirname, "programs", "options"), root, { recursive: true });
  });
  afterEach(() => rm(path.dirname(root), { recursive: true }));

  for (const [file, text, key] of [
    ["Pulumi.yaml", "options: { refresh: always }\n", "options"],
    ["Pulumi.yaml", 'requiredPulumiVersion: ">=3"\n', "requiredPulumiVersion"],
    ["Pulumi.dev.yaml", "environment: [shared]\n", "environment"],
    ["Pulumi.dev.yaml", "secretsprovider: awskms://alias/key\nencryptedkey: abc\n", "secretsprovider, encryptedkey"],
  ] as const) {
    it(`that asks the Pulumi CLI for more is refused by name: ${key}`, async () => {
      const stack = await TestStack.create("options");
      await appendFile(path.join(root, file), text);
      await assert.rejects(
        stack.run("preview", {}, { projectRoot: root }),
        new RegExp(`${file}: the offline engine does not follow ${key}\\. .+kf preview dev --engine pulumi`),
      );
      await stack.dispose();
    });
  }
});
