/** From the offline engine to the Pulumi CLI: the state that `kf state export` prints is what the CLI goes on with. */
import assert from "node:assert/strict";
import type { StackResult } from "../../../cli/operation.ts";
import { kf } from "../../support/kf.ts";
import { usePulumiWorkspace } from "../../support/pulumi-workspace.ts";

describe("state of the offline engine in the Pulumi CLI", function () {
  this.timeout(180_000);
  const workspace = usePulumiWorkspace();

  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await kf(args, workspace().env, workspace().checkout.root);
    assert.equal(code, 0, stdout.slice(-3000) + stderr.slice(-3000));
    return stdout;
  };

  before(async () => {
    await workspace().checkout.stack("moved", { target: "sandbox", release: "sample" });
    await workspace().expectPulumi(["stack", "init", "moved"]);
  });

  it("is imported, and a preview by the CLI shows nothing to do in the cluster", async () => {
    await run("up", "moved", "--skip-preview");
    const exported = await run("state", "export", "moved");
    await workspace().expectPulumi(["stack", "import", "--stack", "moved"], 0, { input: exported });
    const result = JSON.parse(await run("preview", "moved", "--engine", "pulumi", "--json")) as StackResult;
    // The CLI notes with a provider which version of its plugin the program asks for; the cluster has nothing of it.
    assert.deepEqual(
      result.steps
        .filter(({ op }) => op !== "same")
        .map(({ op, type, diffs }) => [op, type, diffs.map((diff) => diff.path)]),
      [["update", "pulumi:providers:kubernetes", ["version"]]],
    );
    assert.ok(result.summary.same > 30);
  });
});
