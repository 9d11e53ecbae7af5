import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { checkInputs, diffInputs } from "../../engine/simulation/check.ts";
import { gcpTable } from "../../engine/simulation/gcp.ts";
import { projectRoot } from "../../shared/paths.ts";

const sdk = path.join(projectRoot, "node_modules/@pulumi/gcp");

/** The inputs of a type, as the SDK declares them. */
async function argsOf(
  token: string,
): Promise<{ readonly required: readonly string[]; readonly optional: readonly string[] }> {
  const [folder = "", file = ""] = (token.split(":")[1] ?? "").split("/");
  const files = await readdir(path.join(sdk, folder));
  // The SDK writes `iammember.d.ts` of a token's `iAMMember`.
  const found = files.find((name) => name.toLowerCase() === `${file}.d.ts`.toLowerCase());
  assert.ok(found, token);
  const text = await readFile(path.join(sdk, folder, found), "utf8");
  const body = /export interface \w+Args \{([\s\S]*?)\n\}/.exec(text)?.[1] ?? "";
  const inputs = [...body.matchAll(/^ {4}(\w+)(\??): /gm)].map(([, name = "", mark = ""]) => ({ name, mark }));
  const named = (mark: string): readonly string[] =>
    inputs.filter((input) => input.mark === mark).map(({ name }) => name);
  return { required: named(""), optional: named("?") };
}

describe("simulated Google Cloud", () => {
  it("takes the inputs that the SDK has, and requires those that it requires", async () => {
    for (const [token, { required, optional }] of Object.entries(gcpTable)) {
      const args = await argsOf(token);
      assert.deepEqual([...required].sort(), [...args.required].sort(), token);
      assert.deepEqual([...optional].sort(), [...args.optional].sort(), token);
    }
  });

  it("replaces for inputs that there are", () => {
    for (const [token, { required, optional, forceNew = [] }] of Object.entries(gcpTable)) {
      const known = new Set([...required, ...optional]);
      assert.deepEqual(
        forceNew.filter((input) => !known.has(input.split(".")[0] ?? "")),
        [],
        token,
      );
    }
  });

  it("changes the labels of nodes in place, and makes another pool for another GPU", () => {
    const pool = gcpTable["gcp:container/nodePool:NodePool"];
    assert.ok(pool);
    const resource = {
      urn: "urn:pulumi:s::p::gcp:container/nodePool:NodePool::gpu",
      type: "gcp:container/nodePool:NodePool",
    };
    const inputs = (gpu: string, team: string) => ({
      cluster: "c",
      nodeConfig: { guestAccelerators: [{ type: gpu, count: 1 }], resourceLabels: { team } },
    });
    const { inputs: before } = checkInputs(resource, pool, undefined, inputs("nvidia-l4", "a"));
    const changed = (gpu: string, team: string) => {
      const { inputs: after } = checkInputs(resource, pool, before, inputs(gpu, team));
      const { changed, replaces } = diffInputs(resource, pool, { id: "i", inputs: before, outputs: {} }, after);
      return { changed, replaces: replaces.map(({ path }) => path), keepsName: before["name"] === after["name"] };
    };
    assert.deepEqual(changed("nvidia-l4", "b"), { changed: true, replaces: [], keepsName: true });
    const { replaces, keepsName } = changed("nvidia-tesla-t4", "a");
    assert.ok(replaces.includes("nodeConfig.guestAccelerators[0].type"), replaces.join());
    assert.equal(keepsName, false);
  });
});
