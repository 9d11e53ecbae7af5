import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import * as tar from "tar";
import { UserError } from "../../shared/errors.ts";
import { download, NotAvailable } from "../../tools/download.ts";
import { downloadOf } from "../../tools/downloads.ts";
import { toolVersions, type ToolName } from "../../tools/versions.ts";

const sha256 = (content: Buffer | string): string => createHash("sha256").update(content).digest("hex");

describe("download", () => {
  let folder: string;
  let server: http.Server;
  let base: string;
  let target: string;
  const files = new Map<string, Buffer | string>();

  before(async () => {
    server = http.createServer((request, response) => {
      const content = files.get(request.url ?? "");
      if (content === undefined) response.writeHead(404).end();
      else response.end(content);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "kf-download-"));
    target = path.join(folder, "tool");
    files.clear();
  });
  afterEach(async () => await fs.rm(folder, { recursive: true, force: true }));

  const source = (name: string): { url: string; checksumUrl: string } => ({
    url: `${base}/${name}`,
    checksumUrl: `${base}/sums`,
  });

  it("installs a file whose checksum is the published one, as an executable", async () => {
    files.set("/kubectl", "binary").set("/sums", `${sha256("binary")}\n`);
    await download(source("kubectl"), target);
    assert.equal(await fs.readFile(target, "utf8"), "binary");
    assert.equal((await fs.stat(target)).mode & 0o777, 0o755);
  });

  it("finds the file's own line in a list of checksums, and the executable in the archive", async () => {
    await fs.mkdir(path.join(folder, "linux-amd64"));
    await fs.writeFile(path.join(folder, "linux-amd64", "helm"), "helm binary");
    await tar.c({ gzip: true, cwd: folder, file: path.join(folder, "a.tgz") }, ["linux-amd64/helm"]);
    const archive = await fs.readFile(path.join(folder, "a.tgz"));
    files.set("/helm.tar.gz", archive);
    files.set("/sums", `${sha256("other")}  other.tar.gz\n${sha256(archive)} *helm.tar.gz\n`);
    await download({ ...source("helm.tar.gz"), member: "linux-amd64/helm" }, target);
    assert.equal(await fs.readFile(target, "utf8"), "helm binary");
  });

  it("refuses a file with another checksum, shows both, and leaves nothing", async () => {
    files.set("/kubectl", "tampered").set("/sums", sha256("binary"));
    await assert.rejects(download(source("kubectl"), target), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.ok(error.message.includes(sha256("tampered")) && error.message.includes(sha256("binary")));
      return true;
    });
    assert.deepEqual(await fs.readdir(folder), []);
  });

  it("does not take a file without a published checksum", async () => {
    files.set("/kubectl", "binary");
    await assert.rejects(download(source("kubectl"), target), NotAvailable);
    files.set("/sums", `${sha256("binary")}  another-file\n`);
    await assert.rejects(download(source("kubectl"), target), /holds no sha256 for kubectl/);
    assert.deepEqual(await fs.readdir(folder), []);
  });

  it("asks a host that cannot be reached only once", async () => {
    let connections = 0;
    const broken = http.createServer();
    broken.on("connection", (socket) => {
      connections++;
      socket.destroy();
    });
    await once(broken.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(broken.address() as AddressInfo).port}/x`;
    await assert.rejects(download({ url, checksumUrl: url }, target), NotAvailable);
    const afterFirst = connections;
    await assert.rejects(download({ url, checksumUrl: url }, target), NotAvailable);
    assert.equal(connections, afterFirst);
    broken.close();
  });
});

describe("downloadOf", () => {
  it("names the pinned version, over TLS, wherever the publisher has one", () => {
    const names = Object.keys(toolVersions) as ToolName[];
    const offered = new Set<ToolName>();
    for (const name of names) {
      for (const os of ["linux", "darwin", "windows"] as const) {
        for (const arch of ["amd64", "arm64"] as const) {
          const found = downloadOf(name, { os, arch });
          if (found === undefined) continue;
          offered.add(name);
          for (const url of [found.url, found.checksumUrl]) {
            assert.equal(new URL(url).protocol, "https:");
            assert.ok(url.includes(toolVersions[name].pinned), url);
          }
          const theirs = name === "pulumi" && arch === "amd64" ? "x64" : arch;
          assert.ok(found.url.includes(os) && found.url.includes(theirs), found.url);
        }
      }
    }
    // Without a checksum, or in a container image only: these are built.
    const built: readonly string[] = [
      "kwok",
      "kwokctl",
      "cert-manager-controller",
      "versitygw",
      "velero",
      "actionlint",
    ];
    assert.deepEqual(offered, new Set(names.filter((name) => !built.includes(name))));
  });
});
