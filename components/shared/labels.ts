import type { CloudSettings, Environment } from "./cloud-settings.ts";

/** What every cloud resource carries as labels or tags: keys and values that every cloud allows. The stack's own are added, and cannot replace these. */
export function standardLabels(
  settings: Pick<CloudSettings, "clusterName" | "labels">,
  environment: Environment,
): Readonly<Record<string, string>> {
  return {
    ...settings.labels,
    application: "kubeflow",
    cluster: settings.clusterName,
    environment,
    "managed-by": "pulumi",
  };
}
