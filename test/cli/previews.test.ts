import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { StackResult } from "../../cli/operation.ts";
import { copyCheckout, type Checkout } from "../support/checkout.ts";
import { kf } from "../support/kf.ts";

describe("kf preview of several stacks", () => {
  let checkout: Checkout;
  let data: string;
  before(async () => {
    checkout = await copyCheckout();
    data = await mkdtemp(path.join(os.tmpdir(), "kf-previews-"));
  });
  after(async () => {
    await Promise.all([checkout.close(), rm(data, { recursive: true, force: true })]);
  });

  it("has one report a stack, in a list, and what is wrong with one does not stop the others", async () => {
    const gke = {
      project: "example-kubeflow-dev",
      projectNumber: "111122223333",
      region: "europe-west4",
      zones: ["europe-west4-a"],
      domain: "kubeflow-dev.example.com",
      admins: ["group:kubeflow-admins@example.com"],
    };
    const sample = { target: "gke", release: "sample", kubernetesVersion: "1.35.0" };
    await checkout.stack("one-sample", { ...sample, gke: { ...gke, protection: "none" } });
    await checkout.stack("one-wrong", { ...sample, gke: { ...gke, zones: [] } });
    await checkout.stack("other", { target: "sandbox", release: "sample" });
    const args = ["preview", "one-*", "one-sample", "--json", "--quiet"];
    const { code, stdout, stderr } = await kf(args, { KF_DATA_DIR: data }, checkout.root);
    assert.equal(code, 1, stderr);
    const results = JSON.parse(stdout) as readonly StackResult[];
    assert.deepEqual(
      results.map(({ stack, failed, simulated }) => [stack, failed, simulated]),
      [
        ["one-sample", true, true],
        ["one-wrong", true, undefined],
      ],
    );
    const messages = results.map(({ diagnostics }) => diagnostics.map(({ message }) => message).join("\n"));
    // It is planned, and then refused by the platform.
    assert.ok((results[0]?.summary.create ?? 0) > 0);
    assert.match(messages[0] ?? "", /sample release is not Kubeflow[^]*offline plan, simulated providers/);
    assert.match(messages[1] ?? "", /kubeflow:gke.zones/);
  });
});
