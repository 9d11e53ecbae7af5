import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { UserError } from "../../shared/errors.ts";
import { ensureDebian, hasApt } from "../../tools/debian.ts";
import { notRun } from "../support/not-run.ts";

const settings = ["PATH", "KF_CACHE_DIR", "APT_CONFIG"] as const;

/** With the real apt-get, and a repository of two packages in a folder as its only source. */
describe("ensureDebian", function () {
  this.timeout(60_000);
  let root: string;
  let messages: string[];
  const saved = new Map(settings.map((name) => [name, process.env[name]]));
  const ensure = async (...packages: readonly string[]): ReturnType<typeof ensureDebian> =>
    await ensureDebian(packages, (message) => void messages.push(message));

  before(async function () {
    if (!(await hasApt())) notRun(this, "no apt-get here, so Debian's packages cannot be tried");
  });

  beforeEach(async () => {
    root = await fs.mkdtemp(path.join(os.tmpdir(), "kf-debian-"));
    messages = [];
    process.env["KF_CACHE_DIR"] = path.join(root, "cache");
    process.env["APT_CONFIG"] = path.join(root, "apt.conf");
    await fs.writeFile(path.join(root, "sources.list"), `deb [trusted=yes] copy:${root}/repository ./\n`);
    const sources = `Dir::Etc::sourcelist "${root}/sources.list"; Dir::Etc::sourceparts "/dev/null";`;
    const hook = `APT::Update::Post-Invoke { "touch ${root}/hooked"; };`;
    await fs.writeFile(path.join(root, "apt.conf"), `${sources}\n${hook}\n`);
    await fs.mkdir(path.join(root, "repository"));
    await publish("kf-greeter", { "usr/bin/kf-greeter": "#!/bin/sh\necho hello\n" }, "kf-library (>= 1.0)");
    await publish("kf-library", { "usr/lib/some-linux-gnu/deep/libkf.so.1": "not really a library\n" });
  });

  afterEach(async () => {
    for (const [name, value] of saved) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await fs.rm(root, { recursive: true, force: true });
  });

  /** Puts a package into the repository and its entry into the list. */
  async function publish(name: string, files: Readonly<Record<string, string>>, depends = ""): Promise<void> {
    const tree = path.join(root, "trees", name);
    const control = [
      `Package: ${name}`,
      "Version: 1.0",
      "Architecture: all",
      "Maintainer: Test <test@example.com>",
      "Description: test",
      ...(depends === "" ? [] : [`Depends: ${depends}`]),
    ];
    await fs.mkdir(path.join(tree, "DEBIAN"), { recursive: true });
    await fs.writeFile(path.join(tree, "DEBIAN", "control"), `${control.join("\n")}\n`);
    for (const [file, text] of Object.entries(files)) {
      await fs.mkdir(path.dirname(path.join(tree, file)), { recursive: true });
      await fs.writeFile(path.join(tree, file), text, { mode: 0o755 });
    }
    const archive = path.join(root, "repository", `${name}.deb`);
    await execa("dpkg-deb", ["--build", "--root-owner-group", tree, archive]);
    const bytes = await fs.readFile(archive);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const entry = [...control, `Filename: ./${name}.deb`, `Size: ${bytes.length}`, `SHA256: ${sha256}`];
    await fs.appendFile(path.join(root, "repository", "Packages"), `${entry.join("\n")}\n\n`);
  }

  it("brings a package with what it depends on, ready to run, and leaves the machine's own apt alone", async () => {
    const { root: folder, env } = await ensure("kf-greeter");
    assert.equal((await execa("kf-greeter", { env })).stdout, "hello");
    assert.ok(env.LD_LIBRARY_PATH.split(":").includes(path.join(folder, "usr/lib/some-linux-gnu/deep")));
    await assert.rejects(fs.access(path.join(root, "hooked")));
    await assert.rejects(execa("dpkg", ["--status", "kf-greeter"]));
  });

  it("needs nothing of the sources the second time", async () => {
    const first = await ensure("kf-greeter");
    await fs.rm(path.join(root, "repository"), { recursive: true });
    messages = [];
    assert.deepEqual(await ensure("kf-greeter"), first);
    assert.deepEqual(messages, []);
  });

  it("refuses a package that is not what the list says, and leaves nothing of it", async () => {
    await fs.appendFile(path.join(root, "repository", "kf-library.deb"), "more");
    await assert.rejects(ensure("kf-greeter"), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /kf-greeter: apt-get cannot download them:\n[^]*kf-library[^]*apt-get update/);
      return true;
    });
    assert.deepEqual((await fs.readdir(path.join(root, "cache", "debian"))).sort(), ["apt.conf", "cache", "state"]);
  });

  it("says what cannot be had", async () => {
    await assert.rejects(
      ensure("kf-missing"),
      /kf-missing: apt-get cannot download them:\n[^]*kf-missing[^]*try again/,
    );
  });

  it("says what machine it needs", async () => {
    process.env["PATH"] = root;
    await assert.rejects(ensure("slapd"), /slapd: needs Debian or Ubuntu/);
  });
});
