import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { extract, type ReadEntry } from "tar";
import { messageOf, UserError } from "../shared/errors.ts";
import { isInside } from "./safe-path.ts";

export interface ExtractOptions {
  /** How messages call the archive: its name and where it came from. */
  readonly label: string;
  /** Leading path parts of the entries to drop. */
  readonly strip: number;
  /** Folders to keep, after stripping. Empty: everything. */
  readonly include: readonly string[];
}

/** Far above any release, far below what fills a disk: argo-workflows, the largest source, has 3,811 entries, 47 MB. */
export const archiveLimits = { entries: 50_000, bytes: 1024 ** 3 } as const;

/**
 * Extracts a (compressed) tar archive. Only plain files and folders come out; a link among the files that are kept, a
 * device, a name that leaves the folder, a truncated file or too much data is an error, never something skipped.
 *
 * @throws UserError that names the archive and the entry. What was extracted so far is for the caller to remove.
 */
export async function extractArchive(archive: string, folder: string, options: ExtractOptions): Promise<void> {
  const input = createReadStream(archive);
  const guard = entryGuard(options);
  const unpack = extract({
    cwd: folder,
    strip: options.strip,
    strict: true,
    filter: (_name, entry) => {
      const verdict = guard(entry as ReadEntry);
      if (typeof verdict !== "string") return verdict;
      input.destroy(new UserError(`archive ${options.label}: ${verdict}. Refused: fetch it from a source you trust`));
      return false;
    },
  });
  try {
    await pipeline(input, unpack);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `archive ${options.label} is damaged or truncated (${messageOf(error)}). Remove it from the mirror or fetch it again`,
      { cause: error },
    );
  }
}

/** Says of each entry in turn whether to extract it, or why the whole archive is refused. */
function entryGuard(options: ExtractOptions): (entry: ReadEntry) => boolean | string {
  let entries = 0;
  let bytes = 0;
  return (entry) => {
    const shown = JSON.stringify(entry.path);
    entries += 1;
    bytes += entry.size;
    if (entries > archiveLimits.entries) return `more than ${archiveLimits.entries} entries`;
    if (bytes > archiveLimits.bytes) return `more than ${archiveLimits.bytes} bytes once extracted, at entry ${shown}`;
    if (!isInside(entry.path)) return `entry ${shown} leaves the folder it is extracted to`;
    const kept = entry.path.split("/").slice(options.strip).join("/");
    if (kept === "" || !isIncluded(kept, options.include)) return false;
    if (entry.type === "Directory" || entry.type === "File" || entry.type === "OldFile") return true;
    return `entry ${shown} is a ${entry.type}${entry.linkpath === undefined ? "" : ` to ${JSON.stringify(entry.linkpath)}`}, only files and folders are allowed`;
  };
}

function isIncluded(path: string, include: readonly string[]): boolean {
  return include.length === 0 || include.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
