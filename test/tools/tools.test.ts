import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { UserError } from "../../shared/errors.ts";
import { projectRoot } from "../../shared/paths.ts";
import { installFolder } from "../../tools/bundles.ts";
import { locateTool } from "../../tools/locate.ts";
import { ensureTool } from "../../tools/tools.ts";
import { toolVersions } from "../../tools/versions.ts";
import { notRun } from "../support/not-run.ts";

const settings = ["PATH", "KF_SANDBOX_BIN", "KF_CACHE_DIR", "HTTPS_PROXY", "https_proxy"] as const;

describe("ensureTool", function () {
  let root: string;
  let messages: string[];
  const progress = (message: string): void => void messages.push(message);
  const saved = new Map(settings.map((name) => [name, process.env[name]]));

  before(function () {
    if (process.platform === "win32") notRun(this, "the tools are shell scripts, which Windows does not run");
  });

  beforeEach(async () => {
    root = await fs.mkdtemp(path.join(os.tmpdir(), "kf-tools-"));
    messages = [];
    process.env["PATH"] = path.join(root, "path");
    process.env["KF_SANDBOX_BIN"] = path.join(root, "own");
    process.env["KF_CACHE_DIR"] = path.join(root, "cache");
    // Nothing listens there: as on a machine that reaches no download.
    process.env["HTTPS_PROXY"] = process.env["https_proxy"] = "http://127.0.0.1:1";
  });

  afterEach(async () => {
    for (const [name, value] of saved) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await fs.rm(root, { recursive: true, force: true });
  });

  /** An executable that prints `output`, or does what the script says. */
  async function fake(folder: string, name: string, output: string, script = `echo '${output}'`): Promise<string> {
    const file = path.join(root, folder, name);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return file;
  }

  it("takes a tool of KF_SANDBOX_BIN before the cache, and that before PATH", async () => {
    const onPath = await fake("path", "kustomize", "v5.8.0");
    assert.equal(await ensureTool("kustomize", progress), onPath);
    const cached = await fake(path.relative(root, installFolder("kustomize")), "kustomize", "v5.8.1");
    assert.equal(await ensureTool("kustomize", progress), cached);
    const own = await fake("own", "kustomize", "v5.8.1");
    assert.equal(await ensureTool("kustomize", progress), own);
  });

  it("passes over a wrong version and takes the next on PATH that fits", async () => {
    process.env["PATH"] = ["old", "mute", "path"].map((folder) => path.join(root, folder)).join(":");
    const old = await fake("old", "kubectl", "Client Version: v1.28.3");
    const mute = await fake("mute", "kubectl", "", "exit 1");
    const fits = await fake("path", "kubectl", "Client Version: v1.35.1\nKustomize Version: v5.7.1");
    const located = await locateTool("kubectl");
    assert.deepEqual(located.found, { path: fits, version: "1.35.1", source: "PATH" });
    assert.deepEqual(located.ignored, [
      { path: old, version: "1.28.3" },
      { path: mute, version: undefined },
    ]);
  });

  for (const [name, output] of [
    ["etcd", "etcd Version: 3.6.4\nGit SHA: Not provided\nGo Version: go1.26.8"],
    ["kube-apiserver", "Kubernetes v1.34.4"],
    ["kwokctl", "kwokctl version v0.7.0 go1.26.8 (linux/amd64)"],
    ["helm", "v3.19.0"],
    ["pulumi", "v3.270.0"],
  ] as const) {
    it(`reads the version that ${name} prints`, async () => {
      const file = await fake("path", name, output);
      assert.equal(await ensureTool(name, progress), file);
    });
  }

  it("says what was found, what is wanted and what to do when nothing can be had", async () => {
    const old = await fake("path", "kustomize", "v5.4.2");
    await assert.rejects(ensureTool("kustomize", progress), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /kustomize 5\.8\.1: cannot be downloaded/);
      assert.match(error.message, /Install Go/);
      assert.ok(error.message.includes(`${old}: version 5.4.2, wanted 5.8.x`), error.message);
      return true;
    });
    assert.ok(messages.some((message) => message.startsWith(`${old} is ignored: version 5.4.2`)));
  });

  it("pins the Pulumi CLI and its Kubernetes provider to the SDKs' versions", async () => {
    const text = await fs.readFile(path.join(projectRoot, "package.json"), "utf8");
    const { dependencies } = JSON.parse(text) as { readonly dependencies: Readonly<Record<string, string>> };
    assert.equal(toolVersions.pulumi.pinned, dependencies["@pulumi/pulumi"]);
    assert.equal(toolVersions["pulumi-resource-kubernetes"].pinned, dependencies["@pulumi/kubernetes"]);
  });

  it("takes the Pulumi CLI from PATH before one of its own, and refuses another major version", async () => {
    const old = await fake("path", "pulumi", "v2.1.0");
    assert.deepEqual(await locateTool("pulumi"), { found: undefined, ignored: [{ path: old, version: "2.1.0" }] });
    const theirs = await fake("path", "pulumi", "v3.210.0");
    assert.equal(await ensureTool("pulumi", progress), theirs);
  });

  describe("without a download", () => {
    /** A `go` whose `install` makes the last package's executable, and notes each run. */
    async function fakeGo(install: string): Promise<void> {
      process.env["PATH"] = `${path.join(root, "path")}:/usr/bin:/bin`;
      await fake("path", "go", "", `[ "$1" = version ] && exit 0\necho run >> '${root}/runs'\n${install}`);
    }
    const makeKustomize = `sleep 0.3; printf '#!/bin/sh\\necho v5.8.1\\n' > "$GOBIN/kustomize"; chmod +x "$GOBIN/kustomize"`;
    const runs = async (): Promise<number> =>
      (await fs.readFile(path.join(root, "runs"), "utf8")).split("run").length - 1;

    it("builds the tool once, however many ask for it", async () => {
      await fakeGo(makeKustomize);
      const paths = await Promise.all([1, 2, 3].map(async () => await ensureTool("kustomize", progress)));
      assert.deepEqual(new Set(paths), new Set([path.join(installFolder("kustomize"), "kustomize")]));
      assert.equal(await runs(), 1);
      assert.deepEqual(await fs.readdir(installFolder("kustomize")), ["kustomize"]);
    });

    it("leaves nothing of a failed build, and shows its end", async () => {
      await fakeGo(`echo half > "$GOBIN/kustomize"; echo 'disk full' >&2; exit 1`);
      await assert.rejects(ensureTool("kustomize", progress), /the build failed:\n(.*\n)*disk full/);
      assert.deepEqual(await fs.readdir(installFolder("kustomize")), []);
    });

    it("refuses an executable of another version", async () => {
      await fakeGo(makeKustomize.replace("v5.8.1", "v5.7.0"));
      await assert.rejects(ensureTool("kustomize", progress), /installed version 5\.7\.0, wanted 5\.8\.1/);
      assert.deepEqual(await fs.readdir(installFolder("kustomize")), []);
    });

    it("removes what an interrupted build left, and builds again", async () => {
      await fakeGo(makeKustomize);
      const left = path.join(installFolder("kustomize"), ".installing-x");
      await fs.mkdir(left, { recursive: true });
      await fs.writeFile(path.join(left, "kustomize"), "half");
      await ensureTool("kustomize", progress);
      assert.deepEqual(await fs.readdir(installFolder("kustomize")), ["kustomize"]);
    });
  });
});
