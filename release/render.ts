import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import { UserError } from "../shared/errors.ts";
import { cacheDir } from "../shared/paths.ts";
import { toolVersions } from "../tools/versions.ts";
import { hasCrd } from "./crds.ts";
import { fetchRelease, type FetchedSource, type FetchOptions } from "./fetch.ts";
import type { AppliedFix } from "./fixes.ts";
import { canonicalJson, sha256 } from "./json.ts";
import type { ReleaseLock } from "./lock.ts";
import type { CrdStyle, RenderedRelease } from "./types.ts";

export interface RenderOptions extends FetchOptions {
  /** @default "lean" */
  readonly crds?: CrdStyle | undefined;
  /** Path of the kustomize binary. @default - found or installed by `tools/` */
  readonly kustomize?: (() => Promise<string>) | undefined;
}

/** A render, and what was mended in it. */
export interface ReleaseRender extends RenderedRelease {
  readonly fixes: readonly AppliedFix[];
}

/**
 * Everything that a release registers: fetched, built and mended, or read from the cache where the same inputs were
 * rendered before.
 *
 * @throws UserError for what `fetchRelease` refuses, a component that does not build, two objects with one identity, or
 * a result that is not what the lock says.
 */
export async function renderRelease(options: RenderOptions): Promise<ReleaseRender> {
  const sources = await fetchRelease(options);
  const release = await renderSources(options, sources);
  verify(options.lock, options.crds ?? "lean", release.digest);
  return release;
}

/** As `renderRelease`, without comparing the result to the lock: for making a lock, never for installing. */
export async function renderSources(options: RenderOptions, sources: readonly FetchedSource[]): Promise<ReleaseRender> {
  const { lock, crds: style = "lean", progress = () => undefined } = options;
  const file = cacheDir("releases", `${lock.name}-${await inputDigest(lock, sources, style)}.json`);
  const cached = await readCached(file);
  if (cached !== undefined) return cached;
  // What builds takes ten times longer to load than a warm render takes.
  const [{ buildRelease }, { ensureTool }] = await Promise.all([import("./build.ts"), import("../tools/tools.ts")]);
  const kustomize = await (options.kustomize?.() ?? ensureTool("kustomize", progress));
  const release = await buildRelease(lock, sources, style, kustomize, progress);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomic(file, JSON.stringify(release));
  progress(`rendered ${release.crds.length + release.objects.length} objects of release ${lock.name}`);
  return release;
}

/** Everything that decides what comes out: the sources, the tool, how we treat its output, and this very code. */
async function inputDigest(lock: ReleaseLock, sources: readonly FetchedSource[], style: CrdStyle): Promise<string> {
  const code = [
    "build.ts",
    "vendor.ts",
    "kustomize.ts",
    "fixes.ts",
    "lean.ts",
    "crds.ts",
    "json.ts",
    "../kubernetes/scopes.ts",
  ];
  const texts = await Promise.all(code.map((file) => readFile(path.join(import.meta.dirname, file), "utf8")));
  const { name, root, remotes, components, sample } = lock;
  const inputs = sources.map((source) => [source.name, source.sha256]);
  const tool = toolVersions.kustomize.pinned;
  return sha256(canonicalJson([{ name, root, remotes, components, sample, inputs, tool, style }, texts]));
}

/** `undefined` when it is not there, not readable, or a CRD body that it names was deleted. */
async function readCached(file: string): Promise<ReleaseRender | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const release = parseCached(text);
  if (release === undefined) return undefined;
  const bodies = await Promise.all(release.crds.map((crd) => hasCrd(crd.digest)));
  return bodies.every(Boolean) ? release : undefined;
}

function parseCached(text: string): ReleaseRender | undefined {
  try {
    return JSON.parse(text) as ReleaseRender;
  } catch {
    // Cut off or overwritten from outside: as good as absent.
    return undefined;
  }
}

function verify(lock: ReleaseLock, style: CrdStyle, found: string): void {
  if (lock.rendered.length === 0 || lock.rendered.some((known) => known[style] === found)) return;
  const known = lock.rendered.map((entry) => `\n  ${entry[style]} (${entry.origin})`);
  throw new UserError(
    `release ${lock.name} (${style} CRDs) does not render to what its lock says.\nfound:\n  ${found}\n` +
      `expected one of:${known.join("")}\nThe sources match the lock, so it is the tool or our own code that changed: ` +
      "compare `kf release render --out` of both, then run `kf release lock` and review its digests",
  );
}
