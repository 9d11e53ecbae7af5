import path from "node:path";
import envPaths from "env-paths";

/** The project's own folder: where `Pulumi.yaml` is. */
export const projectRoot = path.resolve(import.meta.dirname, "..");

const standard = envPaths("kubeflow-pulumi", { suffix: "" });

/**
 * Where fetched, built and rendered things are kept between runs: everything in it can be made again.
 * `KF_CACHE_DIR` moves it.
 */
export function cacheDir(...parts: string[]): string {
  return path.join(process.env["KF_CACHE_DIR"] ?? standard.cache, ...parts);
}

/** Where sandboxes and local stack state live: not to be deleted while a stack is up. `KF_DATA_DIR` moves it. */
export function dataDir(...parts: string[]): string {
  return path.join(process.env["KF_DATA_DIR"] ?? standard.data, ...parts);
}
