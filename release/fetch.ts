import path from "node:path";
import { UserError } from "../shared/errors.ts";
import { cacheDir } from "../shared/paths.ts";
import type { Download } from "./download.ts";
import type { ReleaseLock, RemoteSource } from "./lock.ts";
import type { obtain } from "./obtain.ts";
import { isFolder, treeDigest } from "./tree.ts";
import type { Progress } from "./types.ts";

export interface FetchOptions {
  readonly lock: ReleaseLock;
  /** A folder or base URL that is tried first. @default - the environment's `KF_MIRROR`, else no mirror */
  readonly mirror?: string | undefined;
  readonly progress?: Progress | undefined;
}

/** A source as it is on this machine. */
export interface FetchedSource {
  readonly name: string;
  /** sha256 over the files of `folder`. */
  readonly sha256: string;
  /** In the cache, under its digest: not to be written to. */
  readonly folder: string;
  /** Where it was fetched from just now; `undefined` when it was here already. */
  readonly place: string | undefined;
  readonly origin: "mirror" | "upstream" | undefined;
}

/**
 * Makes every source of a release present in the cache, digest-checked. What is there is not fetched again.
 *
 * @throws UserError for an unreachable mirror or URL, a bad archive, or bytes that are not what the lock says.
 */
export async function fetchRelease(options: FetchOptions): Promise<readonly FetchedSource[]> {
  return fetchSources(options, verified);
}

/** As `fetchRelease`, but takes whatever is served: for making a lock, never for installing. */
export async function fetchUnverified(options: FetchOptions): Promise<readonly FetchedSource[]> {
  return fetchSources(options, obtainLazily);
}

type Obtain = (source: RemoteSource, options: Download) => Promise<FetchedSource>;

async function fetchSources(options: FetchOptions, obtainSource: Obtain): Promise<readonly FetchedSource[]> {
  const { lock, progress = () => undefined } = options;
  const mirror = options.mirror ?? process.env["KF_MIRROR"];
  return Promise.all(
    lock.sources.map(async (source) => {
      if ("url" in source) return obtainSource(source, { mirror, progress });
      const folder = path.resolve(path.dirname(lock.file), source.folder);
      return { name: source.name, sha256: await treeDigest(folder), folder, place: undefined, origin: undefined };
    }),
  );
}

/** HTTP and tar clients take longer to load than a warm render takes: they are loaded when something is fetched. */
const obtainLazily: typeof obtain = async (...args) => (await import("./obtain.ts")).obtain(...args);

async function verified(source: RemoteSource, options: Download): Promise<FetchedSource> {
  for (const { sha256 } of source.digests) {
    const folder = cacheDir("sources", sha256);
    if (await isFolder(folder)) return { name: source.name, sha256, folder, place: undefined, origin: undefined };
  }
  return obtainLazily(source, options, (found, place) => {
    if (source.digests.some(({ sha256 }) => sha256 === found)) return;
    const known = source.digests.map(({ origin, sha256 }) => `\n  ${sha256} (${origin})`);
    throw new UserError(
      `source ${source.name} from ${place} is not what the lock pins.\n` +
        `found (sha256 over its files):\n  ${found}\nexpected one of:${known.join("") || " (none)"}\n` +
        "If you trust where it came from, run `kf release lock` with it and review the new digest; if not, fix the mirror.",
    );
  });
}
