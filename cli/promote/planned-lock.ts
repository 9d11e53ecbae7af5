/** A lock that is not on disk, for the time of a plan: beside the one it stands for, since it may come with folders. */
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PromotedLock } from "./release-part.ts";

/** @param work gets what `kubeflow:release` has to be for it. */
export async function withPlannedLock<T>(
  root: string,
  stack: string,
  { release, text }: PromotedLock,
  work: (release: string) => Promise<T>,
): Promise<T> {
  if (text === undefined) return work(release);
  const planned = path.posix.join(path.posix.dirname(release), `${stack}.planned.yaml`);
  const file = path.join(root, planned);
  await writeFile(file, text);
  try {
    return await work(planned);
  } finally {
    await rm(file, { force: true });
  }
}
