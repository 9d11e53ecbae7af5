import assert from "node:assert/strict";
import { access, chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { lookAtFolder, lookAtPackages } from "../../cli/doctor-machine.ts";
import { lookAtMirror } from "../../cli/doctor-network.ts";
import { missing, ok, runProbes } from "../../cli/doctor-probe.ts";
import { kf } from "../support/kf.ts";
import { notRun } from "../support/not-run.ts";

interface Check {
  readonly name: string;
  readonly status: string;
  readonly found: string;
  readonly wanted: string;
  readonly remedy?: string;
}

describe("kf doctor", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "kf-doctor-"));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Nothing of this machine's own tools, caches and sandboxes. */
  const elsewhere = (): Record<string, string> => ({
    PATH: folder,
    KF_CACHE_DIR: path.join(folder, "cache"),
    KF_DATA_DIR: path.join(folder, "data"),
    KF_MIRROR: folder,
    KF_SANDBOX_BIN: folder,
  });

  async function doctor(env: Record<string, string>): Promise<{ code: number | undefined; checks: readonly Check[] }> {
    const { code, stdout, stderr } = await kf(["doctor", "--json"], { ...elsewhere(), ...env });
    assert.notEqual(stdout, "", stderr);
    return { code, checks: JSON.parse(stdout) as readonly Check[] };
  }

  it("fails on a machine without the sandbox's tools, and says of all that is not as wanted what to do", async () => {
    const { code, checks } = await doctor({});
    assert.equal(code, 1);
    for (const name of ["kustomize", "etcd", "kube-apiserver", "kubectl", "kwok", "kwokctl", "go"]) {
      const check = checks.find((one) => one.name === name);
      assert.equal(check?.status, "missing", name);
      assert.match(check.remedy ?? "", name === "go" ? /KF_SANDBOX_BIN/ : /kf tools/);
    }
    for (const check of checks) assert.equal(check.status === "ok", check.remedy === undefined, JSON.stringify(check));
  });

  it("does not fail for what only some commands need", async () => {
    const { checks } = await doctor({});
    const unneeded = checks.filter(({ name }) => ["helm", "pulumi", "sandbox"].includes(name));
    assert.equal(unneeded.length, 3);
    assert.deepEqual(new Set(unneeded.map(({ status }) => status)), new Set(["warn"]));
  });

  it("names a tool that is there in a version that is not used", async function () {
    if (process.platform === "win32") notRun(this, "the tool is a shell script, which Windows does not run");
    await writeFile(path.join(folder, "kustomize"), "#!/bin/sh\necho v5.0.0\n");
    await chmod(path.join(folder, "kustomize"), 0o755);
    const { checks } = await doctor({});
    const kustomize = checks.find(({ name }) => name === "kustomize");
    assert.equal(kustomize?.status, "missing");
    assert.match(kustomize.found, /5\.0\.0.*not used/);
  });

  it("changes nothing: makes no folder", async () => {
    await doctor({});
    await assert.rejects(access(path.join(folder, "data")), { code: "ENOENT" });
  });

  it("does not wait for a check that has no answer", async () => {
    const look = (): Promise<never> => new Promise(() => undefined);
    const [check] = await runProbes([{ name: "slow", wanted: "an answer", look }], 10);
    assert.equal(check?.status, "warn");
    assert.match(check.found, /no answer/);
  });

  it("reports a check that breaks and goes on with the others", async () => {
    const checks = await runProbes([
      { name: "broken", wanted: "-", look: () => Promise.reject(new Error("no such call")) },
      { name: "fine", wanted: "-", look: () => Promise.resolve(ok("here")) },
      { name: "absent", wanted: "-", look: () => Promise.resolve(missing("nothing", "get it")) },
    ]);
    assert.deepEqual(
      checks.map(({ status }) => status),
      ["warn", "ok", "missing"],
    );
    assert.match(checks[0]?.found ?? "", /no such call/);
  });

  describe("npm packages", () => {
    const lock = (versions: Readonly<Record<string, object>>): string =>
      JSON.stringify({
        packages: {
          "": {},
          ...Object.fromEntries(Object.entries(versions).map(([name, entry]) => [`node_modules/${name}`, entry])),
        },
      });

    async function look(wanted: Record<string, object>, installed?: Record<string, object>): Promise<string> {
      await writeFile(path.join(folder, "package-lock.json"), lock(wanted));
      if (installed !== undefined) {
        await mkdir(path.join(folder, "node_modules"));
        await writeFile(path.join(folder, "node_modules", ".package-lock.json"), lock(installed));
      }
      const { status, found } = await lookAtPackages(folder);
      return `${status}: ${found}`;
    }

    it("are in step with the lockfile, but for optional ones of other platforms", async () => {
      const wanted = { a: { version: "1.0.0" }, win: { version: "2.0.0", optional: true } };
      assert.match(await look(wanted, { a: { version: "1.0.0" } }), /^ok/);
    });

    it("are missing when another version is installed, which is named", async () => {
      const found = await look({ a: { version: "1.0.1" }, b: { version: "1.0.0" } }, { a: { version: "1.0.0" } });
      assert.equal(found, "missing: a 1.0.0, not 1.0.1 and 1 more");
    });

    it("are missing when none are installed", async () => {
      assert.equal(await look({ a: { version: "1.0.0" } }), "missing: not installed");
    });
  });

  describe("folder", () => {
    it("that is not there yet is judged by the one above it", async () => {
      assert.equal((await lookAtFolder(path.join(folder, "a", "b"), 0, "KF_DATA_DIR")).status, "ok");
    });

    it("without enough room is missing, with the variable that moves it", async () => {
      const { status, remedy } = await lookAtFolder(folder, 1e9, "KF_CACHE_DIR");
      assert.equal(status, "missing");
      assert.match(remedy ?? "", /KF_CACHE_DIR/);
    });

    it("that cannot be written to is missing", async function () {
      if (process.platform === "win32" || process.getuid?.() === 0) {
        notRun(this, "modes keep neither root nor anybody on Windows from writing to a folder");
      }
      await chmod(folder, 0o500);
      assert.equal((await lookAtFolder(folder, 0, "KF_DATA_DIR")).status, "missing");
    });
  });

  describe("mirror", () => {
    const signal = new AbortController().signal;

    it("that is a folder or a server that answers, whatever it answers, is fine", async () => {
      const server = createServer((_request, response) => response.writeHead(404).end());
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      try {
        assert.equal((await lookAtMirror(`http://127.0.0.1:${port}/files`, signal)).status, "ok");
      } finally {
        server.close();
      }
      assert.equal((await lookAtMirror(folder, signal)).status, "ok");
      const gone = await lookAtMirror(`http://127.0.0.1:${port}/files`, signal);
      assert.equal(gone.status, "missing");
      assert.match(gone.found, /does not answer/);
    });

    it("that is no folder is missing, and named", async () => {
      const { status, found } = await lookAtMirror(path.join(folder, "none"), signal);
      assert.equal(status, "missing");
      assert.match(found, /none: no folder/);
    });
  });
});
