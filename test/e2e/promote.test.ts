/**
 * A promotion chain of three clusters, end to end: dev, staging and prod are sandboxes of their own, and a release of
 * our own writing (not Kubeflow) goes from one to the next. A gate that refuses, a kill at every point, a rollback.
 */
import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import type { Outcome } from "../../cli/promote/change.ts";
import type { EnvironmentStatus } from "../../cli/promote/status.ts";
import { projectRoot } from "../../shared/paths.ts";
import { ensureTool } from "../../tools/tools.ts";
import { copyCheckout, type Checkout } from "../support/checkout.ts";
import { kf } from "../support/kf.ts";
import { object, writeRelease } from "../support/small-release.ts";
import { useSandbox } from "../support/sandbox.ts";

const namespace = "promoted";
const volume = `${namespace}/scratch`;
const image = (digit: string): string => `registry.example.com/app:1.0@sha256:${digit.repeat(64)}`;

/** One that is in the version, and a volume claim that the second version does without. */
function objects(version: "v1" | "v2"): readonly unknown[] {
  const labels = { app: "app" };
  const resources = { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "64Mi" } };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: "app", image: image(version === "v1" ? "1" : "2"), resources }] },
  };
  const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
  return [
    object("Namespace", { name: namespace }),
    object("ConfigMap", { namespace, name: "version" }, { data: { version } }),
    object(
      "Deployment",
      { namespace, name: "app" },
      {
        apiVersion: "apps/v1",
        spec: { selector: { matchLabels: labels }, template },
      },
    ),
    ...(version === "v1" ? [object("PersistentVolumeClaim", { namespace, name: "scratch" }, { spec: claim })] : []),
  ];
}

