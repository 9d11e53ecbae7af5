/**
 * The main job for real: `npm start` on the real release (../shared/mirror or KF_MIRROR), then everything that a user
 * may do to it. One sandbox, one stack; the tests build on each other, in order.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import type { Deployment, SerializedResource } from "../../engine/deployment.ts";
import type { OperationResult } from "../../engine/report.ts";
import { projectRoot } from "../../shared/paths.ts";
import { refused, writes, type RequestStats } from "../../kubernetes/stats.ts";
import { kf, startKf } from "../support/kf.ts";
import { realMirror } from "../support/mirror.ts";
import { listEverything, notReady, type Listing } from "../support/listing.ts";

type Report = OperationResult & { readonly requests: RequestStats };

const kills = 20;

describe("main job", () => {
  let env: Record<string, string>;
  let data: string;
  let kubeconfig: string;
  let empty: Listing;
  let installed: Listing;

  const report = async (args: readonly string[], code = 0): Promise<Report> => {
    const ran = await kf([...args, "--json"], env);
    assert.equal(ran.code, code, `kf ${args.join(" ")}\n${ran.stdout.slice(0, 4000)}\n${ran.stderr.slice(-4000)}`);
    return JSON.parse(ran.stdout) as Report;
  };

  before(async () => {
    const mirror = realMirror();
    assert.ok(mirror, "there is no mirror of the release beside the project: set KF_MIRROR to one");
    data = await mkdtemp(path.join(os.tmpdir(), "kf-e2e-"));
    env = { KF_DATA_DIR: data, KF_MIRROR: mirror };
    const sandbox = await kf(["sandbox", "start", "--json"], env);
    assert.equal(sandbox.code, 0, sandbox.stderr);
    kubeconfig = (JSON.parse(sandbox.stdout) as { readonly kubeconfig: string }).kubeconfig;
    empty = await listEverything(kubeconfig);
  });

  after(async () => {
    await kf(["sandbox", "stop"], env);
    await rm(data, { recursive: true, force: true });
  });

  it("installs the whole release by npm start", async () => {
    const { exitCode, stdout, stderr } = await execa("npm", ["start", "--silent", "--", "--json"], {
      cwd: projectRoot,
      env,
      reject: false,
    });
    assert.equal(exitCode, 0, `${stdout}\n${stderr}`);
    const facts = JSON.parse(stdout) as {
      readonly outputs: { readonly objects: number };
      readonly requests: RequestStats;
    };
    assert.equal(facts.outputs.objects, 675);
    assert.equal(refused(facts.requests), 0, JSON.stringify(facts.requests));
    installed = await listEverything(kubeconfig);
    assert.deepEqual(await notReady(kubeconfig), []);
  });

  it("finds nothing to do the second time, and writes nothing", async () => {
    const { summary, requests } = await report(["up"]);
    assert.deepEqual([summary.create, summary.update, summary.replace, summary.delete], [0, 0, 0, 0]);
    assert.equal(writes(requests), 0, JSON.stringify(requests));
  });

  it("has in its state what the program registers under Pulumi's own monitor, property for property", async () => {
    const config = {
      "kubeflow:target": "sandbox",
      "kubeflow:release": "26.03",
      "kubeflow:kubeconfig": await readFile(kubeconfig, "utf8"),
    };
    const child = path.join(projectRoot, "test", "e2e", "programs", "under-mocks.ts");
    const { stdout } = await execa(process.execPath, [child, "kubeflow", "local-dev"], {
      env: { ...env, PULUMI_CONFIG: JSON.stringify(config) },
      maxBuffer: 500_000_000,
    });
    const registered = JSON.parse(stdout) as readonly RegisteredUnderMocks[];
    const { deployment } = JSON.parse((await kf(["state", "export"], env)).stdout) as Deployment;
    const kept = deployment.resources ?? [];
    // The mocks tell neither of the stack itself nor of default providers, which the engine makes.
    const ours = kept.map(shortened).filter(([name]) => !/^pulumi:pulumi:Stack|::default_/.test(name));
    assert.ok(ours.length > 675);
    assert.deepEqual(new Map(ours), new Map(registered.map(({ type, name, inputs }) => [`${type}::${name}`, inputs])));
  });

  it("sees no drift in what nobody touched", async () => {
    const { steps } = await report(["refresh", "--preview-only"]);
    assert.deepEqual(
      steps.filter(({ op }) => op !== "same"),
      [],
    );
  });

  it("finds what somebody changed, and puts it back", async () => {
    const { kubectl } = JSON.parse((await kf(["tools", "--json"], env)).stdout) as { readonly kubectl: string };
    const change = ["set", "image", "deployment/ml-pipeline", "ml-pipeline-api-server=registry.example.com/other:1"];
    await execa(kubectl, ["--kubeconfig", kubeconfig, "-n", "kubeflow", ...change]);
    const drift = await report(["refresh"]);
    assert.deepEqual(
      drift.steps.filter(({ op }) => op !== "same").map(({ urn, op }) => [urn.split("::").at(-1), op]),
      [["kubeflow/ml-pipeline", "update"]],
    );
    const { summary } = await report(["up"]);
    assert.equal(summary.update, 1);
    assert.deepEqual(await notReady(kubeconfig), []);
  });

  it("keeps its state below 4 MB, with no secret in clear", async () => {
    const size = JSON.parse((await kf(["state", "size", "--json"], env)).stdout) as { readonly bytes: number };
    assert.ok(size.bytes <= 4_000_000, `${String(size.bytes)} bytes`);
    const exported = (await kf(["state", "export"], env)).stdout;
    assert.ok(!exported.includes((await readFile(kubeconfig, "utf8")).slice(-200, -100)));
  });

  it("removes everything by kf destroy", async () => {
    await report(["destroy"]);
    assert.deepEqual(difference(empty, await listEverything(kubeconfig)), []);
  });

  it("waits for an API server that is restarted on the way, and tells a second up who is at work", async () => {
    const running = startKf(["up", "--quiet", "--json"], env);
    await delay(4_000);
    const second = await kf(["up", "--quiet"], env);
    assert.equal(second.code, 1, second.stderr);
    assert.ok(second.stderr.includes(`pid ${String(running.pid)}, up) since 2`), second.stderr);
    await delay(5_000);
    const { components } = JSON.parse((await kf(["sandbox", "status", "--json"], env)).stdout) as {
      readonly components: readonly { readonly name: string; readonly pid: number }[];
    };
    const apiServer = components.find(({ name }) => name === "kube-apiserver");
    assert.ok(apiServer);
    process.kill(apiServer.pid, "SIGKILL");
    const repaired = await kf(["sandbox", "start"], env);
    assert.equal(repaired.code, 0, repaired.stderr);
    const { exitCode, stdout, stderr } = await running;
    assert.equal(exitCode, 0, `${stdout.slice(-3000)}\n${stderr.slice(-3000)}`);
    assert.deepEqual(difference(installed, await listEverything(kubeconfig)), []);
    assert.deepEqual(await notReady(kubeconfig), []);
    await report(["destroy"]);
  });

  it(`comes to the same end when it is killed ${String(kills)} times on the way`, async () => {
    for (let kill = 0; kill < kills; kill += 1) {
      const running = startKf(["up", "--quiet", "--json"], env);
      const early = await Promise.race([running, delay(2_000 + Math.random() * 6_000)]);
      if (early !== undefined) assert.equal(early.exitCode, 0, early.stderr);
      running.kill("SIGKILL");
      await running;
    }
    const { requests } = await report(["up"]);
    assert.equal(refused(requests), 0, JSON.stringify(requests));
    assert.deepEqual(difference(installed, await listEverything(kubeconfig)), []);
    assert.deepEqual(await notReady(kubeconfig), []);
  });
});

interface RegisteredUnderMocks {
  readonly type: string;
  readonly name: string;
  readonly inputs: unknown;
}

/** A resource of the state as the mocks tell of it: the last part of its type, its name, its inputs with secrets masked. */
function shortened({ urn, inputs = {} }: SerializedResource): readonly [string, unknown] {
  // An engine notes with a provider which version of its plugin was asked for; the mocks are none.
  const noted = urn.includes("pulumi:providers:") ? ["__internal", "version"] : [];
  const entries = Object.entries(inputs ?? {}).filter(([key]) => !noted.includes(key));
  const masked = entries.map(([key, value]) => {
    return [key, JSON.stringify(value).includes('"ciphertext"') ? "[secret]" : (value as unknown)];
  });
  return [urn.split("::").slice(2).join("::").replace(/^.*\$/, ""), Object.fromEntries(masked)];
}

function delay(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}

/** What is in one listing and not in the other, each with a mark. */
function difference(before: Listing, after: Listing): string[] {
  return [
    ...[...before].filter((item) => !after.has(item)).map((item) => `- ${item}`),
    ...[...after].filter((item) => !before.has(item)).map((item) => `+ ${item}`),
  ];
}
