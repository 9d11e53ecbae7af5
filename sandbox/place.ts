import fs from "node:fs/promises";
import path from "node:path";
import { UserError } from "../shared/errors.ts";
import { dataDir } from "../shared/paths.ts";

/** Where one sandbox keeps its things. Everything is below `root`, so that deleting `root` deletes the sandbox. */
export interface Place {
  readonly name: string;
  /** Also kwokctl's work folder: nothing of the user's own kwok is touched. */
  readonly root: string;
  /** The configuration that we gave kwokctl last. */
  readonly config: string;
  readonly kubeconfig: string;
  /** What kwokctl keeps of the cluster. */
  readonly cluster: string;
  readonly clusterConfig: string;
  /** Links to the binaries that run; a process is known by its path in here. */
  readonly bin: string;
  readonly pids: string;
  readonly pki: string;
  readonly logs: string;
}

const allowedName = /^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/;

export function placeOf(name: string): Place {
  if (!allowedName.test(name)) {
    throw new UserError(
      `sandbox name "${name}": not allowed; allowed are 1 to 30 lower-case letters, digits and "-", ` +
        `with a letter or digit first and last. Choose another name.`,
      { exitCode: 2 },
    );
  }
  const root = dataDir("sandboxes", name);
  const cluster = path.join(root, "clusters", name);
  return {
    name,
    root,
    config: path.join(root, "sandbox.yaml"),
    kubeconfig: path.join(root, "kubeconfig"),
    cluster,
    clusterConfig: path.join(cluster, "kwok.yaml"),
    bin: path.join(cluster, "bin"),
    pids: path.join(cluster, "pids"),
    pki: path.join(cluster, "pki"),
    logs: path.join(cluster, "logs"),
  };
}

/** Names of all sandboxes, running or not, in order. */
export async function sandboxNames(): Promise<readonly string[]> {
  const entries = await fs.readdir(dataDir("sandboxes"), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && allowedName.test(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** The file's text; `undefined` when there is no such file. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
