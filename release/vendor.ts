import { constants } from "node:fs";
import { cp, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseDocument, visit } from "yaml";
import { UserError } from "../shared/errors.ts";
import type { FetchedSource } from "./fetch.ts";
import { isRecord } from "./json.ts";
import type { LockedComponent, ReleaseLock } from "./lock.ts";
import { listFiles } from "./tree.ts";

const kustomizationNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/**
 * Copies the sources side by side below `folder` and makes the kustomizations refer to the copies, so that no build
 * reaches the network. The sources themselves stay as they are.
 *
 * @returns the folder of each component, by its name.
 * @throws UserError for a reference that a component reaches and that is neither vendored nor a local file.
 */
export async function vendor(
  lock: ReleaseLock,
  sources: readonly FetchedSource[],
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const remotes = await remoteFolders(lock, folder);
  for (const source of sources) {
    const copy = path.join(folder, source.name);
    await cp(source.folder, copy, { recursive: true, mode: constants.COPYFILE_FICLONE });
    const files = await listFiles(copy);
    await makeBuildable(copy, files);
    await rewriteAll(remotes, copy, files);
  }
  const seen = new Set<string>();
  const folders = new Map<string, string>();
  for (const component of lock.components) {
    const built = await buildFolder(
      component,
      path.join(folder, lock.root),
      path.join(folder, `component-${component.name}`),
    );
    await checkLocal(built, folder, seen);
    folders.set(component.name, built);
  }
  return folders;
}

/** Where to build a component: its own folder, or one of ours that adds kustomize's components to it. */
async function buildFolder(component: LockedComponent, root: string, own: string): Promise<string> {
  const plain = path.join(root, component.path);
  if (component.with.length === 0) return plain;
  const components = component.with.map((below) => slashes(path.relative(own, path.join(root, below))));
  return wrap(plain, own, { components });
}

/** The folder that stands for each remote reference: a vendored one, or one of ours that changes images of it. */
async function remoteFolders(lock: ReleaseLock, folder: string): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>();
  for (const [index, remote] of lock.remotes.entries()) {
    const vendored = path.join(folder, remote.source, remote.path);
    const images = remote.images.map(({ name, newName }) => ({ name, newName }));
    const own = path.join(folder, `remote-${index}`);
    folders.set(remote.reference, images.length === 0 ? vendored : await wrap(vendored, own, { images }));
  }
  return folders;
}

/** Makes the folder `own` with a kustomization that adds `changes` to what `base` builds. */
async function wrap(base: string, own: string, changes: Readonly<Record<string, unknown>>): Promise<string> {
  await mkdir(own);
  const resources = [slashes(path.relative(own, base))];
  await writeFile(path.join(own, "kustomization.yaml"), JSON.stringify({ resources, ...changes }));
  return own;
}

/** A source of one file is no folder that kustomize can build, and kustomize reads no lone file outside its root. */
async function makeBuildable(copy: string, files: readonly string[]): Promise<void> {
  const [file] = files;
  if (files.length !== 1 || file === undefined || kustomizationNames.includes(file)) return;
  await writeFile(path.join(copy, "kustomization.yaml"), JSON.stringify({ resources: [file] }));
}

async function rewriteAll(remotes: ReadonlyMap<string, string>, copy: string, files: readonly string[]): Promise<void> {
  for (const name of files.filter((file) => kustomizationNames.includes(path.posix.basename(file)))) {
    const file = path.join(copy, name);
    const content = await readFile(file, "utf8");
    const rewritten = rewriteReferences(content, (reference) => {
      const target = remotes.get(reference);
      return target === undefined ? undefined : slashes(path.relative(path.dirname(file), target));
    });
    if (rewritten !== content) await writeFile(file, rewritten);
  }
}

/** The kustomization with each string that `localPath` knows replaced by its answer; else the same text. */
export function rewriteReferences(content: string, localPath: (reference: string) => string | undefined): string {
  const document = parseDocument(content);
  const replaced: string[] = [];
  visit(document, {
    Scalar(key, node) {
      if (key === "key" || typeof node.value !== "string") return;
      const local = localPath(node.value);
      if (local === undefined) return;
      replaced.push(node.value);
      node.value = local;
    },
  });
  return replaced.length > 0 ? String(document) : content;
}

/** Follows a kustomization to everything it builds on; all of that has to be in `folder`. */
async function checkLocal(target: string, folder: string, seen: Set<string>): Promise<void> {
  if (seen.has(target)) return;
  seen.add(target);
  const file = await kustomizationOf(target);
  if (file === undefined) throw new UserError(`${path.relative(folder, target)} has no kustomization.yaml`);
  const content: unknown = parseDocument(await readFile(file, "utf8")).toJS();
  for (const reference of referencesOf(content)) {
    const next = path.resolve(target, reference);
    const found = next.startsWith(folder + path.sep) ? await stat(next).catch(() => undefined) : undefined;
    if (found === undefined) {
      throw new UserError(
        `${slashes(path.relative(folder, file))} refers to "${reference}", which is not in the release's sources. ` +
          "A build must not reach the network: add the source and the reference to the lock's `sources` and `remotes`",
      );
    }
    if (found.isDirectory()) await checkLocal(next, folder, seen);
  }
}

async function kustomizationOf(folder: string): Promise<string | undefined> {
  for (const name of kustomizationNames) {
    const file = path.join(folder, name);
    if (await stat(file).catch(() => undefined)) return file;
  }
  return undefined;
}

/** Everything that kustomize would load by path or URL; inline YAML and literals are not. */
export function referencesOf(kustomization: unknown): readonly string[] {
  if (!isRecord(kustomization)) return [];
  const list = (key: string): readonly unknown[] => {
    const value = kustomization[key];
    return Array.isArray(value) ? (value as unknown[]) : [];
  };
  const pathOf = (item: unknown) => (isRecord(item) ? item["path"] : undefined);
  const plain = [
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "generators",
    "transformers",
    "validators",
  ];
  const found = [
    ...[...plain, "patchesStrategicMerge"].flatMap(list),
    ...["patches", "patchesJson6902", "replacements"].flatMap(list).map(pathOf),
    pathOf(kustomization["openapi"]),
    ...["configMapGenerator", "secretGenerator"].flatMap(list).flatMap(generatorFiles),
  ];
  return found.filter((item): item is string => typeof item === "string" && !item.includes("\n"));
}

function generatorFiles(generator: unknown): readonly unknown[] {
  if (!isRecord(generator)) return [];
  const files = [generator["files"], generator["envs"], generator["env"]].flat();
  // `key=file` gives the file another name in the object.
  return files.map((file) => (typeof file === "string" ? file.replace(/^[^=/]*=/, "") : file));
}

function slashes(file: string): string {
  return file.split(path.sep).join("/");
}
