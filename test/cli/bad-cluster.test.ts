/** What a user reads when the cluster is not there, not theirs, or refuses. A real API, one stack for each test. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import getPort from "get-port";
import { parse } from "yaml";
import type { OperationResult } from "../../engine/report.ts";
import { ensureTool } from "../../tools/tools.ts";
import { copyCheckout, type Checkout } from "../support/checkout.ts";
import { kf } from "../support/kf.ts";
import { useSandbox } from "../support/sandbox.ts";
import { object, writeRelease } from "../support/small-release.ts";

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: Readonly<Record<string, unknown>> }[];
  readonly users: readonly { readonly name: string; readonly user: Readonly<Record<string, unknown>> }[];
}

describe("kf, given a cluster that does not play along", () => {
  const sandbox = useSandbox("cli");
  let checkout: Checkout;
  let folder: string;
  let env: Record<string, string>;
  let kubeconfig: string;
  let kubectl: (...args: readonly string[]) => Promise<string>;

  before(async () => {
    checkout = await copyCheckout();
    const tool = await ensureTool("kubectl", () => undefined);
    const { kubeconfig: file } = sandbox();
    kubeconfig = await readFile(file, "utf8");
    kubectl = async (...args) => (await execa(tool, ["--kubeconfig", file, ...args])).stdout;
  });
  after(() => checkout.close());

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "kf-bad-cluster-"));
    env = { KF_DATA_DIR: folder };
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A release of these objects in a stack of its own. */
  async function stack(objects: readonly unknown[], config: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const release = await writeRelease(folder, { components: { main: objects } });
    await checkout.stack("own", {
      target: "kubeconfig",
      kubeconfig,
      release,
      ...config,
    });
  }

  async function refused(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await kf([...args, "own", "--engine", "offline", "--quiet"], env, checkout.root);
    assert.equal(code, 1, `${stdout}\n${stderr}`);
    assert.doesNotMatch(stderr, /unexpected error|\n\s+at /);
    return `${stdout}${stderr}`;
  }

  async function report(...args: readonly string[]): Promise<OperationResult> {
    const { code, stdout, stderr } = await kf(
      [...args, "own", "--engine", "offline", "--quiet", "--json"],
      env,
      checkout.root,
    );
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    return JSON.parse(stdout) as OperationResult;
  }

  const names = async (namespace: string): Promise<readonly string[]> =>
    (await kubectl("get", "configmaps,services", "-n", namespace, "-o", "name"))
      .split("\n")
      .filter((name) => name !== "configmap/kube-root-ca.crt");

  const configMap = (namespace: string, name: string, data = {}) => object("ConfigMap", { namespace, name }, { data });

  /** The sandbox's kubeconfig, with something else in its cluster or user. */
  function altered(change: { readonly cluster?: object; readonly user?: object }): string {
    const config = parse(kubeconfig) as Kubeconfig;
    return JSON.stringify({
      ...config,
      clusters: config.clusters.map(({ name, cluster }) => ({ name, cluster: { ...cluster, ...change.cluster } })),
      users: config.users.map(({ name, user }) => ({ name, user: change.user ?? user })),
    });
  }

  it("names an API server that does not answer, and its context", async () => {
    const server = `https://127.0.0.1:${String(await getPort())}`;
    await stack([configMap("default", "never")], { kubeconfig: altered({ cluster: { server } }) });
    const words = await refused("up");
    assert.ok(words.includes(`the API server ${server} (context "`), words);
    assert.match(words, /cannot be reached: .*ECONNREFUSED.*Check that the cluster runs/);
  });

  it("says that credentials have expired, and does not show them", async () => {
    await stack([configMap("default", "never")], { kubeconfig: altered({ user: { token: "expired-token" } }) });
    const words = await refused("up");
    assert.match(words, /does not accept the credentials of the context ".*\(401\)\. They have expired.*log in again/);
    assert.doesNotMatch(words, /expired-token/);
  });

  it("names the object and the field that the API server refuses, makes the rest, and goes on when it is mended", async () => {
    const namespace = "refused";
    const service = (port: number) => object("Service", { namespace, name: "broken" }, { spec: { ports: [{ port }] } });
    const fine = [
      object("Namespace", { name: namespace }),
      configMap(namespace, "before"),
      configMap(namespace, "after"),
    ];
    await stack([...fine, service(99_999)]);
    const words = await refused("up");
    assert.match(words, /Service refused\/broken \(v1\).*the API server refuses the object/);
    assert.match(words, /spec\.ports\[0\]\.port: Invalid value: 99999: must be between 1 and 65535/);
    assert.deepEqual(await names(namespace), ["configmap/after", "configmap/before"]);

    await stack([...fine, service(80)]);
    const { summary } = await report("up");
    assert.deepEqual([summary.create, summary.update, summary.replace, summary.delete], [1, 0, 0, 0]);
    assert.deepEqual(await names(namespace), ["configmap/after", "configmap/before", "service/broken"]);
    await report("destroy");
    assert.equal(await kubectl("get", "namespace", namespace, "--ignore-not-found"), "");
  });

  it("names an object that is somebody else's and changes nothing, until it is told to take it over", async () => {
    const namespace = "foreign";
    await kubectl("create", "namespace", namespace);
    await kubectl("create", "configmap", "theirs", "-n", namespace, "--from-literal=owner=them");
    await stack([configMap(namespace, "theirs", { owner: "us" }), configMap(namespace, "new")]);
    const words = await refused("up");
    assert.match(words, /ConfigMap foreign\/theirs \(v1\) exists already .*by "kubectl-create".*--adopt/);
    assert.match(words, /failed: nothing was changed/);
    assert.deepEqual(await names(namespace), ["configmap/theirs"]);

    await report("up", "--adopt");
    assert.match(
      await kubectl("get", "configmap", "theirs", "-n", namespace, "-o", "jsonpath={.data}"),
      /"owner":"us"/,
    );
    const { summary } = await report("up");
    assert.deepEqual([summary.create, summary.update, summary.replace, summary.delete], [0, 0, 0, 0]);
    await report("destroy");
    await kubectl("delete", "namespace", namespace);
  });

  describe("without network and mirror", () => {
    let unreachable: string;
    beforeEach(async () => {
      const url = `https://127.0.0.1:${String(await getPort())}/small.tar.gz`;
      const sources = [{ name: "manifests", url, digests: [{ origin: "upstream", sha256: "0".repeat(64) }] }];
      const lock = { name: "far", sources };
      unreachable = await writeRelease(path.join(folder, "far"), { components: { main: [] }, lock });
    });

    it("goes on with the sample in a sandbox, and says so loudly", async () => {
      await stack([], { target: "sandbox", release: unreachable });
      // With a mirror, that the mirror lacks it is the mistake.
      const noMirror = { ...env, KF_MIRROR: undefined };
      const { code, stdout, stderr } = await kf(["preview", "own", "--quiet", "--json"], noMirror, checkout.root);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /WARNING: cannot fetch .*\n.*WARNING: .*SAMPLE release.*not Kubeflow.*KF_MIRROR/);
      assert.equal((JSON.parse(stdout) as OperationResult).outputs["release"], "sample");
    });

    it("never does so on a real cluster", async () => {
      await stack([], { release: unreachable });
      const words = await refused("up");
      assert.match(words, /cannot fetch/);
      assert.doesNotMatch(words, /SAMPLE/);
    });

    it("leaves a sandbox that holds another release as it is, and can still destroy it", async () => {
      await stack([object("Namespace", { name: "kept" })], { target: "sandbox" });
      await report("up");
      await stack([], { target: "sandbox", release: unreachable });
      const words = await refused("up");
      assert.match(words, /cannot fetch/);
      assert.doesNotMatch(words, /SAMPLE/);
      assert.match(await kubectl("get", "namespace", "kept", "-o", "name"), /kept/);
      await report("destroy");
      assert.equal(await kubectl("get", "namespace", "kept", "--ignore-not-found"), "");
    });
  });
});
