import { mkdir, readFile, rename } from "node:fs/promises";
import path from "node:path";
import type { SerializedResource } from "./deployment.ts";
import { errorCode } from "./files.ts";
import { loadProject } from "./project.ts";
import type { StateOptions } from "./state-size.ts";
import { parseSnapshot, stackFiles } from "./store.ts";

/** The resources of a stack's last snapshot as they are on disk, secrets still encrypted; none without a state. */
export async function storedResources(options: StateOptions): Promise<readonly SerializedResource[]> {
  const { snapshot } = await filesOf(options);
  const text = await readFile(snapshot, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? [] : (parseSnapshot(text, snapshot).deployment.resources ?? []);
}

/**
 * Moves the state of a stack to its backups, so that the next operation starts from nothing: for a cluster that is gone
 * with everything in it.
 *
 * @returns where the snapshot is now.
 */
export async function setAsideState(options: StateOptions): Promise<string> {
  const { snapshot, journal, backups } = await filesOf(options);
  await mkdir(backups, { recursive: true });
  const name = `${options.stack}-set-aside-${new Date().toISOString().replaceAll(":", "-")}`;
  const target = path.join(backups, `${name}.json`);
  await rename(snapshot, target);
  await rename(journal, path.join(backups, `${name}.journal`)).catch((error: unknown) => {
    if (errorCode(error) !== "ENOENT") throw error;
  });
  return target;
}

async function filesOf({ projectRoot, stateDir, stack }: StateOptions): Promise<ReturnType<typeof stackFiles>> {
  return stackFiles({ stateDir, project: (await loadProject(projectRoot)).name, stack });
}
