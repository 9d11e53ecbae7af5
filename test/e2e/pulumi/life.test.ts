/**
 * Kubeflow by the real Pulumi CLI and its real Kubernetes provider, on a real API server: the steps of the README as
 * they are written there, then all that a user does to a stack. One stack; the tests build on each other, in order.
 */
import assert from "node:assert/strict";
import path from "node:path";
import { execa } from "execa";
import { kf } from "../../support/kf.ts";
import { changesOf, readEvents, type LoggedStep } from "../../support/event-log.ts";
import { listEverything, notReady, type Listing } from "../../support/listing.ts";
import { neededMirror } from "../../support/mirror.ts";
import { openPulumiWorkspace, type PulumiWorkspace } from "../../support/pulumi-workspace.ts";
import { readmeCommands } from "../../support/readme.ts";
import { ensureTool } from "../../../tools/tools.ts";

describe("Kubeflow by the Pulumi CLI", function () {
  this.timeout(20 * 60_000);
  let workspace: PulumiWorkspace;
  let kubeconfig: string;
  let empty: Listing;
  let installed: Listing;

  /** Runs `pulumi` and gives what it changed. */
  const run = async (args: readonly string[], code = 0): Promise<readonly LoggedStep[]> => {
    const file = path.join(workspace.folder, `events-${String(Date.now())}.json`);
    // It hides this flag else.
    await workspace.expectPulumi([...args, "--event-log", file], code, { env: { PULUMI_DEBUG_COMMANDS: "true" } });
    return changesOf(await readEvents(file));
  };
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const tool = await ensureTool("kubectl", () => undefined);
    return (await execa(tool, ["--kubeconfig", kubeconfig, ...args])).stdout;
  };

  before(async function () {
    workspace = await openPulumiWorkspace(neededMirror(this));
    const { stdout, stderr, code } = await kf(["sandbox", "start", "--json"], workspace.env, workspace.checkout.root);
    assert.equal(code, 0, stderr);
    kubeconfig = (JSON.parse(stdout) as { readonly kubeconfig: string }).kubeconfig;
    empty = await listEverything(kubeconfig);
    for (const note of workspace.standIns) process.stdout.write(`    STANDS IN: ${note}\n`);
  });

  after(async () => {
    await kf(["sandbox", "stop"], workspace.env, workspace.checkout.root);
    await workspace.close();
  });

  it("previews and comes up by the README's steps, as written", async () => {
    // The packages are there, the backend is the test's, and nobody is there to answer.
    const script = (await readmeCommands("With the Pulumi CLI"))
      .filter((command) => command !== "npm ci")
      .map((command) => (command.startsWith("pulumi login --local") ? "pulumi whoami" : command))
      .map((command) => (command === "pulumi up" ? "pulumi up --yes" : command))
      .join("\n");
    const { exitCode, stdout, stderr } = await execa("bash", ["-euo", "pipefail", "-c", script], {
      cwd: workspace.checkout.root,
      env: workspace.env,
      reject: false,
      maxBuffer: 500_000_000,
    });
    assert.equal(exitCode, 0, `${script}\n${stdout.slice(-5000)}\n${stderr.slice(-5000)}`);
    installed = await listEverything(kubeconfig);
    assert.deepEqual(await notReady(kubeconfig), []);
  });

  it("finds nothing to do the second time, nor in a refresh", async () => {
    assert.deepEqual(await run(["preview"]), []);
    assert.deepEqual(await run(["up", "--yes", "--skip-preview"]), []);
    assert.deepEqual(
      (await run(["refresh", "--yes", "--skip-preview"])).filter(({ op }) => op !== "refresh"),
      [],
    );
    assert.deepEqual(await run(["up", "--yes", "--skip-preview"]), []);
  });

  it("finds what somebody changed, and puts it back", async () => {
    await kubectl("-n", "kubeflow", "scale", "deployment/ml-pipeline-ui", "--replicas=3");
    await run(["refresh", "--yes", "--skip-preview"]);
    const mended = await run(["up", "--yes", "--skip-preview"]);
    assert.deepEqual(
      mended.map(({ op, urn, diff }) => [op, urn.split("::").at(-1), diff]),
      [["update", "kubeflow/ml-pipeline-ui", ["spec.replicas"]]],
    );
  });

  it("removes everything, and leaves what was there before", async () => {
    await run(["destroy", "--yes", "--skip-preview"]);
    const left = [...(await listEverything(kubeconfig))].filter((item) => !empty.has(item));
    assert.deepEqual(left, []);
    assert.ok(installed.size > empty.size + 600);
  });
});
