import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { keyRules } from "../../cli/promote/keys.ts";
import { projectRoot } from "../../shared/paths.ts";
import { configSchema } from "../../stacks/config.ts";

/** A map in a list or behind a default is a map. */
function objectIn(schema: unknown): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema;
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return objectIn(schema.unwrap());
  if (schema instanceof z.ZodPipe) return objectIn(schema.out);
  return schema instanceof z.ZodArray ? objectIn(schema.element) : undefined;
}

describe("what is promoted, key by key", () => {
  const rules = keyRules.map(({ key }) => key);

  /** Keys that the table says nothing of, as a whole or member by member. */
  function unclassified(key: string, schema: unknown): readonly string[] {
    if (rules.includes(key)) return [];
    const members = rules.some((rule) => rule.startsWith(`${key}.`)) ? objectIn(schema) : undefined;
    if (members === undefined) return [key];
    return Object.entries(members.shape).flatMap(([name, inner]) => unclassified(`${key}.${name}`, inner));
  }

  it("says of every key of the configuration whose it is", () => {
    const open = Object.entries(configSchema.shape).flatMap(([key, schema]) => unclassified(key, schema));
    assert.deepEqual(open, [], "new keys: say in cli/promote/keys.ts whether a promotion takes them along, and why");
  });

  it("says it once, of keys that there are, and with a reason", () => {
    assert.equal(new Set(rules).size, rules.length);
    for (const { key, reason } of keyRules) {
      let schema: unknown = configSchema;
      for (const part of key.split(".")) {
        schema = objectIn(schema)?.shape[part];
        assert.ok(schema, `${key} is no key of the configuration`);
      }
      assert.ok(reason.length > 10, key);
      assert.ok(!rules.some((other) => key.startsWith(`${other}.`)), `${key} is classified as a whole, too`);
    }
  });

  it("is in docs/promotion.md as it is in the table", async () => {
    const page = await readFile(path.join(projectRoot, "docs", "promotion.md"), "utf8");
    const rows = page.split("\n").map((line) => line.replaceAll(/\s*\|\s*/g, "|"));
    for (const { key, reason } of keyRules) assert.ok(rows.includes(`|\`${key}\`|${reason}|`), key);
  });

  it("keeps what is secret, sized or named for one environment where it is", () => {
    const own = ["kubeconfig", "secrets", "gke", "eks", "aks", "onprem", "tenants", "edge", "login", "components.size"];
    for (const key of own) assert.equal(keyRules.find((rule) => rule.key === key)?.belongsTo, "environment", key);
  });
});
