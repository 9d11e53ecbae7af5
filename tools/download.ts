import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { execa } from "execa";
import * as tar from "tar";
import { EnvHttpProxyAgent, fetch } from "undici";
import { messageOf, UserError } from "../shared/errors.ts";
import type { Download } from "./downloads.ts";

/** The file cannot be had from there now; another way may do. */
export class NotAvailable extends Error {}

// Short, because an answer comes quickly or not at all where downloads are shut off, and there is another way.
const connectTimeoutMs = 4_000;
const idleTimeoutMs = 30_000;

/** Hosts that could not be reached, and why: not asked again in this process. */
const unreachable = new Map<string, string>();

/**
 * Downloads one executable to `target`, which must not exist, after its checksum was compared with the publisher's.
 *
 * @throws NotAvailable when the host or the file cannot be reached.
 * @throws UserError when the checksum is wrong.
 */
export async function download(source: Download, target: string): Promise<void> {
  const expected = await publishedChecksum(source);
  const archive = `${target}.download`;
  try {
    const body = await get(source.url);
    await pipeline(body, createWriteStream(archive, { flags: "wx" })).catch((error: unknown) => {
      throw new NotAvailable(`${source.url}: ${messageOf(error)}`);
    });
    await verify(source, archive, expected);
    await extract(archive, source, target);
    await fs.chmod(target, 0o755);
  } finally {
    await fs.rm(archive, { force: true });
  }
}

async function publishedChecksum({ url, checksumUrl }: Download): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await get(checksumUrl)) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  const name = decodeURIComponent(path.posix.basename(new URL(url).pathname));
  const lines = text.split("\n").map((line) => line.trim().split(/\s+\*?/));
  const own = lines.find(([, file]) => file === name) ?? lines.find((line) => line.length === 1);
  const checksum = own?.[0]?.toLowerCase() ?? "";
  if (/^[0-9a-f]{64}$/.test(checksum)) return checksum;
  throw new NotAvailable(`${checksumUrl}: holds no sha256 for ${name}`);
}

async function verify(source: Download, file: string, expected: string): Promise<void> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest("hex");
  if (actual === expected) return;
  throw new UserError(
    `${source.url}: sha256 ${actual}, but its publisher says ${expected} (${source.checksumUrl}). Nothing was ` +
      `installed. Try again; if it stays so, something between here and there changes the file: install the tool ` +
      `yourself and put it on PATH.`,
  );
}

async function extract(archive: string, source: Download, target: string): Promise<void> {
  const { member, url, companions = [] } = source;
  if (member === undefined) {
    await fs.rename(archive, target);
    return;
  }
  const folder = await fs.mkdtemp(`${target}.extract-`);
  try {
    const { dir, ext } = path.posix.parse(member);
    const beside = companions.map((name) => path.posix.join(dir, name + ext));
    // Windows' own tar reads zip files.
    if (url.endsWith(".zip")) await execa("tar", ["-xf", archive, "-C", folder, member, ...beside]);
    else await tar.x({ file: archive, cwd: folder }, [member, ...beside]);
    await fs.rename(path.join(folder, member), target);
    for (const file of beside) {
      await fs.rename(path.join(folder, file), path.join(path.dirname(target), path.basename(file)));
    }
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

async function get(url: string): Promise<Readable> {
  const { host } = new URL(url);
  const known = unreachable.get(host);
  if (known !== undefined) throw new NotAvailable(`${host}: ${known}`);
  const response = await fetch(url, { dispatcher: dispatcher() }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    unreachable.set(host, messageOf(cause));
    throw new NotAvailable(`${host}: ${messageOf(cause)}`);
  });
  if (!response.ok || response.body === null) throw new NotAvailable(`${url}: HTTP status ${response.status}`);
  return Readable.fromWeb(response.body);
}

/** One per request, so that no idle connection keeps the process alive. It honours `HTTPS_PROXY` and `NO_PROXY`. */
function dispatcher(): EnvHttpProxyAgent {
  return new EnvHttpProxyAgent({
    connect: { timeout: connectTimeoutMs },
    headersTimeout: idleTimeoutMs,
    bodyTimeout: idleTimeoutMs,
  });
}
