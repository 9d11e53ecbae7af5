import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { messageOf, UserError } from "../../shared/errors.ts";
import { cacheDir, projectRoot } from "../../shared/paths.ts";
import { download, fromMirror } from "../download.ts";
import { extractArchive } from "../extract.ts";
import { isRecord, sha256 } from "../json.ts";
import type { LockedChart } from "../lock.ts";
import { isInside } from "../safe-path.ts";
import { isFolder, treeDigest } from "../tree.ts";
import type { Progress } from "../types.ts";
import { type Chart, loadChart, missingDependencies } from "./metadata.ts";
import { loadHelmMap } from "./yaml.ts";

export interface ChartFetchOptions {
  /** Path of the helm binary: OCI registries are read through it. */
  readonly helm: () => Promise<string>;
  /** A folder or base URL that is tried first. @default - the environment's `KF_MIRROR`, else no mirror */
  readonly mirror?: string | undefined;
  readonly progress: Progress;
}

/** Which chart, before its bytes are known. */
export type ChartReference = Omit<LockedChart, "sha256">;

/** A chart on this machine, its bytes checked. */
export interface FetchedChart {
  /** What helm is given: an archive in the cache, or a folder of this project. */
  readonly source: string;
  readonly chart: Chart;
}

/**
 * Makes a chart present in the cache, digest-checked. What is there is not fetched again.
 *
 * @throws UserError for an unreachable mirror, repository or registry, other bytes than the lock pins (both digests are
 * shown), a bad archive, or a chart whose subcharts are not inside.
 */
export async function fetchChart(locked: LockedChart, options: ChartFetchOptions): Promise<FetchedChart> {
  if (locked.path !== undefined) {
    const folder = ownFolder(locked.path);
    requireDigest(locked, await treeDigest(folder), folder);
    return { source: folder, chart: await loadComplete(locked, folder) };
  }
  const folder = cacheDir("charts", locked.sha256);
  if (!(await isFolder(folder))) await obtain(locked, options, (found, place) => requireDigest(locked, found, place));
  return { source: path.join(folder, archiveName), chart: await loadComplete(locked, path.join(folder, "chart")) };
}

/** Pins whatever is served: for making a lock, never for installing. */
export async function pinChart(reference: ChartReference, options: ChartFetchOptions): Promise<LockedChart> {
  if (reference.path !== undefined) return { ...reference, sha256: await treeDigest(ownFolder(reference.path)) };
  return { ...reference, sha256: await obtain(reference, options, () => undefined) };
}

const archiveName = "chart.tgz";

function ownFolder(relative: string): string {
  if (!isInside(relative)) {
    throw new UserError(`chart path "${relative}": expected a folder of this project, relative to it`, { exitCode: 2 });
  }
  return path.join(projectRoot, relative);
}

function requireDigest(locked: LockedChart, found: string, place: string): void {
  if (found === locked.sha256) return;
  throw new UserError(
    `chart ${locked.name} ${locked.version} from ${place} is not what the lock pins.\n` +
      `found (sha256):\n  ${found}\nexpected:\n  ${locked.sha256}\n` +
      "If you trust where it came from, put the new digest into the lock and review what it renders; if not, fix the mirror.",
  );
}

async function loadComplete(locked: LockedChart, folder: string): Promise<Chart> {
  const chart = await loadChart(folder);
  if (chart.name !== locked.name || chart.version !== locked.version) {
    throw new UserError(
      `chart ${locked.name} ${locked.version}: what the lock names is ${chart.name} ${chart.version}. Correct the lock`,
    );
  }
  const missing = missingDependencies(chart);
  if (missing.length === 0) return chart;
  throw new UserError(
    `chart ${chart.name} ${chart.version} needs ${missing.join(", ")}, which its archive does not hold. ` +
      "Use the published archive, or run `helm dependency update` before packing it",
  );
}

