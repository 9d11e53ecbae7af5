/**
 * Where the Pulumi CLI and its plugins put temporary files: a folder of the run's own. The Kubernetes provider writes the
 * kubeconfig in clear to a file there, with every operation, and leaves it (`provider/util.go` of pulumi-kubernetes 4).
 */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { isAlive } from "../shared/processes.ts";

/** Takes the folder away afterwards, and those of runs that were killed before they could. */
export async function withPrivateTemporary<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await dropLeft(os.tmpdir());
  const folder = await mkdtemp(path.join(os.tmpdir(), `kf-pulumi-${String(process.pid)}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function dropLeft(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const pid = /^kf-pulumi-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    // Another user's is not ours to take away.
    await rm(path.join(temporary, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
