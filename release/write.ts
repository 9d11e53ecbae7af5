import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { dump } from "js-yaml";
import writeFileAtomic from "write-file-atomic";
import { groupKind, objectKey, type KubernetesObject } from "../kubernetes/objects.ts";
import { UserError } from "../shared/errors.ts";
import { readCrd } from "./crds.ts";
import { isRecord, sha256 } from "./json.ts";
import { isInside } from "./safe-path.ts";
import type { RenderedRelease } from "./types.ts";

/** Lists what the last run wrote: what makes a folder ours, and what tells a vanished object from somebody's file. */
const marker = ".kf-release.json";

export interface WrittenRelease {
  /** `/` paths relative to the folder, sorted. */
  readonly files: readonly string[];
  /** How many of them are new or changed. */
  readonly changed: number;
  /** Files of the last run that are gone now. */
  readonly removed: readonly string[];
}

/**
 * Writes one YAML file per object for GitOps: `<namespace or _cluster>/<kind>-<name>.yaml`, CRDs included. A file that
 * would not change is not touched, and files of an earlier run whose object is gone are removed.
 *
 * @throws UserError when the folder holds anything but an earlier output.
 */
export async function writeRelease(release: RenderedRelease, folder: string): Promise<WrittenRelease> {
  const before = await earlierFiles(folder);
  const crds = await Promise.all(release.crds.map(readCrd));
  const objects = [...crds, ...release.objects];
  const names = fileNames(objects);
  const removed = before.filter((file) => !names.includes(file));
  // Listed before they exist, so that a run that is cut off leaves nothing that the next one takes for somebody else's.
  await writeMarker(folder, release, [...new Set([...before, ...names])]);
  const written = await Promise.all(
    objects.map((object, index) =>
      writeIfChanged(path.join(folder, names[index] ?? ""), dump(object, { noRefs: true })),
    ),
  );
  await Promise.all(removed.map((file) => rm(path.join(folder, file), { force: true })));
  await writeMarker(folder, release, names);
  return { files: [...names].sort(), changed: written.filter(Boolean).length, removed };
}

/** The files that an earlier run wrote; none in a new or empty folder. */
async function earlierFiles(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const text = await readFile(path.join(folder, marker), "utf8").catch(() => undefined);
  if (text === undefined) {
    if ((await readdir(folder)).length === 0) return [];
    throw new UserError(
      `${folder} is neither empty nor an earlier output of this command (it has no ${marker}). Name another folder, or empty it`,
      { exitCode: 2 },
    );
  }
  const content: unknown = JSON.parse(text);
  const files: unknown = isRecord(content) ? content["files"] : undefined;
  if (!Array.isArray(files)) return [];
  return files.filter((file): file is string => typeof file === "string" && isInside(file));
}

async function writeMarker(folder: string, release: RenderedRelease, files: readonly string[]): Promise<void> {
  const content = { release: release.name, digest: release.digest, files: [...files].sort() };
  await writeIfChanged(path.join(folder, marker), `${JSON.stringify(content, null, 2)}\n`);
}

async function writeIfChanged(file: string, content: string): Promise<boolean> {
  const before = await readFile(file, "utf8").catch(() => undefined);
  if (before === content) return false;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomic(file, content, { fsync: false });
  return true;
}

/** One file name per object: readable, valid on every system, and never two alike. */
function fileNames(objects: readonly KubernetesObject[]): readonly string[] {
  const readable = objects.map((object) => {
    const { namespace, name } = object.metadata;
    return `${safe(namespace ?? "_cluster")}/${safe(object.kind.toLowerCase())}-${safe(name)}`;
  });
  // Two groups with one kind, or names that differ in a replaced character or in case.
  const taken = Map.groupBy(readable, (file) => file.toLowerCase());
  return objects.map((object, index) => {
    const file = readable[index] ?? "";
    const alone = taken.get(file.toLowerCase())?.length === 1;
    return alone ? `${file}.yaml` : `${file}-${sha256(`${groupKind(object)} ${objectKey(object)}`).slice(0, 8)}.yaml`;
  });
}

function safe(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^\.+/, "_");
}
