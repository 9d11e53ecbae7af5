import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { archiveLimits, extractArchive } from "../../release/extract.ts";
import { tarball, useWorkFolder, type TestEntry } from "./support.ts";

describe("archive extraction", () => {
  const folder = useWorkFolder();
  let count = 0;

  /** Extracts into a folder of its own, two levels below the work folder. */
  async function extractEntries(entries: readonly TestEntry[], include: readonly string[] = []): Promise<string> {
    count += 1;
    const archive = path.join(folder(), `${count}.tgz`);
    const out = path.join(folder(), "out", String(count));
    await mkdir(out, { recursive: true });
    await writeFile(archive, tarball(entries));
    await extractArchive(archive, out, { label: "evil.tgz", strip: 1, include });
    return out;
  }

  const good: TestEntry = { path: "a/good", content: "good" };

  it("keeps files and folders of what is included", async () => {
    const entries = [good, { path: "a/sub/", type: "Directory" as const }, { path: "a/sub/file", content: "x" }];
    assert.deepEqual(await readdir(await extractEntries(entries)), ["good", "sub"]);
    assert.deepEqual(await readdir(await extractEntries(entries, ["sub"])), ["sub"]);
  });

  const bad: readonly (readonly [string, TestEntry, RegExp])[] = [
    [
      "a symbolic link that leaves",
      { path: "a/link", type: "SymbolicLink", linkpath: "../../.." },
      /"a\/link" is a SymbolicLink to "\.\.\/\.\.\/\.\."/,
    ],
    [
      "a symbolic link that stays",
      { path: "a/link", type: "SymbolicLink", linkpath: "good" },
      /"a\/link" is a SymbolicLink/,
    ],
    [
      "a hard link",
      { path: "a/link", type: "Link", linkpath: "/etc/hostname" },
      /"a\/link" is a Link to "\/etc\/hostname"/,
    ],
    ["a device", { path: "a/null", type: "CharacterDevice" }, /"a\/null" is a CharacterDevice/],
    [
      "too much data",
      { path: "a/huge", size: archiveLimits.bytes + 1 },
      /more than 1073741824 bytes once extracted, at entry "a\/huge"/,
    ],
    ["an absolute name", { path: "/etc/evil", content: "x" }, /entry "\/etc\/evil" leaves the folder/],
    ["a Windows drive", { path: "C:/evil", content: "x" }, /entry "C:\/evil" leaves the folder/],
    ["a backslash", { path: "a/..\\evil", content: "x" }, /leaves the folder/],
  ];
  for (const [title, entry, message] of bad) {
    it(`refuses ${title}, naming archive and entry`, async () => {
      await assert.rejects(extractEntries([good, entry]), { name: "UserError", message: /archive evil\.tgz: / });
      await assert.rejects(extractEntries([good, entry]), { message });
    });
  }

  it("refuses every name that climbs, wherever it does, and writes nothing outside", async () => {
    const part = fc.constantFrom("a", "b", ".", "x y", "...");
    const climbing = fc
      .tuple(fc.array(part, { maxLength: 4 }), fc.array(part, { maxLength: 3 }))
      .map(([before, after]) => [...before, "..", ...after, "evil"].join("/"));
    await fc.assert(
      fc.asyncProperty(climbing, async (name) => {
        const entries = [good, { path: name, content: "x" }];
        await assert.rejects(extractEntries(entries), { name: "UserError", message: /leaves the folder/ });
        const outside = await readdir(path.join(folder(), "out"));
        assert.ok(outside.every((item) => /^\d+$/.test(item)));
      }),
      { numRuns: 60 },
    );
  });

  it("refuses a file that is no archive, and one that ends early", async () => {
    const out = path.join(folder(), "out");
    await mkdir(out);
    const whole = tarball([{ path: "a/good", content: "good".repeat(5000) }]);
    for (const bytes of [Buffer.from("not found"), whole.subarray(0, whole.length / 2), Buffer.alloc(0)]) {
      const archive = path.join(folder(), "broken.tgz");
      await writeFile(archive, bytes);
      await assert.rejects(extractArchive(archive, out, { label: "broken.tgz", strip: 1, include: [] }), {
        name: "UserError",
        message: /archive broken\.tgz is damaged or truncated/,
      });
    }
  });
});
