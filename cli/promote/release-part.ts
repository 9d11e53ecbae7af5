/** The part of a stack that a promotion takes along: read from its file and lock, told by a digest, put into another's. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { loadLock } from "../../release/lock.ts";
import { UserError } from "../../shared/errors.ts";
import { configOf, editConfig, valueAt, type KeyChange } from "./config-file.ts";
import { promotedPaths } from "./keys.ts";

export interface PromotedLock {
  /** As `kubeflow:release` has it: a release of the project, or the path of a lock below the project. */
  readonly release: string;
  /** The name that the lock gives itself. */
  readonly name: string;
  /** Of the file's bytes, hex. */
  readonly sha256: string;
  /** Of a lock of one's own, which is promoted as a file; the project's locks are there by their names. */
  readonly text?: string | undefined;
}

/** Values as the file has them; what it does not set is not there. */
export interface ReleasePart {
  readonly lock: PromotedLock;
  /** By path: `kubeflow:components.preset`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly charts: readonly Chart[];
  /** sha256 (hex) of the lock, the options and which charts there are: two stacks with one digest have one release. */
  readonly digest: string;
}

export interface Chart {
  readonly name: string;
  readonly release?: string | undefined;
  readonly namespace: string;
  readonly values?: unknown;
}

const releaseKey = "kubeflow:release";
const chartsKey = "kubeflow:charts";
/** What Pulumi.yaml has for a stack that names no release. */
const defaultRelease = "26.03";

/** @param text of the stack's file. */
export async function readReleasePart(root: string, file: string, text: string): Promise<ReleasePart> {
  const config = configOf(text, file);
  const options = promotedPaths.flatMap((keys) => {
    const value = valueAt(config, keys);
    return value === undefined || value === "" ? [] : [[keys.join("."), value] as const];
  });
  const charts = (valueAt(config, [chartsKey]) ?? []) as readonly Chart[];
  return partOf(await readLock(root, releaseOf(config)), Object.fromEntries(options), charts);
}

/** A number where somebody has left the quotes out. */
function releaseOf(config: Readonly<Record<string, unknown>>): string {
  const release = config[releaseKey] ?? defaultRelease;
  return typeof release === "string" ? release : JSON.stringify(release);
}

export function partOf(lock: PromotedLock, options: ReleasePart["options"], charts: readonly Chart[]): ReleasePart {
  const told = {
    // Where a lock of one's own lies says nothing of the release.
    lock: [lock.text === undefined ? lock.release : "", lock.sha256],
    options: Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)),
    charts: charts.map(({ name, release = name, namespace }) => [name, release, namespace]),
  };
  return { lock, options, charts, digest: sha256(JSON.stringify(told)) };
}

export async function readLock(root: string, release: string): Promise<PromotedLock> {
  const isOwn = release.endsWith(".yaml");
  const { file, name } = await loadLock(isOwn ? path.resolve(root, release) : release);
  const text = await readFile(file, "utf8");
  return { release, name, sha256: sha256(text), ...(isOwn ? { text } : {}) };
}

/** A file as it is to be, beside what it is now. */
interface FileChange {
  /** Below the project, with `/`. */
  readonly file: string;
  /** Undefined: there is none. */
  readonly before: string | undefined;
  readonly after: string;
}

export interface PlacedPart {
  /** Those that differ, the lock before the configuration that names it. */
  readonly files: readonly FileChange[];
  readonly configText: string;
  /** What it means for the configuration, for a person. */
  readonly changes: readonly KeyChange[];
}

/**
 * Puts a release into another stack's files. What is the environment's stays as it is.
 *
 * A lock of one's own gets a copy for the stack, `<stack>.yaml`, beside the original, since it may come with folders.
 *
 * @param isOwn the part is one that the stack has had before, secrets included.
 */
export async function placePart(
  root: string,
  part: ReleasePart,
  to: { readonly stack: string; readonly file: string; readonly text: string },
  isOwn = false,
): Promise<PlacedPart> {
  const config = configOf(to.text, to.file);
  const release = lockPlace(part.lock, to.stack);
  const lockFile = part.lock.text === undefined ? [] : [await lockChange(root, release, part.lock.text)];
  const wanted: readonly KeyChange[] = [
    { path: [releaseKey], value: release },
    ...promotedPaths.map((keys) => ({ path: keys, value: part.options[keys.join(".")] })),
    { path: [chartsKey], value: mergedCharts(part.charts, valueAt(config, [chartsKey]), isOwn) },
  ];
  const changes = wanted.filter(({ path: keys, value }) => !isDeepStrictEqual(valueAt(config, keys), value));
  const configText = editConfig(to.text, changes);
  const files = [...lockFile, { file: to.file, before: to.text, after: configText }];
  return { files: files.filter(({ before, after }) => before !== after), configText, changes };
}

/** Beside the original, and never a file that another stack has for its own. */
function lockPlace({ release, text }: PromotedLock, stack: string): string {
  return text === undefined ? release : path.posix.join(path.posix.dirname(release), `${stack}.yaml`);
}

async function lockChange(root: string, file: string, after: string): Promise<FileChange> {
  if (path.isAbsolute(file) || file.split("/").includes("..")) {
    throw new UserError(
      `kubeflow:release: ${JSON.stringify(file)}; a lock that is promoted has to lie below the project, so that what is ` +
        "promoted can be committed. Move it there, with its folders",
      { exitCode: 2 },
    );
  }
  const before = await readFile(path.join(root, file), "utf8").catch(() => undefined);
  return { file, before, after };
}

/** Which charts there are comes from the release; their values are the environment's where it has the chart already. */
function mergedCharts(charts: readonly Chart[], present: unknown, isOwn: boolean): unknown {
  const own = (present ?? []) as readonly Chart[];
  const merged = charts.map((chart) => {
    const same = own.find((other) => identity(other) === identity(chart));
    const { values, ...which } = chart;
    const kept = same === undefined ? values : same.values;
    if (same === undefined && !isOwn) refuseSecrets(chart);
    return kept === undefined ? which : { ...which, values: kept };
  });
  return merged.length === 0 && present === undefined ? undefined : merged;
}

const identity = ({ name, release = name, namespace }: Chart): string => `${namespace}/${release}`;

/** What one stack's key has encrypted, another cannot read. */
function refuseSecrets({ name, values }: Chart): void {
  if (!JSON.stringify(values ?? {}).includes('"secure":')) return;
  throw new UserError(
    `kubeflow:charts: the chart ${name} is new to the stack, and its values hold secrets of the stack it comes from. Add ` +
      "the chart to the stack's file first, with secrets of its own",
    { exitCode: 2 },
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
