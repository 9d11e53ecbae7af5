/** Sources, archives and locks of the tests' own, in folders of their own. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { Header } from "tar";
import { ensureTool } from "../../tools/tools.ts";
import { type LockContent, parseLock, type ReleaseLock } from "../../release/lock.ts";

/** Makes a folder before each test, with the cache in it, and removes it after. */
export function useWorkFolder(): () => string {
  const environment = { ...process.env };
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "kf-release-"));
    process.env["KF_CACHE_DIR"] = path.join(folder, "cache");
    process.env["NO_PROXY"] = "127.0.0.1";
    delete process.env["KF_MIRROR"];
  });
  afterEach(async () => {
    process.env = { ...environment };
    await rm(folder, { recursive: true, force: true });
  });
  return () => folder;
}

/** Finds kustomize before a test moves the cache that it may be in. */
export function useKustomize(): () => Promise<string> {
  let tool = "";
  before(async () => {
    tool = await ensureTool("kustomize", () => undefined);
  });
  return () => Promise.resolve(tool);
}

export async function writeTree(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
}

/** The types of tar entries that the tests make: `0` file, `1` hard link, `2` symbolic link, `3` device, `5` folder. */
export interface TestEntry {
  readonly path: string;
  readonly content?: string;
  readonly type?: "File" | "Link" | "SymbolicLink" | "CharacterDevice" | "Directory";
  readonly linkpath?: string;
  /** What the header claims. @default - the content's size */
  readonly size?: number;
}

/** A gzipped tar archive with exactly these names, however evil: `tar` itself would clean them. */
export function tarball(entries: readonly TestEntry[]): Buffer {
  const blocks = entries.flatMap(({ path: name, content = "", type = "File", linkpath, size }) => {
    const body = Buffer.from(content);
    const header = new Header({ path: name, type, mode: 0o644, size: size ?? body.length, mtime: new Date(0) });
    if (linkpath !== undefined) header.linkpath = linkpath;
    const block = Buffer.alloc(512);
    header.encode(block);
    return [block, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** A lock as if it had been read from `folder/lock.yaml`. */
export function testLock(folder: string, content: unknown): ReleaseLock {
  const file = path.join(folder, "lock.yaml");
  const parsed: LockContent = parseLock(content, file);
  return { ...parsed, file };
}
