import assert from "node:assert/strict";
import { copyCheckout, type Checkout } from "../support/checkout.ts";
import { kf } from "../support/kf.ts";

describe("kf cost", () => {
  let checkout: Checkout;
  before(async () => {
    checkout = await copyCheckout();
    await checkout.stack("cloud", {
      target: "gke",
      gke: {
        project: "example-kubeflow-dev",
        projectNumber: "123456789012",
        region: "us-central1",
        zones: ["us-central1-a"],
        domain: "dev.example.com",
        gpuPools: [{ name: "t4", gpu: "t4", max: 2 }],
        budget: { monthlyUsd: 500, emails: ["team@example.com"] },
      },
      prices: { "load-balancer": 0.02, typo: 1 },
    });
  });
  after(() => checkout.close());

  const cost = (...args: readonly string[]) => kf(["cost", ...args], {}, checkout.root);

  it("prints lines, sums, budget, what has no price and why, and where and when prices were read", async () => {
    const { code, stdout, stderr } = await cost("cloud");
    assert.equal(code, 0, stderr);
    for (const words of [
      /cloud: Google Cloud, us-central1; 730 hours a month/,
      /load balancer.*load-balancer.*0\.02 \/ hour.*14\.60.*price set in the stack/,
      /pool t4: GPUs.*nvidia-tesla-t4.*unverified/,
      /artifacts.*by use/,
      /^floor.*USD a month, without 1 item that has no price \(pools at min: 2 nodes, 0 GPUs with 0 GiB\)/m,
      /^ceiling.*USD a month.*\(pools at max: 8 nodes, 2 GPUs with 32 GiB\)/m,
      /^budget +500\.00 USD a month: the floor is within it as far as it has prices, the ceiling exceeds it/m,
      /database endpoint \(private-service-connect\): no price of private-service-connect is known/,
      /kubeflow:prices\.typo: nothing in this stack is billed so/,
      /2026-08-03 {2}cloudpilot-ai\/karpenter-provider-gcp/,
      /\(unverified: no page of Google's was read for it\)/,
    ]) {
      assert.match(stdout, words);
    }
  });

  it("prints the same as JSON, sources and dates included", async () => {
    const { code, stdout } = await cost("cloud", "--json");
    assert.equal(code, 0);
    const found = JSON.parse(stdout) as {
      readonly stack: string;
      readonly ceiling: { readonly gpus: number };
      readonly items: readonly { readonly what: string; readonly source?: { readonly asOf: string } }[];
      readonly sources: readonly { readonly asOf: string; readonly where: string }[];
    };
    assert.equal(found.stack, "cloud");
    assert.equal(found.ceiling.gpus, 2);
    assert.equal(found.items.find(({ what }) => what === "system pool")?.source?.asOf, "2026-08-03");
    assert.ok(found.sources.length > 1);
  });

  it("compares clouds, as a table and as JSON", async () => {
    const { code, stdout } = await cost("--compare", "l4=4,h100=8", "--region", "europe-west4");
    assert.equal(code, 0);
    assert.match(stdout, /AWS.*us-east-1.*4 l4.*4 x g6\.xlarge.*2,350\.02/);
    assert.match(stdout, /Google Cloud.*europe-west4.*8 h100.*1 x a3-highgpu-8g.*82,154\.55/);
    assert.match(stdout, /Azure.*has no l4/);
    const json = JSON.parse((await cost("--compare", "l4=1", "--json")).stdout) as {
      readonly clouds: readonly unknown[];
    };
    assert.equal(json.clouds.length, 3);
  });

  it("says that nobody bills a sandbox", async () => {
    const { code, stdout } = await cost("local-dev");
    assert.equal(code, 0);
    assert.equal(stdout.trimEnd(), "local-dev: a sandbox on this machine; no cloud bills it.");
  });

  const wrong: readonly (readonly [title: string, args: readonly string[], message: RegExp])[] = [
    ["nothing", [], /name a stack, or say --compare/],
    ["both", ["cloud", "--compare", "l4=1"], /not both/],
    ["a region for a stack", ["cloud", "--region", "us-central1"], /--region is for --compare/],
    ["an unknown stack", ["nope"], /Unknown stack nope\. Known: .*cloud/],
    ["an unknown GPU", ["--compare", "l5=1"], /unknown GPU "l5"; known: t4/],
  ];
  for (const [title, args, message] of wrong) {
    it(`exits with 2, given ${title}`, async () => {
      const { code, stdout, stderr } = await cost(...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, "");
    });
  }
});
