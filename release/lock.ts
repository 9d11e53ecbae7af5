import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { load } from "js-yaml";
import { z } from "zod";
import { messageOf, UserError } from "../shared/errors.ts";
import { isInside } from "./safe-path.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/, "expected a sha256: 64 lower-case hex digits");
const name = z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, "expected lower-case letters, digits, '-' and '.'");
const inside = z
  .string()
  .refine((value) => isInside(value), "expected a relative path with '/' that stays inside its folder");

/** Whose bytes a digest is of. `mirror`: a mirror whose copy differs from upstream's. */
const origin = z.enum(["upstream", "mirror"]);

const remoteSource = z.strictObject({
  name,
  /** An archive (`.tar.gz`, `.tgz`), or any other single file. */
  url: z.url({ protocol: /^https$/, error: "expected an https URL" }),
  /** Leading path parts of an archive's entries to drop. */
  strip: z.int().min(0).default(0),
  /** Folders of an archive to keep, after stripping. Empty: everything. */
  include: z.array(inside).default([]),
  /** sha256 over the extracted files (paths and contents), so that it does not depend on how they were packed. */
  digests: z.array(z.strictObject({ origin, sha256: hash })),
});
const folderSource = z.strictObject({
  name,
  /** Beside the lock file: a source that comes with the lock, as the sample's does, needs no digest. */
  folder: inside,
});

const component = z.strictObject({
  name,
  /** A kustomization of the root source. */
  path: inside,
  /** Kustomize's own components (`kind: Component`) that upstream's example applies to this part of it. */
  with: z.array(inside).default([]),
});

const remote = z.strictObject({
  /** As kustomization files have it. */
  reference: z.string(),
  source: name,
  path: inside,
  /** Images that are rendered in place of those that the vendored files name; the tag stays. */
  images: z.array(z.strictObject({ name: z.string(), newName: z.string(), reason: z.string().min(1) })).default([]),
});

const render = z.strictObject({ origin, lean: hash, full: hash });

const optionalComponent = component.extend({
  /** Of its objects, which name none. */
  namespace: name,
  /** As `rendered` of the whole, of this one alone. */
  rendered: z.array(render).default([]),
});

const chart = z
  .strictObject({
    name,
    version: z.string(),
    sha256: hash,
    url: z.url().optional(),
    oci: z.string().startsWith("oci://").optional(),
    path: z.string().optional(),
  })
  .refine((value) => [value.url, value.oci, value.path].filter((place) => place !== undefined).length === 1, {
    error: "expected exactly one of url, oci and path",
  });

const schema = z
  .strictObject({
    name,
    /** Of our own writing: never installed on a real cluster. */
    sample: z.boolean().default(false),
    /** The source that `components` are folders of. */
    root: name,
    sources: z.array(z.union([remoteSource, folderSource])).min(1),
    /** References in kustomization files that would reach the network, and which vendored path stands for each. */
    remotes: z.array(remote).default([]),
    components: z.array(component).min(1),
    /** What upstream ships and its example does not install: built when a stack asks for it. */
    optional: z.array(optionalComponent).default([]),
    charts: z.array(chart).default([]),
    /** The digests of the whole render (`RenderedRelease.digest`), one entry per known combination of sources. */
    rendered: z.array(render).default([]),
  })
  .superRefine((lock, context) => {
    const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
    const sources = lock.sources.map((source) => source.name);
    const known = `expected one of sources: ${sources.join(", ")}`;
    if (!sources.includes(lock.root)) refuse(["root"], known);
    lock.remotes.forEach((remote, index) => {
      if (!sources.includes(remote.source)) refuse(["remotes", index, "source"], known);
    });
    const listed = { sources: lock.sources, components: lock.components, optional: lock.optional };
    for (const key of ["sources", "components", "optional"] as const) {
      const names = listed[key].map((item) => item.name);
      names.forEach((item, index) => {
        if (names.indexOf(item) !== index) refuse([key, index, "name"], `"${item}" is listed twice`);
      });
    }
  });

export type RemoteSource = z.infer<typeof remoteSource>;
export type LockedComponent = z.infer<typeof component>;
/** One entry of the lock's `charts`: read by the Helm path. */
export type LockedChart = z.infer<typeof chart>;
export type LockContent = z.infer<typeof schema>;
/** Which Kubeflow: where every byte of a release comes from, and what it must come to. */
export interface ReleaseLock extends LockContent {
  /** The file it was read from. */
  readonly file: string;
}

const locksFolder = path.join(import.meta.dirname, "locks");
const sampleLock = path.join(import.meta.dirname, "sample", "lock.yaml");

/** The releases that come with the project, newest last, and `sample`. */
export async function listReleases(): Promise<readonly string[]> {
  const files = await readdir(locksFolder);
  const names = files.filter((file) => file.endsWith(".yaml")).map((file) => file.slice(0, -".yaml".length));
  return ["sample", ...names.sort((a, b) => a.localeCompare(b, "en", { numeric: true }))];
}

/**
 * Reads a lock.
 *
 * @param release - `26.03`, `sample`, or the path of a lock file of your own (ends in `.yaml`).
 * @throws UserError for an unknown release, and for every fault of a lock file, each by its path.
 */
export async function loadLock(release: string): Promise<ReleaseLock> {
  const file = await lockFile(release);
  let content: unknown;
  try {
    content = load(await readFile(file, "utf8"));
  } catch (error) {
    throw new UserError(`release lock ${file}: ${messageOf(error)}`, { exitCode: 2, cause: error });
  }
  return { ...parseLock(content, file), file };
}

/** @throws UserError with one line per fault: path in the file, and what was expected. */
export function parseLock(content: unknown, file: string): LockContent {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => faultsOf(issue));
  throw new UserError(`release lock ${file}:\n${faults.join("\n")}`, { exitCode: 2 });
}

/** One line per fault; of a choice (a source by URL or folder), those of the choice that comes closest. */
function faultsOf(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): readonly string[] {
  const at = [...above, ...issue.path];
  if (issue.code === "invalid_union") {
    const [closest] = [...issue.errors].sort((a, b) => a.length - b.length);
    if (closest !== undefined) return closest.flatMap((inner) => faultsOf(inner, at));
  }
  return [`  ${at.map(String).join(".") || "(file)"}: ${issue.message}`];
}

async function lockFile(release: string): Promise<string> {
  if (/\.ya?ml$/.test(release)) return path.resolve(release);
  if (release === "sample") return sampleLock;
  const known = await listReleases();
  if (known.includes(release)) return path.join(locksFolder, `${release}.yaml`);
  throw new UserError(
    `unknown release "${release}": expected one of ${known.join(", ")}, or the path of a lock file (.yaml)`,
    { exitCode: 2 },
  );
}
