/** What a user reads who got the configuration or the release wrong. No cluster is there, and none is needed. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import getPort from "get-port";
import { tarball } from "../release/support.ts";
import { copyCheckout, type Checkout } from "../support/checkout.ts";
import { kf, type Ran } from "../support/kf.ts";
import { notRun } from "../support/not-run.ts";
import { object, writeRelease } from "../support/small-release.ts";

describe("kf, given a wrong configuration or release", () => {
  let checkout: Checkout;
  let folder: string;
  let env: Record<string, string>;

  before(async () => {
    checkout = await copyCheckout();
  });
  after(() => checkout.close());

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "kf-bad-input-"));
    env = { KF_DATA_DIR: path.join(folder, "data"), NO_PROXY: "127.0.0.1" };
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Runs kf, which is to fail with one message for a person and before anything was made. */
  async function refused(code: number, ...args: readonly string[]): Promise<string> {
    const ran = await kf([...args, "--quiet"], env, checkout.root);
    assertRefusal(ran, code);
    await assert.rejects(readdir(path.join(folder, "data")), "something was made before the mistake was found");
    return ran.stderr;
  }

  function assertRefusal({ code: found, stdout, stderr }: Ran, code: number): void {
    assert.equal(found, code, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^kf: /);
    assert.doesNotMatch(stderr, /unexpected error|\n\s+at /);
  }

  const wrong: readonly (readonly [title: string, config: Readonly<Record<string, unknown>>, words: RegExp])[] = [
    ["an unknown key", { targt: "sandbox" }, /config\.kubeflow:targt: unknown key; did you mean kubeflow:target\?/],
    ["a list where text belongs", { target: ["sandbox"] }, /config\.kubeflow:target: \["sandbox"\].*allowed: a string/],
    ["text where a list belongs", { target: "sandbox", charts: "demo" }, /kubeflow:charts: "demo".*allowed: a list/],
    [
      "an unknown choice",
      { target: "gce" },
      /kubeflow:target: "gce"; allowed: sandbox, kubeconfig, gke, eks, aks\. Set it/,
    ],
    ["an unknown release", { target: "sandbox", release: "9.99" }, /unknown release "9\.99".*26\.03/],
    ["no target", {}, /no value for kubeflow:target/],
    [
      "a part of a list that is not known",
      { target: "sandbox", charts: [{ name: "demo", namespace: "demo", valeus: {} }] },
      /kubeflow:charts\[0\]\.valeus: unknown key; did you mean values\?/,
    ],
    [
      "a part of a list that is missing",
      { target: "sandbox", charts: [{ name: "demo" }] },
      /kubeflow:charts\[0\]\.namespace: not set; allowed: .*string/,
    ],
    [
      "a chart that the lock does not have",
      { target: "sandbox", release: "sample", charts: [{ name: "demo", namespace: "demo" }] },
      /kubeflow:charts\[0\]\.name: "demo"; allowed: .*none/,
    ],
  ];
  for (const [title, config, words] of wrong) {
    it(`names the key, the value and what is allowed: ${title}`, async () => {
      await checkout.stack("wrong", config);
      assert.match(await refused(2, "up", "wrong"), words);
    });
  }

  it("names the stacks that there are", async () => {
    assert.match(await refused(2, "up", "stagign"), /Unknown stack stagign\. Known: .*local-dev.*stacks.config/);
  });

  it("quotes nothing of a kubeconfig that is none", async () => {
    for (const kubeconfig of [
      "token: [hunter2",
      "hunter2",
      "/home/hunter2/.kube/config",
      "users: [{ name: hunter2 }]",
    ]) {
      await checkout.stack("wrong", { target: "kubeconfig", kubeconfig });
      const stderr = await refused(2, "preview", "wrong");
      assert.match(stderr, /kubeflow:kubeconfig: \[secret\]; allowed: the contents \(not the path\)/);
      assert.doesNotMatch(stderr, /hunter2/);
    }
  });

  it("names the contexts that a kubeconfig has", async () => {
    await checkout.stack("wrong", { target: "kubeconfig", kubeconfig, context: "other" });
    assert.match(await refused(2, "preview", "wrong"), /kubeflow:context: "other"; allowed: c\. Set it with/);
  });

  it("shows no secret of a wrong configuration", async () => {
    await checkout.stack("wrong", { target: "gke", kubeconfig: "token: hunter2" });
    assert.doesNotMatch(await refused(2, "up", "wrong"), /hunter2/);
  });

  const url = "https://sources.example/small.tar.gz";
  const pinned = "0".repeat(64);

  /** A release whose one source is an archive, which a mirror has. */
  async function archived(archive: Buffer | undefined, source = url): Promise<string> {
    env = { ...env, KF_CACHE_DIR: path.join(folder, "cache"), KF_MIRROR: path.join(folder, "mirror") };
    await mkdir(path.join(folder, "mirror", "sources.example"), { recursive: true });
    if (archive !== undefined) await writeFile(path.join(folder, "mirror", "sources.example", "small.tar.gz"), archive);
    const sources = [{ name: "manifests", url: source, digests: [{ origin: "upstream", sha256: pinned }] }];
    return writeRelease(folder, { components: { main: [] }, lock: { sources } });
  }

  const cluster = { name: "c", cluster: { server: "https://127.0.0.1:1" } };
  const context = { name: "c", context: { cluster: "c" } };
  const kubeconfig = JSON.stringify({ clusters: [cluster], contexts: [context], "current-context": "c" });

  const good = tarball([{ path: "main/kustomization.yaml", content: "resources: []\n" }]);

  it("names a mirror that does not answer, and goes nowhere else", async () => {
    const lock = await archived(good);
    env["KF_MIRROR"] = `http://127.0.0.1:${String(await getPort())}`;
    const words = /the mirror http:\/\/127\.0\.0\.1:\d+ does not answer: .*ECONNREFUSED.*Check KF_MIRROR/;
    assert.match(await refused(1, "release", "fetch", lock), words);
    await checkout.stack("mirror", { target: "sandbox", kubeconfig, release: lock });
    assert.match(await refused(1, "up", "mirror"), words);
  });

  it("names a mirror that is no folder", async () => {
    const lock = await archived(good);
    env["KF_MIRROR"] = path.join(folder, "nowhere");
    assert.match(await refused(1, "release", "fetch", lock), /the mirror .*nowhere is no folder.*Check KF_MIRROR/);
  });

  it("says how to go on where neither the network nor a mirror has a source", async () => {
    const source = `127.0.0.1:${String(await getPort())}/small.tar.gz`;
    const stderr = await refused(1, "release", "fetch", await archived(undefined, `https://${source}`));
    assert.ok(stderr.startsWith(`kf: cannot fetch https://${source}: `), stderr);
    assert.match(stderr, /ECONNREFUSED/);
    assert.ok(stderr.includes(`set KF_MIRROR to a folder or base URL that holds it as ${source}`), stderr);
  });

  it("shows both digests of a source that is not what the lock pins, and keeps nothing of it", async () => {
    const lock = await archived(good);
    for (const attempt of ["first", "second"]) {
      const stderr = await refused(1, "release", "fetch", lock);
      assert.match(stderr, /source manifests from .*small\.tar\.gz is not what the lock pins/, attempt);
      assert.match(stderr, new RegExp(`found[^\\n]*\\n {2}[0-9a-f]{64}\\nexpected one of:\\n {2}${pinned}`));
    }
    assert.deepEqual(await readdir(path.join(folder, "cache", "sources")), []);
  });

  it("names an archive that is cut off", async () => {
    const lock = await archived(good.subarray(0, good.length / 2));
    assert.match(await refused(1, "release", "fetch", lock), /archive manifests from .* is damaged or truncated/);
  });

  it("refuses an archive that reaches out of its folder, and writes nothing there", async () => {
    const lock = await archived(tarball([{ path: "../../../escaped.txt", content: "x" }]));
    assert.match(await refused(1, "release", "fetch", lock), /"\.\.\/\.\.\/\.\.\/escaped\.txt" leaves the folder/);
    assert.deepEqual((await readdir(folder)).sort(), ["cache", "lock.yaml", "manifests", "mirror"]);
  });

  it("gives kustomize's own words and the component's name", async () => {
    const lock = await writeRelease(folder, { components: { main: [], broken: [object("ConfigMap", { name: "x" })] } });
    const kustomization = JSON.stringify({ resources: ["objects.yaml"], sortOptoins: {} });
    await writeFile(path.join(folder, "manifests", "broken", "kustomization.yaml"), kustomization);
    await checkout.stack("broken", { target: "sandbox", kubeconfig, release: lock });
    for (const args of [
      ["release", "render", lock],
      ["up", "broken"],
    ]) {
      assert.match(await refused(1, ...args), /component "broken" does not build: .*unknown field "sortOptoins"/s);
    }
  });

  it("names the place in a lock that is wrong", async () => {
    const lock = await writeRelease(folder, { components: { main: [] }, lock: { root: "elsewhere" } });
    assert.match(
      await refused(2, "release", "fetch", lock),
      /lock\.yaml:\n {2}root: expected one of sources: manifests/,
    );
  });

  it("says which version of a tool it found, which it wants, and what to do where it cannot install it", async function () {
    if (process.platform === "win32") notRun(this, "the tool is a shell script, which Windows does not run");
    const lock = await writeRelease(folder, { components: { main: [object("ConfigMap", { name: "x" })] } });
    const bin = path.join(folder, "bin");
    await mkdir(bin);
    await writeFile(path.join(bin, "kustomize"), "#!/bin/sh\necho v5.4.2\n", { mode: 0o755 });
    const nowhere = `http://127.0.0.1:${String(await getPort())}`;
    const proxies = { HTTPS_PROXY: nowhere, https_proxy: nowhere };
    env = { ...env, ...proxies, PATH: bin, KF_SANDBOX_BIN: "", KF_CACHE_DIR: path.join(folder, "cache") };
    const stderr = await refused(1, "release", "render", lock);
    assert.match(stderr, /kustomize 5\.8\.1: cannot be downloaded/);
    assert.ok(stderr.includes(`${path.join(bin, "kustomize")}: version 5.4.2, wanted 5.8.x`), stderr);
    assert.match(stderr, /Install Go/);
  });
});
