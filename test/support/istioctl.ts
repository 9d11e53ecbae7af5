/** Istio's own analysis of what is rendered, by an `istioctl` from PATH: its Go module can't be had from the proxy. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import type { KubernetesObject } from "../../kubernetes/objects.ts";

/** Version of the `istioctl` on PATH; undefined when there is none. */
export async function istioctlVersion(): Promise<string | undefined> {
  const { failed, stdout } = await execa("istioctl", ["version", "--remote=false", "--short"], { reject: false });
  return failed ? undefined : stdout.trim();
}

/** @returns what it calls an error, as it says it; without a cluster. */
export async function analysisErrors(objects: readonly KubernetesObject[]): Promise<readonly string[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "kf-istioctl-"));
  const file = path.join(folder, "objects.yaml");
  try {
    // JSON is YAML.
    await writeFile(file, objects.map((object) => JSON.stringify(object)).join("\n---\n"));
    const args = ["analyze", "--use-kube=false", "--all-namespaces", "--failure-threshold", "Error", file];
    const { failed, stdout, stderr } = await execa("istioctl", args, { reject: false });
    if (!failed) return [];
    const errors = `${stdout}\n${stderr}`.split("\n").filter((line) => line.startsWith("Error"));
    return errors.length > 0 ? errors : [`istioctl failed: ${stderr}`];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
