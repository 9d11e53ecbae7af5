/** Objects of the base that are about workloads which are not installed. */
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import { at, podTemplateOf } from "../../../release/order/references.ts";
import { selects } from "../../../release/order/webhooks.ts";

type Labels = Readonly<Record<string, string>>;

/** Where the kinds of the base that speak of single workloads have their selector. */
const selectorsOf: Readonly<Record<string, (object: KubernetesObject) => unknown>> = {
  NetworkPolicy: (object) => at(object, "spec", "podSelector"),
  Sidecar: (object) => ({ matchLabels: at(object, "spec", "workloadSelector", "labels") }),
};

/**
 * Keys of the policies that select a workload which is left out and none that stays. One that selects nothing at all is
 * about labels that the mesh adds, or about what comes later: it stays.
 */
export function leftovers(kept: readonly KubernetesObject[], gone: readonly KubernetesObject[]): ReadonlySet<string> {
  const found = kept.filter((object) => {
    const selector = selectorsOf[object.kind]?.(object);
    if (selector === undefined) return false;
    const selected = (workload: KubernetesObject): boolean =>
      workload.metadata.namespace === object.metadata.namespace && selects(selector, podLabelsOf(workload));
    return gone.filter(runsPods).some(selected) && !kept.filter(runsPods).some(selected);
  });
  return new Set(found.map(objectKey));
}

function runsPods(object: KubernetesObject): boolean {
  return podTemplateOf(object) !== undefined;
}

function podLabelsOf(workload: KubernetesObject): Labels {
  return (at(podTemplateOf(workload), "metadata", "labels") ?? {}) as Labels;
}
