/** From the offline engine to the Pulumi CLI and back: each goes on with the state that the other one exports. */
import assert from "node:assert/strict";
import { execa } from "execa";
import type { DriftReport } from "../../../cli/drift/report.ts";
import type { StackResult } from "../../../cli/operation.ts";
import { ensureTool } from "../../../tools/tools.ts";
import { kf } from "../../support/kf.ts";
import { usePulumiWorkspace } from "../../support/pulumi-workspace.ts";

describe("state of the offline engine in the Pulumi CLI", function () {
  this.timeout(180_000);
  const workspace = usePulumiWorkspace();

  let kubeconfig: string;

  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await kf(args, workspace().env, workspace().checkout.root);
    assert.equal(code, 0, stdout.slice(-3000) + stderr.slice(-3000));
    return stdout;
  };

  before(async () => {
    kubeconfig = await workspace().startSandbox();
    await workspace().checkout.stack("moved", { target: "sandbox", release: "sample" });
    await workspace().expectPulumi(["stack", "init", "moved"]);
  });

  it("is imported, and a preview by the CLI shows nothing to do in the cluster", async () => {
    await run("up", "moved", "--skip-preview");
    const exported = await run("state", "export", "moved");
    await workspace().expectPulumi(["stack", "import", "--stack", "moved"], 0, { input: exported });
    const result = JSON.parse(await run("preview", "moved", "--engine", "pulumi", "--json")) as StackResult;
    assert.deepEqual(
      result.steps.filter(({ op }) => op !== "same").map(({ op, urn, diffs }) => [op, urn, diffs]),
      [],
    );
    assert.ok(result.summary.same > 30);
  });

  it("is changed by the CLI, comes back, and a preview by the offline engine shows nothing to do", async () => {
    await run("up", "moved", "--skip-preview", "--engine", "pulumi");
    const back = "pulumi stack export --stack moved | node cli/main.ts state import moved";
    const { env, checkout } = workspace();
    const { stdout } = await execa("bash", ["-o", "pipefail", "-c", back], { cwd: checkout.root, env });
    assert.match(stdout, /^moved: \d+ resources imported\nthe state before it: \S+moved-set-aside-\S+$/);
    const result = JSON.parse(await run("preview", "moved", "--refresh", "--json")) as StackResult;
    assert.deepEqual(
      result.steps.filter(({ op }) => op !== "same").map(({ op, urn, diffs }) => [op, urn, diffs]),
      [],
    );
    // Exits with 3 where there is drift.
    await run("drift", "moved");
  });

  it("is looked at for drift where it is, in the CLI's backend", async () => {
    assert.match(await run("drift", "moved", "--engine", "pulumi"), /no drift/i);
    const tool = await ensureTool("kubectl", () => undefined);
    await execa(tool, ["--kubeconfig", kubeconfig, "delete", "configmap", "web-config", "--namespace", "sample-apps"]);
    const { code, stdout, stderr } = await kf(
      ["drift", "moved", "--engine", "pulumi", "--json"],
      workspace().env,
      workspace().checkout.root,
    );
    assert.equal(code, 3, stderr);
    assert.deepEqual(
      (JSON.parse(stdout) as DriftReport).drifts.map(({ name, is }) => [name, is]),
      [["ConfigMap/sample-apps/web-config", "gone"]],
    );
  });
});
