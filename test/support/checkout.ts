/** Stacks of a test's own: the configuration of a stack is a file of the project, so the test gets a project. */
import { cp, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { projectRoot } from "../../shared/paths.ts";

export interface Checkout {
  readonly root: string;
  /** Writes the stack's file. @param config without the namespace of the keys; a key with a `:` is taken as it is. */
  readonly stack: (name: string, config: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly close: () => Promise<void>;
}

const leftOut = new Set(["node_modules", "test", "bench", "docs", "examples", "coverage"]);

/** Copies the project, without its tests, to a temporary folder; the installed packages are shared. */
export async function copyCheckout(): Promise<Checkout> {
  const root = await mkdtemp(path.join(os.tmpdir(), "kf-checkout-"));
  const parts = (await readdir(projectRoot)).filter((part) => !part.startsWith(".") && !leftOut.has(part));
  await Promise.all(parts.map((part) => cp(path.join(projectRoot, part), path.join(root, part), { recursive: true })));
  await symlink(path.join(projectRoot, "node_modules"), path.join(root, "node_modules"));
  return {
    root,
    stack: (name, config) => {
      const keys = Object.entries(config).map(([key, value]) => [key.includes(":") ? key : `kubeflow:${key}`, value]);
      // JSON is YAML.
      const text = JSON.stringify({ config: Object.fromEntries(keys) as unknown }, undefined, 2);
      return writeFile(path.join(root, "stacks", "config", `Pulumi.${name}.yaml`), text);
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}
