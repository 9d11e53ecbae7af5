/** Stacks of one's own cluster before there is a kubeconfig: planned, and told so; never changed. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { StackResult } from "../../cli/operation.ts";
import { copyCheckout, type Checkout } from "../support/checkout.ts";
import { kf } from "../support/kf.ts";

const onprem = {
  domain: "example.com",
  ingress: { kind: "node-port" },
  storage: { defaultClass: "fast" },
  database: { host: "mysql.example.com", passwordSecret: "database-password" },
};
const stack = { target: "kubeconfig", release: "sample", context: "own" };

describe("a stack of one's own cluster without a kubeconfig", () => {
  let checkout: Checkout;
  let data: string;
  before(async () => {
    checkout = await copyCheckout();
    data = await mkdtemp(path.join(os.tmpdir(), "kf-clusterless-"));
    await checkout.stack("own", { ...stack, onprem });
    await checkout.stack("plain", stack);
  });
  after(async () => {
    await Promise.all([checkout.close(), rm(data, { recursive: true, force: true })]);
  });

  const run = (args: readonly string[]) => kf([...args, "--quiet"], { KF_DATA_DIR: data }, checkout.root);

  it("is planned without a cluster, which the report says, with stand-ins for its secrets", async () => {
    const { stdout, stderr } = await run(["preview", "own", "--json"]);
    const result = JSON.parse(stdout) as StackResult;
    assert.equal(result.simulated, true, stderr);
    const messages = result.diagnostics.map(({ message }) => message).join("\n");
    // The sample release is for the sandbox only, so all that is wrong is that.
    assert.match(messages, /sample release is not Kubeflow/);
    assert.doesNotMatch(messages, /kubeflow:onprem|kubeflow:secrets|ENOTFOUND|ECONNREFUSED/);
    assert.match(messages, /offline plan: kubeflow:kubeconfig is not set, so no cluster was asked/);
    assert.match(messages, /stand-ins for the secrets database-password/);
  });

  it("is not changed, with the remedy, before anything is begun", async () => {
    const { code, stdout, stderr } = await run(["up", "own"]);
    assert.equal(code, 2, stdout);
    assert.match(stderr, /kubeflow:kubeconfig: not set, so there is no cluster to change/);
    assert.match(stderr, /pulumi config set --secret kubeconfig < FILE/);
    assert.match((await run(["up", "own", "--engine", "offline"])).stderr, /kubeflow:kubeconfig: not set/);
  });

  it("is not planned when nothing is told of the cluster", async () => {
    const { code, stdout, stderr } = await run(["preview", "plain"]);
    assert.equal(code, 1);
    assert.match(stdout + stderr, /kubeflow:kubeconfig: not set; allowed: the contents of a kubeconfig/);
  });
});
