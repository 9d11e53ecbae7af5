/** What `kf diff` keeps in the cache between its runs, by when it was used last. */
import { lstat, readdir, rm, utimes } from "node:fs/promises";
import path from "node:path";
import { cacheDir } from "../../shared/paths.ts";

/** Folders of the cache below `diff`: files of commits, their packages, plans. */
const kinds = ["trees", "modules", "plans"] as const;
/** Of most pull requests; the packages of one lockfile are a gigabyte. */
const keptDays = 30;

/** Notes that a tree, a folder of packages or a plan is used now. */
export async function noteUse(place: string): Promise<void> {
  const now = new Date();
  // In a cache that may only be read, or gone again by now: it is used all the same.
  await utimes(place, now, now).catch(() => undefined);
}

/** Takes away what was last used longer ago, what a run that was killed left half made included. Never fails a diff. */
export async function dropUnused(): Promise<void> {
  const oldest = Date.now() - keptDays * 24 * 60 * 60_000;
  for (const folder of kinds.map((kind) => cacheDir("diff", kind))) {
    for (const name of await readdir(folder).catch(() => [])) {
      const place = path.join(folder, name);
      const found = await lstat(place).catch(() => undefined);
      if (found === undefined || found.mtimeMs >= oldest) continue;
      // Another run may be taking it away, too; what is left now, a later one takes.
      await rm(place, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}
