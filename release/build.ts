import { mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import PQueue from "p-queue";
import { describeObject, objectKey, type KubernetesObject } from "../kubernetes/objects.ts";
import { messageOf, UserError } from "../shared/errors.ts";
import { cacheDir } from "../shared/paths.ts";
import { storeCrds } from "./crds.ts";
import type { FetchedSource } from "./fetch.ts";
import { applyFixes, isCrd } from "./fixes.ts";
import { canonicalJson, sha256 } from "./json.ts";
import { kustomizeBuild } from "./kustomize.ts";
import { leanCrd } from "./lean.ts";
import type { ReleaseLock } from "./lock.ts";
import type { ReleaseRender } from "./render.ts";
import type { CrdStyle, Progress } from "./types.ts";
import { vendor } from "./vendor.ts";

interface Built {
  readonly component: string;
  readonly objects: readonly KubernetesObject[];
}

/** Builds every component with kustomize, mends the objects and puts the CRDs' bodies into the cache. */
export async function buildRelease(
  lock: ReleaseLock,
  sources: readonly FetchedSource[],
  style: CrdStyle,
  kustomize: string,
  progress: Progress,
): Promise<ReleaseRender> {
  const built = await buildComponents(lock, sources, kustomize, progress);
  const fixed = applyFixes(built.flatMap(({ objects }) => objects));
  const owners = built.flatMap(({ component, objects }) => objects.map(() => component));
  const componentOf = ownersByKey(fixed.objects, owners);
  const bodies = fixed.objects.filter(isCrd);
  const crds = await storeCrds(style === "lean" ? bodies.map(leanCrd) : bodies);
  const objects = fixed.objects.filter((object) => !isCrd(object));
  const digest = sha256(canonicalJson([crds.map((crd) => [crd.name, crd.digest]), objects]));
  return { name: lock.name, digest, sample: lock.sample, crds, objects, componentOf, fixes: fixed.applied };
}

async function buildComponents(
  lock: ReleaseLock,
  sources: readonly FetchedSource[],
  kustomize: string,
  progress: Progress,
): Promise<readonly Built[]> {
  await mkdir(cacheDir("build"), { recursive: true });
  const work = await mkdtemp(cacheDir("build", `${lock.name}-`));
  try {
    const folders = await vendor(lock, sources, work);
    const queue = new PQueue({ concurrency: os.availableParallelism() });
    let done = 0;
    const builds = [...folders].map(([component, folder]) =>
      queue.add(async () => {
        const objects = await kustomizeBuild(kustomize, folder, component);
        done += 1;
        progress(`rendered ${component} (${done} of ${folders.size}, ${objects.length} objects)`);
        return { component, objects };
      }),
    );
    return allOf(await Promise.allSettled(builds));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The values, or one error that tells every failure: all broken components are named in one run. */
function allOf<T>(results: readonly PromiseSettledResult<T>[]): readonly T[] {
  const failures = results.flatMap((result) => (result.status === "rejected" ? [messageOf(result.reason)] : []));
  if (failures.length > 0) throw new UserError(failures.join("\n"));
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

/** The component of each object. Two objects with one identity would overwrite each other. */
function ownersByKey(
  objects: readonly KubernetesObject[],
  owners: readonly string[],
): Readonly<Record<string, string>> {
  const byKey = new Map<string, string>();
  objects.forEach((object, index) => {
    const owner = owners[index] ?? "";
    const other = byKey.get(objectKey(object));
    if (other !== undefined) {
      throw new UserError(`${describeObject(object)} is rendered twice: by component "${other}" and by "${owner}"`);
    }
    byKey.set(objectKey(object), owner);
  });
  return Object.fromEntries(byKey);
}
