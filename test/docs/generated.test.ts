import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { generatedDocuments } from "../../docs/generate.ts";
import { projectRoot } from "../../shared/paths.ts";
import { configSchema } from "../../stacks/config.ts";

interface Declared {
  readonly type: string;
  readonly default?: unknown;
  readonly secret?: boolean;
}

const documents = await generatedDocuments();

describe("documents", () => {
  for (const [file, expected] of Object.entries(documents)) {
    it(`${file} is what \`npm run docs\` would write`, async () => {
      assert.equal(await readFile(path.join(projectRoot, file), "utf8"), expected, "run: npm run docs");
    });
  }

  // To the CLI a key without a default is a required one, and a default that is `secret: true` is an error (it is not
  // encrypted); so keys that may be left out have the empty default.
  it("Pulumi.yaml declares the keys that the program takes, with the same defaults, as the Pulumi CLI wants them", async () => {
    const { config } = parse(await readFile(path.join(projectRoot, "Pulumi.yaml"), "utf8")) as {
      readonly config: Readonly<Record<string, Declared>>;
    };
    assert.deepEqual(Object.keys(config), Object.keys(configSchema.shape));
    const defaults = configSchema.parse({ target: "sandbox" });
    for (const [key, declared] of Object.entries(config)) {
      assert.equal(declared.secret, undefined, key);
      const empty = declared.type === "object" ? {} : "";
      if (key !== "target") assert.deepEqual(declared.default, defaults[key as keyof typeof defaults] ?? empty, key);
    }
  });
});
