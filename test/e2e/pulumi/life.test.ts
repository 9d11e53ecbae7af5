/**
 * Kubeflow by the real Pulumi CLI and its real Kubernetes provider, on a real API server: the steps of the README as
 * they are written there, then all that a user does to a stack. One stack; the tests build on each other, in order.
 */
import assert from "node:assert/strict";
import { execa } from "execa";
import { listEverything, notReady, type Listing } from "../../support/listing.ts";
import { usePulumiWorkspace } from "../../support/pulumi-workspace.ts";
import { readmeCommands } from "../../support/readme.ts";
import { ensureTool } from "../../../tools/tools.ts";

describe("Kubeflow by the Pulumi CLI", function () {
  this.timeout(20 * 60_000);
  const workspace = usePulumiWorkspace({ mirror: true, minutes: 15 });
  let kubeconfig: string;
  let empty: Listing;
  let installed: Listing;

  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const tool = await ensureTool("kubectl", () => undefined);
    return (await execa(tool, ["--kubeconfig", kubeconfig, ...args])).stdout;
  };

  before(async () => {
    kubeconfig = await workspace().startSandbox();
    empty = await listEverything(kubeconfig);
  });

  it("previews and comes up by the README's steps, as written", async () => {
    // The packages are there, the backend is the test's, and nobody is there to answer.
    const script = (await readmeCommands("With the Pulumi CLI"))
      .filter((command) => command !== "npm ci")
      .map((command) => (command.startsWith("pulumi login --local") ? "pulumi whoami" : command))
      .map((command) => (command === "pulumi up" ? "pulumi up --yes" : command))
      .join("\n");
    const { exitCode, stdout, stderr } = await execa("bash", ["-euo", "pipefail", "-c", script], {
      cwd: workspace().checkout.root,
      env: workspace().env,
      reject: false,
      maxBuffer: 500_000_000,
    });
    assert.equal(exitCode, 0, `${script}\n${stdout.slice(-5000)}\n${stderr.slice(-5000)}`);
    installed = await listEverything(kubeconfig);
    assert.deepEqual(await notReady(kubeconfig), []);
    const { stdout: state } = await workspace().expectPulumi(["stack", "export", "--stack", "local-dev"]);
    assert.ok(!state.includes(workspace().checkout.root), "no path of this machine is in the state");
  });

  it("finds nothing to do the second time, nor in a refresh", async () => {
    assert.deepEqual(await workspace().changes(["preview"]), []);
    assert.deepEqual(await workspace().changes(["up", "--yes", "--skip-preview"]), []);
    assert.deepEqual(
      (await workspace().changes(["refresh", "--yes", "--skip-preview"])).filter(({ op }) => op !== "refresh"),
      [],
    );
    assert.deepEqual(await workspace().changes(["up", "--yes", "--skip-preview"]), []);
  });

  it("finds what somebody changed, and puts it back", async () => {
    const image = "ml-pipeline-api-server=registry.example.com/other:1";
    await kubectl("-n", "kubeflow", "set", "image", "deployment/ml-pipeline", image);
    await workspace().changes(["refresh", "--yes", "--skip-preview"]);
    const mended = await workspace().changes(["up", "--yes", "--skip-preview"]);
    assert.deepEqual(
      mended.map(({ op, urn, diff }) => [op, urn.split("::").at(-1), diff]),
      [["update", "kubeflow/ml-pipeline", ["spec.template.spec.containers[0].image"]]],
    );
  });

  it("has a change of the configuration alone in its plan", async () => {
    await workspace().expectPulumi(["config", "set", "--path", "rotate.admin-password", "again"]);
    const planned = await workspace().changes(["preview"]);
    assert.ok(planned.length > 0 && planned.length < 10, JSON.stringify(planned));
    await workspace().expectPulumi(["config", "rm", "--path", "rotate.admin-password"]);
    assert.deepEqual(await workspace().changes(["preview"]), []);
  });

  it("finds nothing to do with all of the CRDs' texts, once they are there", async () => {
    await workspace().expectPulumi(["config", "set", "crds", "full"]);
    const changed = await workspace().changes(["up", "--yes", "--skip-preview"]);
    assert.ok(
      changed.every(({ op, urn }) => op === "update" && urn.includes("CustomResourceDefinition")),
      JSON.stringify(changed.slice(0, 3)),
    );
    assert.ok(changed.length > 40, String(changed.length));
    assert.deepEqual(await workspace().changes(["preview"]), []);
  });

  it("keeps to the policy pack", async () => {
    const { stdout } = await workspace().expectPulumi(["preview", "--policy-pack", "policy"]);
    assert.match(stdout, /kubeflow@v?[\d.]+ \(local: policy\)/);
  });

  it("does not delete what is protected, and names it", async () => {
    const { stdout } = await workspace().expectPulumi(["stack", "--show-urns"]);
    const urn = /urn:\S+::kubeflow\/ml-pipeline(?=\s)/.exec(stdout)?.[0] ?? "";
    await workspace().expectPulumi(["state", "protect", urn, "--yes"]);
    const refused = await workspace().pulumi(["destroy", "--yes", "--skip-preview", "--target", urn]);
    assert.notEqual(refused.exitCode, 0);
    assert.ok(`${refused.stdout}${refused.stderr}`.includes("kubeflow/ml-pipeline"), refused.stdout.slice(-3000));
    await workspace().expectPulumi(["state", "unprotect", urn, "--yes"]);
  });

  it("removes everything, and leaves what was there before", async () => {
    await workspace().changes(["destroy", "--yes", "--skip-preview"]);
    const left = [...(await listEverything(kubeconfig))].filter((item) => !empty.has(item));
    assert.deepEqual(left, []);
    assert.ok(installed.size > empty.size + 600);
  });
});