/** Downloads and extracts next to the cache, then moves it in: another run sees all of a chart or nothing. */
async function obtain(
  reference: ChartReference,
  options: ChartFetchOptions,
  check: (found: string, place: string) => void,
): Promise<string> {
  await mkdir(cacheDir("charts"), { recursive: true });
  const work = await mkdtemp(cacheDir("charts", "partial-"));
  try {
    const archive = path.join(work, archiveName);
    const place = await fetchArchive(reference, archive, options);
    const digest = sha256(await readFile(archive));
    check(digest, place);
    await mkdir(path.join(work, "chart"));
    const label = `${reference.name} ${reference.version} from ${place}`;
    await extractArchive(archive, path.join(work, "chart"), { label, strip: 1, include: [] });
    await rename(work, cacheDir("charts", digest)).catch(async (error: unknown) => {
      // Another run was faster: what it put there has the same digest.
      if (!(await isFolder(cacheDir("charts", digest)))) throw error;
    });
    return digest;
  } finally {
    // After a bad archive, entries that were under way may still land there.
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @returns where the bytes came from. */
async function fetchArchive(reference: ChartReference, target: string, options: ChartFetchOptions): Promise<string> {
  const { progress, mirror = process.env["KF_MIRROR"] } = options;
  const { name, version, oci, url = "" } = reference;
  if (url.endsWith(".tgz")) return (await download(url, target, { mirror, progress })).place;

  // Repositories and registries are mirrored as plain files, named as `helm pull` names them.
  const base = oci === undefined ? `${url.replace(/\/+$/, "")}/${name}` : oci.replace(/^oci:/, "https:");
  const file = `${base}-${version}.tgz`;
  const place = mirror === undefined ? undefined : await fromMirror(file, target, mirror, progress);
  if (place !== undefined) return place;
  if (oci !== undefined) return pull(oci, version, target, options);
  const address = await findInRepository(reference, `${url.replace(/\/+$/, "")}/`, `${target}.index`, options);
  return (await download(address, target, { mirror, progress })).place;
}

/** The address of a chart's archive, from the index of its repository. */
async function findInRepository(
  { name, version }: ChartReference,
  repository: string,
  target: string,
  options: ChartFetchOptions,
): Promise<string> {
  const { progress, mirror = process.env["KF_MIRROR"] } = options;
  const { place } = await download(`${repository}index.yaml`, target, { mirror, progress });
  const versions = versionsOf(loadHelmMap(await readFile(target, "utf8")), name);
  await rm(target);
  const [address] = versions.get(version) ?? [];
  if (address !== undefined) return new URL(address, repository).href;
  const known = [...versions.keys()].slice(0, 10).join(", ");
  throw new UserError(`${place} has no chart ${name} ${version}; it has ${known === "" ? "none of that name" : known}`);
}

/** The addresses of each version of a chart. */
function versionsOf(index: Readonly<Record<string, unknown>>, name: string): ReadonlyMap<string, readonly string[]> {
  const entries = isRecord(index["entries"]) ? index["entries"][name] : undefined;
  const found = (Array.isArray(entries) ? (entries as readonly unknown[]) : []).flatMap((entry) => {
    if (!isRecord(entry) || !Array.isArray(entry["urls"])) return [];
    const addresses = (entry["urls"] as readonly unknown[]).filter((address) => typeof address === "string");
    return [[String(entry["version"]), addresses] as const];
  });
  return new Map(found);
}

/** Never run against a live registry where this was written: there was none. */
async function pull(oci: string, version: string, target: string, options: ChartFetchOptions): Promise<string> {
  options.progress(`pull ${oci} ${version}`);
  const folder = await mkdtemp(`${target}-`);
  try {
    const run = await execa(await options.helm(), ["pull", oci, "--version", version, "--destination", folder], {
      stdin: "ignore",
      reject: false,
    });
    const [archive] = (await readdir(folder)).filter((file) => file.endsWith(".tgz"));
    if (run.failed || archive === undefined) {
      throw new UserError(
        `cannot pull ${oci} ${version}: ${run.stderr.trim() || messageOf(run.cause)}. Check the reference and ` +
          "`helm registry login`, or set KF_MIRROR to a folder or base URL that holds " +
          `${oci.replace(/^oci:\/\//, "")}-${version}.tgz`,
      );
    }
    await rename(path.join(folder, archive), target);
    return oci;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
