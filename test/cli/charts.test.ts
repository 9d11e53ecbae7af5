/** Helm charts of a stack, beside its release: our own chart, which has everything, on a real API. */
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { OperationResult } from "../../engine/report.ts";
import { treeDigest } from "../../release/tree.ts";
import { projectRoot } from "../../shared/paths.ts";
import { copyCheckout, type Checkout } from "../support/checkout.ts";
import { kf, type Ran } from "../support/kf.ts";
import { listEverything, notReady } from "../support/listing.ts";
import { useSandbox } from "../support/sandbox.ts";

const fixture = path.join(projectRoot, "test", "release", "helm", "fixtures", "chart");

describe("kf, for a stack with charts", () => {
  const sandbox = useSandbox("charts");
  let checkout: Checkout;
  let folder: string;

  before(async () => {
    checkout = await copyCheckout();
    folder = await mkdtemp(path.join(os.tmpdir(), "kf-charts-"));
    await cp(fixture, path.join(checkout.root, "charts", "demo"), { recursive: true });
    // The sample's lock, with our chart in it, pinned by the digest of its files.
    const sample = path.join(checkout.root, "release", "sample");
    const chart = { name: "demo", version: "1.2.3", path: "charts/demo", sha256: await treeDigest(fixture) };
    const lock = await readFile(path.join(sample, "lock.yaml"), "utf8");
    await writeFile(path.join(sample, "with-chart.yaml"), `${lock}charts: [${JSON.stringify(chart)}]\n`);
  });
  after(async () => {
    await checkout.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(values: Readonly<Record<string, unknown>>, ...args: readonly string[]): Promise<Ran> {
    await checkout.stack("charts", {
      target: "sandbox",
      kubeconfig: await readFile(sandbox().kubeconfig, "utf8"),
      // Relative to the project, wherever kf is started.
      release: "release/sample/with-chart.yaml",
      charts: [{ name: "demo", release: "shop", namespace: "tools", values }],
    });
    return kf([...args, "charts", "--quiet", "--json"], { KF_DATA_DIR: folder }, checkout.root);
  }

  async function report(
    values: Readonly<Record<string, unknown>>,
    ...args: readonly string[]
  ): Promise<OperationResult> {
    const { code, stdout, stderr } = await run(values, ...args);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    return JSON.parse(stdout) as OperationResult;
  }

  it("refuses a value that the chart does not know, with its path and the nearest one", async () => {
    const { code, stdout, stderr } = await run({ service: { prot: 1 } }, "up");
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(
      stderr,
      /chart demo 1\.2\.3 does not take these values:\n {2}kubeflow:charts\[0\]\.values\.service\.prot/,
    );
    assert.match(stderr, /port/);
  });

  it("installs hooks in their order around the rest, changes nothing the second time, and leaves nothing", async () => {
    const { kubeconfig } = sandbox();
    const before = await listEverything(kubeconfig);
    const values = { replicas: 2 };
    const { steps } = await report(values, "up");
    const urns = steps.map(({ urn }) => urn.split("::").slice(-2).join("::").replace(/^.*\$/, ""));
    const place = (name: string): number => {
      const index = urns.indexOf(name);
      assert.ok(index >= 0, `${name} is not there:\n${urns.join("\n")}`);
      return index;
    };
    const inOrder = [
      "kubernetes:core/v1:Namespace::tools",
      "kubernetes:core/v1:ConfigMap::tools/shop-migrate",
      "kubernetes:batch/v1:Job::tools/shop-migrate",
      "kubernetes:apps/v1:Deployment::tools/shop",
      "kubernetes:batch/v1:Job::tools/shop-announce",
    ];
    assert.deepEqual(
      inOrder.toSorted((a, b) => place(a) - place(b)),
      inOrder,
    );
    for (const name of urns.filter((urn) => urn.includes("tools/shop-first") || urn.includes("demo.example"))) {
      assert.ok(place(name) < place("kubernetes:batch/v1:Job::tools/shop-announce"), name);
    }
    assert.ok(!urns.some((urn) => urn.includes("shop-test")), "a test hook was installed");
    assert.deepEqual(await notReady(kubeconfig), []);

    const again = await report(values, "up");
    assert.deepEqual(
      again.steps.filter(({ op }) => op !== "same"),
      [],
    );

    const more = await report({ replicas: 3 }, "up");
    assert.deepEqual(
      more.steps.flatMap(({ op, diffs }) => (op === "same" ? [] : diffs.map((diff) => diff.path))),
      ["spec.replicas"],
    );

    await report(values, "destroy");
    assert.deepEqual(
      [...(await listEverything(kubeconfig))].filter((item) => !before.has(item)),
      [],
    );
  });
});
