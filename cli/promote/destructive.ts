/** Which steps of a plan destroy what holds data, or what everything else is in. */
import type { StepReport } from "../../engine/report.ts";
import { protectedData } from "../../policy/rules/data.ts";

/** Objects with data of their own, or that take others with data along when they go; by type, without its version. */
const inCluster: Readonly<Record<string, string>> = {
  PersistentVolumeClaim: "a volume and what is on it",
  PersistentVolume: "a volume and what is on it",
  Namespace: "everything in the namespace",
  CustomResourceDefinition: "every object of its kind",
  StatefulSet: "pods that keep data",
  Profile: "a tenant with its namespace",
};

const clusters: ReadonlySet<string> = new Set([
  "gcp:container/cluster:Cluster",
  "aws:eks/cluster:Cluster",
  "azure-native:containerservice:ManagedCluster",
]);

export interface Destruction {
  readonly urn: string;
  readonly message: string;
}

export function destructionsIn(steps: readonly StepReport[]): readonly Destruction[] {
  return steps.flatMap(({ urn, type, op }) => {
    if (op !== "delete" && op !== "replace") return [];
    const what = lossOf(type);
    const verb = op === "delete" ? "deleted" : "replaced";
    return what === undefined ? [] : [{ urn, message: `${verb}, and with it ${what}` }];
  });
}

function lossOf(type: string): string | undefined {
  if (clusters.has(type)) return "the cluster and everything in it";
  if (Object.hasOwn(protectedData.resources ?? {}, type)) return "its data";
  return inCluster[type.split(":").at(-1) ?? ""];
}
