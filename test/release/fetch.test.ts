import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { UnreachableError } from "../../release/download.ts";
import { fetchRelease, fetchUnverified } from "../../release/fetch.ts";
import type { ReleaseLock } from "../../release/lock.ts";
import { tarball, testLock, useWorkFolder, writeTree } from "./support.ts";

const archive = tarball([
  { path: "a-1.0/app/kustomization.yaml", content: "resources: []\n" },
  { path: "a-1.0/docs/link", type: "SymbolicLink", linkpath: "../app" },
]);
const inMirror = "example.invalid/a/1.0.tar.gz";

describe("release fetch", () => {
  const folder = useWorkFolder();
  const mirror = () => path.join(folder(), "mirror");

  function lockWith(...digests: readonly string[]): ReleaseLock {
    return testLock(folder(), {
      name: "1.0",
      root: "a",
      sources: [
        {
          name: "a",
          url: `https://${inMirror}`,
          strip: 1,
          include: ["app"],
          digests: digests.map((sha256) => ({ origin: "upstream", sha256 })),
        },
      ],
      components: [{ name: "app", path: "app" }],
    });
  }

  async function pinned(): Promise<ReleaseLock> {
    await writeTree(mirror(), { "example.invalid/a/.keep": "" });
    await writeFile(path.join(mirror(), inMirror), archive);
    const [found] = await fetchUnverified({ lock: lockWith(), mirror: mirror() });
    return lockWith(found?.sha256 ?? "");
  }

  it("takes a source from the mirror's folder, keeps what the lock includes, and fetches nothing the second time", async () => {
    const lock = await pinned();
    process.env["KF_CACHE_DIR"] = path.join(folder(), "second-cache");
    process.env["KF_MIRROR"] = mirror();
    const [first] = await fetchRelease({ lock });
    assert.equal(first?.place, path.join(mirror(), inMirror));
    assert.deepEqual(await readdir(first.folder), ["app"]);
    assert.equal(await readFile(path.join(first.folder, "app/kustomization.yaml"), "utf8"), "resources: []\n");
    const [second] = await fetchRelease({ lock, mirror: path.join(folder(), "gone") });
    assert.deepEqual([second?.folder, second?.place], [first.folder, undefined]);
  });

  it("does not depend on how the files were packed", async () => {
    const lock = await pinned();
    const repacked = tarball([{ path: "other-name/app/kustomization.yaml", content: "resources: []\n" }]);
    await writeFile(path.join(mirror(), inMirror), repacked);
    process.env["KF_CACHE_DIR"] = path.join(folder(), "second-cache");
    await fetchRelease({ lock, mirror: mirror() });
  });

  it("lets two runs at once end with one copy and nothing half-done", async () => {
    const lock = await pinned();
    process.env["KF_CACHE_DIR"] = path.join(folder(), "second-cache");
    const runs = await Promise.all([1, 2, 3].map(async () => fetchRelease({ lock, mirror: mirror() })));
    assert.equal(new Set(runs.map(([source]) => source?.folder)).size, 1);
    assert.equal((await readdir(path.join(folder(), "second-cache", "sources"))).length, 1);
  });

  it("shows both digests when the bytes are not what the lock pins, and keeps none of them", async () => {
    await pinned();
    const wrong = lockWith("1".repeat(64), "2".repeat(64));
    process.env["KF_CACHE_DIR"] = path.join(folder(), "second-cache");
    await assert.rejects(fetchRelease({ lock: wrong, mirror: mirror() }), {
      name: "UserError",
      message:
        /source a from .*1\.0\.tar\.gz.*found.*[0-9a-f]{64}.*expected one of:\s+1{64} \(upstream\)\s+2{64}.*kf release lock/s,
    });
    assert.deepEqual(await readdir(path.join(folder(), "second-cache", "sources")), []);
  });

  it("names the archive when it is truncated", async () => {
    const lock = await pinned();
    process.env["KF_CACHE_DIR"] = path.join(folder(), "second-cache");
    await writeFile(path.join(mirror(), inMirror), archive.subarray(0, archive.length - 40));
    await assert.rejects(
      fetchRelease({ lock, mirror: mirror() }),
      /archive a from .*1\.0\.tar\.gz is damaged or truncated/,
    );
  });

  it("names a mirror folder that is not there", async () => {
    const gone = path.join(folder(), "gone");
    await assert.rejects(fetchRelease({ lock: lockWith("1".repeat(64)), mirror: gone }), (error: unknown) => {
      assert.ok(error instanceof UnreachableError);
      assert.match(error.message, /the mirror .*gone is no folder on this machine\. Check KF_MIRROR/);
      return true;
    });
  });

  describe("with a mirror on the web", () => {
    async function serve(
      status: number,
      body: Buffer | string,
    ): Promise<{ url: string; asked: string[]; close(): void }> {
      const asked: string[] = [];
      const server = createServer((request, response) => {
        asked.push(request.url ?? "");
        response.writeHead(status).end(body);
      });
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      const { port } = server.address() as AddressInfo;
      return { url: `http://127.0.0.1:${port}/base/`, asked, close: () => server.close() };
    }

    it("asks it for <host>/<path>", async () => {
      const lock = await pinned();
      process.env["KF_CACHE_DIR"] = path.join(folder(), "second-cache");
      const web = await serve(200, archive);
      try {
        const [source] = await fetchRelease({ lock, mirror: web.url });
        assert.equal(source?.origin, "mirror");
        assert.deepEqual(web.asked, [`/base/${inMirror}`]);
      } finally {
        web.close();
      }
    });

    it("names it when it fails, and does not go upstream behind its back", async () => {
      const web = await serve(503, "out of order");
      const expected = { message: /the mirror http:\/\/127\.0\.0\.1:\d+\/base\/ does not answer: .*503/ };
      try {
        await assert.rejects(fetchRelease({ lock: lockWith("1".repeat(64)), mirror: web.url }), expected);
      } finally {
        web.close();
      }
      const refused = { message: /the mirror .* does not answer: .*ECONNREFUSED/ };
      await assert.rejects(fetchRelease({ lock: lockWith("1".repeat(64)), mirror: web.url }), refused);
    });

    it("goes upstream for what it does not have, and names the URL that fails there", async () => {
      const web = await serve(404, "");
      // Nothing listens there: upstream is out of reach whatever network this machine has.
      process.env["HTTPS_PROXY"] = "http://127.0.0.1:1";
      try {
        await assert.rejects(fetchRelease({ lock: lockWith("1".repeat(64)), mirror: web.url }), {
          message: /cannot fetch https:\/\/example\.invalid\/a\/1\.0\.tar\.gz: .*KF_MIRROR/,
        });
      } finally {
        web.close();
      }
    });
  });
});
