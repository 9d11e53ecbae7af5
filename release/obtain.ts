import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import path from "node:path";
import { cacheDir } from "../shared/paths.ts";
import { download, type Download } from "./download.ts";
import { extractArchive } from "./extract.ts";
import type { FetchedSource } from "./fetch.ts";
import type { RemoteSource } from "./lock.ts";
import { isFolder, treeDigest } from "./tree.ts";

/** Downloads and extracts next to the cache, then moves it in: another run sees all of a source or nothing. */
export async function obtain(
  source: RemoteSource,
  options: Download,
  check: (found: string, place: string) => void = () => undefined,
): Promise<FetchedSource> {
  await mkdir(cacheDir("sources"), { recursive: true });
  const work = await mkdtemp(cacheDir("sources", "partial-"));
  try {
    const tree = path.join(work, "tree");
    await mkdir(tree);
    const { place, origin } = await obtainTree(source, work, tree, options);
    const sha256 = await treeDigest(tree);
    check(sha256, place);
    const folder = cacheDir("sources", sha256);
    await rename(tree, folder).catch(async (error: unknown) => {
      // Another run was faster: what it put there has the same digest.
      if (!(await isFolder(folder))) throw error;
    });
    return { name: source.name, sha256, folder, place, origin };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function obtainTree(source: RemoteSource, work: string, tree: string, options: Download) {
  const base = path.posix.basename(new URL(source.url).pathname);
  if (!isArchive(source)) return download(source.url, path.join(tree, base), options);
  const archive = path.join(work, base);
  const from = await download(source.url, archive, options);
  await extractArchive(archive, tree, { ...source, label: `${source.name} from ${from.place}` });
  return from;
}

function isArchive(source: RemoteSource): boolean {
  return /\.(tar\.gz|tgz)$/.test(new URL(source.url).pathname);
}