describe("a promotion chain", function () {
  this.timeout(10 * 60_000);
  const clusters = {
    dev: useSandbox("promote-dev"),
    staging: useSandbox("promote-staging"),
    prod: useSandbox("promote-prod"),
  };
  type Environment = keyof typeof clusters;
  let checkout: Checkout;
  let data: string;
  let env: Record<string, string>;

  const stackFile = (name: string): string => path.join(checkout.root, "stacks", "config", `Pulumi.${name}.yaml`);
  const run = (...args: readonly string[]) => kf([...args, "--quiet"], env, checkout.root);

  async function up(environment: Environment): Promise<void> {
    const { code, stdout, stderr } = await run("up", `demo-${environment}`, "--engine", "offline");
    assert.equal(code, 0, `${stdout}\n${stderr}`);
  }

  async function change(code: number, ...args: readonly string[]): Promise<Outcome> {
    const ran = await run(...args, "--json", "--engine", "offline");
    assert.equal(ran.code, code, `${ran.stdout.slice(0, 4000)}\n${ran.stderr}`);
    return JSON.parse(ran.stdout) as Outcome;
  }

  const refusedGates = ({ gates }: Outcome): readonly string[] =>
    gates.filter(({ result }) => result === "refused").map(({ gate }) => gate);

  async function versionIn(environment: Environment): Promise<string> {
    const kubectl = await ensureTool("kubectl", () => undefined);
    const where = ["--kubeconfig", clusters[environment]().kubeconfig, "-n", namespace];
    return (await execa(kubectl, [...where, "get", "configmap", "version", "-o", "jsonpath={.data.version}"])).stdout;
  }

  async function statusOf(environment: Environment): Promise<EnvironmentStatus> {
    const { code, stdout, stderr } = await run("promote", "--status", "--json");
    assert.equal(code, 0, stderr);
    const found = (JSON.parse(stdout) as readonly EnvironmentStatus[]).find(
      ({ stack }) => stack === `demo-${environment}`,
    );
    assert.ok(found);
    return found;
  }

  /** Every file that a promotion may touch, by name. */
  async function files(): Promise<ReadonlyMap<string, string>> {
    const folders = [path.join(checkout.root, "stacks"), path.join(checkout.root, "releases")];
    const all = await Promise.all(folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })));
    const names = all
      .flat()
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => path.join(parentPath, name));
    const texts = names.map(
      async (name) => [path.relative(checkout.root, name), await readFile(name, "utf8")] as const,
    );
    return new Map((await Promise.all(texts)).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  before(async () => {
    checkout = await copyCheckout();
    data = await mkdtemp(path.join(os.tmpdir(), "kf-promote-"));
    env = { KF_DATA_DIR: data, KF_STATE_DIR: path.join(data, "stacks"), GITHUB_ACTOR: "ada" };
    const releases = path.join(checkout.root, "releases");
    await writeRelease(releases, { components: { v1: objects("v1") } });
    for (const environment of ["dev", "staging", "prod"] as const) {
      if (environment !== "dev")
        await cp(path.join(releases, "lock.yaml"), path.join(releases, `demo-${environment}.yaml`));
      const config = stringify({
        "kubeflow:kubeconfig": await readFile(clusters[environment]().kubeconfig, "utf8"),
        "kubeflow:adminEmail": `admin@${environment}.example.com`,
      });
      const text = `# The ${environment} of the demo.
config:
  kubeflow:target: kubeconfig
  kubeflow:environment: ${environment}
  # Only promoted.
  kubeflow:release: releases/${environment === "dev" ? "lock" : `demo-${environment}`}.yaml
${config.replaceAll(/^/gm, "  ").trimEnd()}
  kubeflow:promotion: { soakHours: 0 } # a test has no time
`;
      await writeFile(stackFile(`demo-${environment}`), text);
      await up(environment);
    }
  });

  after(async () => {
    await checkout.close();
    await rm(data, { recursive: true, force: true });
  });

  it("says that an environment has the release already, and changes nothing", async () => {
    const before = await files();
    assert.equal((await change(0, "promote", "demo-dev", "demo-staging")).result, "present");
    assert.deepEqual(await files(), before);
    assert.equal((await statusOf("prod")).behind?.same, true);
  });

  it("refuses what does not run in dev yet, what would lose data, and what skips an environment", async () => {
    await writeRelease(path.join(checkout.root, "releases"), { components: { v2: objects("v2") } });
    const before = await files();
    const early = await change(1, "promote", "demo-dev", "demo-staging");
    assert.deepEqual(refusedGates(early), ["lock", "soak", "destructive"]);
    await up("dev");
    const lossy = await change(1, "promote", "demo-dev", "demo-staging");
    assert.deepEqual(refusedGates(lossy), ["destructive"]);
    assert.match(
      lossy.gates.at(-1)?.evidence ?? "",
      /PersistentVolumeClaim promoted\/scratch: it is deleted, and with it the data/,
    );
    const skipping = await change(1, "promote", "demo-dev", "demo-prod", "--acknowledge", volume);
    assert.deepEqual(refusedGates(skipping), ["order"]);
    const reason = ["--skip-reason", "a hole is open in prod"];
    const dry = await change(0, "promote", "demo-dev", "demo-prod", "--acknowledge", volume, "--dry-run", ...reason);
    assert.equal(dry.result, "dry-run");
    assert.deepEqual(await files(), before);
  });

  it("is ended by the next run, wherever it is killed", async () => {
    const before = await files();
    const config = path.join("stacks", "config", "Pulumi.demo-staging.yaml");
    const lock = path.join("releases", "demo-staging.yaml");
    const folder = path.join(checkout.root, "stacks", "promotions", "demo-staging");
    const program = path.join(projectRoot, "test", "e2e", "programs", "killed-promotion.ts");
    // The note, the lock, the record; the configuration names the same lock as before.
    for (const point of [1, 2, 3]) {
      const args = [program, checkout.root, "demo-dev", "demo-staging", String(point), volume];
      const { signal } = await execa(process.execPath, args, { env, reject: false, cwd: checkout.root });
      assert.equal(signal, "SIGKILL");
      assert.ok((await statusOf("staging")).unfinished, `killed at ${String(point)}`);
      const torn = await files();
      for (const file of [config, lock])
        assert.ok([before.get(file), before.get(path.join("releases", "lock.yaml"))].includes(torn.get(file)), file);
      const outcome = await change(0, "promote", "demo-dev", "demo-staging");
      assert.equal(outcome.result, "present");
      const whole = await files();
      assert.equal(whole.get(lock), before.get(path.join("releases", "lock.yaml")));
      assert.deepEqual(await readdir(folder), [`${String(outcome.finished)}.yaml`]);
      assert.equal((await statusOf("staging")).unfinished, undefined);
      if (point === 3) break;
      await rm(folder, { recursive: true });
      await writeFile(path.join(checkout.root, lock), before.get(lock) ?? "");
    }
    const { promoted, running } = await statusOf("staging");
    assert.deepEqual([promoted?.by, promoted?.from, running?.upToDate], ["ada", "demo-dev", false]);
  });

  it("goes on to prod after an up, and asks staging for its health first", async () => {
    await up("staging");
    assert.equal(await versionIn("staging"), "v2");
    assert.equal(await versionIn("prod"), "v1");
    const kubectl = await ensureTool("kubectl", () => undefined);
    const where = ["--kubeconfig", clusters.staging().kubeconfig, "-n", namespace];
    await execa(kubectl, [...where, "delete", "deployment", "app"]);
    const sick = await change(1, "promote", "demo-staging", "demo-prod", "--acknowledge", volume);
    assert.deepEqual(refusedGates(sick), ["health"]);
    const { code, stdout } = await run("refresh", "demo-staging", "--engine", "offline");
    assert.equal(code, 0, stdout);
    await up("staging");
    const text = await readFile(stackFile("demo-prod"), "utf8");
    const outcome = await change(0, "promote", "demo-staging", "demo-prod", "--acknowledge", volume);
    assert.equal(outcome.result, "written");
    assert.equal(await readFile(stackFile("demo-prod"), "utf8"), text);
    assert.equal(await versionIn("prod"), "v1");
    await up("prod");
    assert.equal(await versionIn("prod"), "v2");
    assert.equal((await statusOf("prod")).behind?.same, true);
  });

  it("rolls prod back to what it had, and says so", async () => {
    const outcome = await change(0, "rollback", "demo-prod");
    assert.equal(outcome.result, "written");
    await up("prod");
    assert.equal(await versionIn("prod"), "v1");
    const { promoted, behind } = await statusOf("prod");
    assert.equal(promoted?.kind, "rollback");
    assert.deepEqual([behind?.stack, behind?.promotions, behind?.same], ["demo-staging", 1, false]);
    const again = await run("rollback", "demo-prod");
    assert.equal(again.code, 1);
    assert.match(again.stderr, /no promotion is recorded/);
  });
});
