import { createWriteStream } from "node:fs";
import { copyFile, stat } from "node:fs/promises";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf, UserError } from "../shared/errors.ts";
import type { Progress } from "./types.ts";

/** Neither the mirror nor the network has what a release needs: what a sandbox falls back to the sample for. */
export class UnreachableError extends UserError {}

/** The largest source, the whole of argo-workflows, is about 20 MB packed. */
const maxBytes = 256 * 1024 ** 2;
const httpTimeout = { headersTimeout: 30_000, bodyTimeout: 60_000 };

export interface Download {
  /** A folder or base URL that holds the same files under `<host>/<path>`; it is tried first. */
  readonly mirror: string | undefined;
  readonly progress: Progress;
}

/**
 * Brings the file of `url` to `target`, from the mirror where it has it, else from the URL itself.
 *
 * @returns where the bytes came from, for messages and for new lock entries.
 * @throws UnreachableError naming the mirror or the URL that does not answer.
 */
export async function download(
  url: string,
  target: string,
  options: Download,
): Promise<{ readonly place: string; readonly origin: "mirror" | "upstream" }> {
  const { mirror, progress } = options;
  if (mirror !== undefined) {
    const place = await fromMirror(url, target, mirror, progress);
    if (place !== undefined) return { place, origin: "mirror" };
    progress(`the mirror ${mirror} has no copy of ${url}, fetching it from there`);
  }
  try {
    await fetchTo(url, target, progress);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UnreachableError(
      `cannot fetch ${url}: ${reason(error)}. Check the network and the proxy (HTTPS_PROXY), or set KF_MIRROR to a folder or base URL that holds it as ${mirrorPath(url)}`,
      { cause: error },
    );
  }
  return { place: url, origin: "upstream" };
}

/** The place that the file was copied from. `undefined`: the mirror is there and does not have the file. */
export async function fromMirror(
  url: string,
  target: string,
  mirror: string,
  progress: Progress,
): Promise<string | undefined> {
  const hint = "Check KF_MIRROR, or unset it to fetch from upstream";
  if (/^https?:\/\//.test(mirror)) {
    const place = `${mirror.replace(/\/+$/, "")}/${mirrorPath(url)}`;
    try {
      return (await fetchTo(place, target, progress, { absentIsFine: true })) ? place : undefined;
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UnreachableError(`the mirror ${mirror} does not answer: ${reason(error)}. ${hint}`, { cause: error });
    }
  }
  if (!(await isThere(mirror)))
    throw new UnreachableError(`the mirror ${mirror} is no folder on this machine. ${hint}`);
  const place = path.join(mirror, mirrorPath(url));
  if (!(await isThere(place))) return undefined;
  progress(`copy ${place}`);
  await copyFile(place, target);
  return place;
}

function mirrorPath(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

async function fetchTo(
  url: string,
  target: string,
  progress: Progress,
  options: { readonly absentIsFine?: boolean } = {},
): Promise<boolean> {
  progress(`fetch ${url}`);
  // A hundred modules that most runs, which have everything in the cache, do without.
  const { EnvHttpProxyAgent, fetch } = await import("undici");
  const dispatcher = new EnvHttpProxyAgent(httpTimeout);
  try {
    const response = await fetch(url, { dispatcher });
    if (response.status === 404 && options.absentIsFine === true) return false;
    if (!response.ok || response.body === null) throw new Error(`it answers ${response.status} ${response.statusText}`);
    await pipeline(Readable.fromWeb(response.body), cap(url, progress), createWriteStream(target));
    return true;
  } finally {
    await dispatcher.close();
  }
}

/** Passes bytes on, tells how many there were, and refuses too many. */
function cap(url: string, progress: Progress): Transform {
  const step = 8 * 1024 ** 2;
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (Math.floor((bytes + chunk.length) / step) > Math.floor(bytes / step)) {
        progress(`fetch ${url}: ${Math.round(bytes / 1024 ** 2)} MiB so far`);
      }
      bytes += chunk.length;
      if (bytes > maxBytes) done(new UserError(`${url} is larger than ${maxBytes} bytes: this is no release source`));
      else done(null, chunk);
    },
  });
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** undici says "fetch failed" and keeps the reason in `cause`. */
function reason(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}
