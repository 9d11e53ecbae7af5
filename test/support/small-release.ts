/** A release of a test's own: plain manifests beside a lock file, which is given by its path. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

export interface SmallRelease {
  /** Objects of each component. */
  readonly components: Readonly<Record<string, readonly unknown[]>>;
  /** Further parts of the lock. */
  readonly lock?: Readonly<Record<string, unknown>>;
}

/** @returns the path of the lock, which is what `kubeflow:release` takes. */
export async function writeRelease(folder: string, { components, lock = {} }: SmallRelease): Promise<string> {
  for (const [name, objects] of Object.entries(components)) {
    const component = path.join(folder, "manifests", name);
    await mkdir(component, { recursive: true });
    // JSON is YAML.
    await writeFile(path.join(component, "kustomization.yaml"), JSON.stringify({ resources: ["objects.yaml"] }));
    await writeFile(
      path.join(component, "objects.yaml"),
      objects.map((object) => JSON.stringify(object)).join("\n---\n"),
    );
  }
  const file = path.join(folder, "lock.yaml");
  const sources = [{ name: "manifests", folder: "manifests" }];
  const listed = Object.keys(components).map((name) => ({ name, path: name }));
  await writeFile(file, JSON.stringify({ name: "small", root: "manifests", sources, components: listed, ...lock }));
  return file;
}

export function object(
  kind: string,
  metadata: Readonly<Record<string, unknown>>,
  rest: Readonly<Record<string, unknown>> = {},
): unknown {
  return { apiVersion: "v1", kind, metadata, ...rest };
}
