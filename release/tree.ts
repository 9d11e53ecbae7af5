import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { sha256 } from "./json.ts";

/** Every file below `folder`, as sorted `/` paths relative to it. */
export async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    .sort();
}

/** sha256 over the paths and contents of the files below `folder`: the same however they were packed or dated. */
export async function treeDigest(folder: string): Promise<string> {
  const files = await listFiles(folder);
  const lines = await Promise.all(
    files.map(async (file) => `${sha256(await readFile(path.join(folder, file)))}  ${file}\n`),
  );
  return sha256(lines.join(""));
}

export async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
