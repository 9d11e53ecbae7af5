import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { azureNativeTable } from "../../engine/simulation/azure-native.ts";
import { azureadTable } from "../../engine/simulation/azuread.ts";
import { projectRoot } from "../../shared/paths.ts";

/** The file of a type: `azure-native:storage:StorageAccount`, `azuread:index/application:Application`. */
function fileOf(token: string): string {
  const [name = "", place = "", type = ""] = token.split(":");
  const own = `${type.charAt(0).toLowerCase()}${type.slice(1)}.d.ts`;
  return path.join(projectRoot, "node_modules/@pulumi", name, place.startsWith("index/") ? "" : place, own);
}

/** The inputs of a type, as the SDK declares them. */
async function argsOf(token: string): Promise<Readonly<Record<"required" | "optional", readonly string[]>>> {
  const text = await readFile(fileOf(token), "utf8");
  const body = /export interface \w+Args \{([\s\S]*?)\n\}/.exec(text)?.[1] ?? "";
  const inputs = [...body.matchAll(/^ {4}(\w+)(\??): /gm)].map(([, name = "", mark = ""]) => ({ name, mark }));
  const named = (mark: string): readonly string[] =>
    inputs.filter((input) => input.mark === mark).map(({ name }) => name);
  return { required: named(""), optional: named("?") };
}

describe("simulated Azure and Entra", () => {
  for (const [token, { required, optional, forceNew = [], autoName }] of Object.entries({
    ...azureNativeTable,
    ...azureadTable,
  })) {
    it(`${token} has the SDK's inputs, and names, replaces and requires by these`, async () => {
      const args = await argsOf(token);
      assert.deepEqual([...required].sort(), [...args.required].sort());
      assert.deepEqual([...optional].sort(), [...args.optional].sort());
      const known = new Set([...required, ...optional]);
      assert.deepEqual(
        [...forceNew, ...(autoName === undefined ? [] : [autoName.property])].filter((input) => !known.has(input)),
        [],
      );
    });
  }

  it("has an id of Azure's own form for everything, with the token in it", () => {
    const inputs = { resourceGroupName: "rg", scope: "/subscriptions/s", resourceUri: "/subscriptions/s" };
    for (const [token, { answer }] of Object.entries(azureNativeTable)) {
      const { id } = answer({ token: "sim-0123456789", config: { subscriptionId: "s" }, inputs });
      assert.match(id, /^\/subscriptions\/s\/.*sim-0123456789$/, token);
    }
  });
});
