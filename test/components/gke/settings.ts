/** Settings as a stack's file gives them, with everything left out that has a default. */
import { gkeSettings, type GkeSettings } from "../../../components/gke/settings.ts";

export const project = "example-kubeflow-dev";
export const projectNumber = "111122223333";

const least = {
  project,
  projectNumber,
  region: "europe-west4",
  zones: ["europe-west4-a", "europe-west4-b"],
  domain: "kubeflow-dev.example.com",
};

export function settingsWith(more: Readonly<Record<string, unknown>> = {}): GkeSettings {
  return gkeSettings.parse({ ...least, ...more });
}

/** The pool of a stack that has but this one. */
export function gpuPoolWith(more: Readonly<Record<string, unknown>>): GkeSettings["gpuPools"][number] {
  const [pool] = settingsWith({ gpuPools: [{ name: "gpu", gpu: "l4", max: 2, ...more }] }).gpuPools;
  if (pool === undefined) throw new Error("no pool");
  return pool;
}
