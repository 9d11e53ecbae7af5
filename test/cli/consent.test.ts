/** What a person is shown and asked before anything is changed. A real API, and a terminal. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { ensureTool } from "../../tools/tools.ts";
import { copyCheckout, type Checkout } from "../support/checkout.ts";
import { kf, type Ran } from "../support/kf.ts";
import { useSandbox } from "../support/sandbox.ts";
import { object, writeRelease } from "../support/small-release.ts";
import { kfInTerminal, type Answer, type Shown } from "../support/terminal.ts";

describe("kf, before it changes anything", () => {
  const sandbox = useSandbox("cli");
  const namespace = "consent";
  const asked = /Do you want to perform this [^?]*\?/;
  const toBeAnswered = /Do you want[^]*❯ no/;
  let checkout: Checkout;
  let folder: string;
  let kubectl: (...args: readonly string[]) => Promise<string>;

  before(async () => {
    checkout = await copyCheckout();
    folder = await mkdtemp(path.join(os.tmpdir(), "kf-consent-"));
    const tool = await ensureTool("kubectl", () => undefined);
    const { kubeconfig } = sandbox();
    kubectl = async (...args) => (await execa(tool, ["--kubeconfig", kubeconfig, ...args])).stdout;
  });
  after(async () => {
    await checkout.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function release(...names: readonly string[]): Promise<void> {
    const maps = names.map((name) => object("ConfigMap", { namespace, name }, { data: { text: `of ${name}` } }));
    const file = await writeRelease(folder, {
      components: { main: [object("Namespace", { name: namespace }), ...maps] },
    });
    const kubeconfig = await readFile(sandbox().kubeconfig, "utf8");
    await checkout.stack("own", { target: "kubeconfig", kubeconfig, release: file });
  }

  const args = (command: readonly string[]) => [...command, "own", "--engine", "offline"];
  const env = () => ({ KF_DATA_DIR: folder });
  const inTerminal = (command: readonly string[], ...answers: readonly Answer[]): Promise<Shown> =>
    kfInTerminal(args(command), env(), answers, checkout.root);
  const piped = (...command: readonly string[]): Promise<Ran> =>
    kf(args(command), { ...env(), PULUMI_SKIP_CONFIRMATIONS: "" }, checkout.root);
  const maps = async (): Promise<string> =>
    (await kubectl("get", "configmaps", "-n", namespace, "-o", "name"))
      .replace("configmap/kube-root-ca.crt", "")
      .trim();

  it("shows the plan and asks; no changes nothing", async () => {
    await release("one", "two");
    const { code, screen } = await inTerminal(["up"], [toBeAnswered, "no\r"]);
    assert.equal(code, 1, screen);
    assert.match(screen, /\+ kubernetes:core\/v1:ConfigMap consent\/one/);
    assert.match(screen, /preview of own: \d+ to create/);
    assert.match(screen, /Do you want to perform this update of own\?/);
    assert.match(screen, /kf: confirmation declined, not proceeding with the update/);
    assert.equal(await kubectl("get", "namespace", namespace, "--ignore-not-found"), "");
  });

  it("changes nothing after Ctrl-C either", async () => {
    const { code, screen } = await inTerminal(["up"], [toBeAnswered, "\x03"]);
    assert.equal(code, 1, screen);
    assert.match(screen, /kf: confirmation cancelled, not proceeding with the update/);
    assert.equal(await kubectl("get", "namespace", namespace, "--ignore-not-found"), "");
  });

  it("has the details, and applies the plan after yes", async () => {
    const details: Answer = [toBeAnswered, "details\r"];
    const { code, screen } = await inTerminal(["up"], details, [/of one[^]*Do you want[^]*❯ no/, "yes\r"]);
    assert.equal(code, 0, screen);
    assert.match(screen, /up of own: \d+ created/);
    assert.equal(await maps(), "configmap/one\nconfigmap/two");
  });

  it("asks nothing where there is nothing to do", async () => {
    for (const command of ["up", "refresh"]) {
      const { code, screen } = await inTerminal([command]);
      assert.equal(code, 0, screen);
      assert.doesNotMatch(screen, asked);
    }
  });

  it("names in the question what is deleted", async () => {
    await release("one");
    const { code, screen } = await inTerminal(["up"], [toBeAnswered, "no\r"]);
    assert.equal(code, 1, screen);
    assert.match(screen.replaceAll(/\s+/g, ""), /Itdeletes1resource\(kubernetes:core\/v1:ConfigMapconsent\/two\)/);
    assert.equal(await maps(), "configmap/one\nconfigmap/two");
  });

  it("shows the plan and asks nothing with --yes", async () => {
    const { code, screen } = await inTerminal(["up", "--yes"]);
    assert.equal(code, 0, screen);
    assert.match(screen, /preview of own: 1 to delete[^]*up of own: 1 deleted/);
    assert.doesNotMatch(screen, asked);
    assert.equal(await maps(), "configmap/one");
  });

  it("takes drift into the state after yes only", async () => {
    await kubectl("delete", "configmap", "one", "-n", namespace);
    const { code, screen } = await inTerminal(["refresh"], [toBeAnswered, "no\r"]);
    assert.equal(code, 1, screen);
    assert.match(screen, /preview of refresh of own: 1 to delete/);
    const preview = await piped("refresh", "--preview-only");
    assert.equal(preview.code, 0, preview.stderr);
    assert.match(preview.stdout, /- kubernetes:core\/v1:ConfigMap consent\/one[^]*1 to delete/);
    assert.equal((await inTerminal(["refresh"], [toBeAnswered, "yes\r"])).code, 0);
  });

  it("shows no plan with --skip-preview, and asks nothing", async () => {
    const { code, stdout, stderr } = await piped("up", "-f");
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout, /preview/);
    assert.match(stdout, /up of own: 1 created/);
  });

  it("looks first with --refresh, and shows every property with --diff", async () => {
    await kubectl("delete", "configmap", "one", "-n", namespace);
    const { code, stdout, stderr } = await piped("up", "-r", "-y", "--diff");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\+ kubernetes:core\/v1:ConfigMap consent\/one\n(.*\n)*? +text: of one/);
    assert.match(stdout, /preview of own: 1 to create[^]*up of own: 1 created/);
    assert.equal(await maps(), "configmap/one");
  });

  it("lists what a destroy deletes, and deletes it after yes only", async () => {
    const preview = await piped("destroy", "--preview-only", "--json");
    assert.equal(preview.code, 0, preview.stderr);
    const { planned, summary } = JSON.parse(preview.stdout) as { planned: boolean; summary: { delete: number } };
    assert.equal(planned, true);
    const declined = await inTerminal(["destroy"], [toBeAnswered, "\r"]);
    assert.equal(declined.code, 1, declined.screen);
    assert.ok(declined.screen.replaceAll(/\s+/g, "").includes(`Itdeletes${String(summary.delete)}resources(`));
    assert.equal(await maps(), "configmap/one");
    const { code, screen } = await inTerminal(["destroy"], [toBeAnswered, "yes\r"]);
    assert.equal(code, 0, screen);
    assert.equal(await kubectl("get", "namespace", namespace, "--ignore-not-found"), "");
  });
});
