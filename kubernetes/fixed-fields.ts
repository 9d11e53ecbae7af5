/**
 * Fields that the API server does not change and that Pulumi's Kubernetes provider does not know to replace for: by
 * itself it would plan an update, which ends in a 422. Pure.
 */
import { groupKind, type KubernetesObject } from "./objects.ts";

/**
 * By group and kind; paths in Pulumi's notation. From the update validations of Kubernetes 1.34 (pkg/apis), less what
 * the provider's own list has (engine/kubernetes/replacements.ts).
 */
const fixed: Readonly<Record<string, readonly string[]>> = {
  "ReplicaSet.apps": ["spec.selector"],
  "Job.batch": ["spec.completionMode", "spec.podFailurePolicy", "spec.successPolicy", "spec.managedBy"],
  PersistentVolumeClaim: ["spec.volumeMode", "spec.dataSource", "spec.dataSourceRef"],
  PersistentVolume: ["spec.volumeMode", "spec.nodeAffinity"],
  "StorageClass.storage.k8s.io": ["reclaimPolicy", "volumeBindingMode"],
  "PriorityClass.scheduling.k8s.io": ["value", "preemptionPolicy"],
  "RuntimeClass.node.k8s.io": ["handler"],
  "IngressClass.networking.k8s.io": ["spec.controller"],
};

type KindOfObject = Pick<KubernetesObject, "apiVersion" | "kind">;

/** Of objects of a kind. */
export function fixedFields(object: KindOfObject): readonly string[] {
  return fixed[groupKind(object)] ?? [];
}

/** What makes a resource of such an object be replaced, the old one first: it has a name of ours, so both cannot be there. */
export function replacementOptions(object: KindOfObject): {
  readonly replaceOnChanges?: string[];
  readonly deleteBeforeReplace?: true;
} {
  const paths = fixedFields(object);
  return paths.length === 0 ? {} : { replaceOnChanges: [...paths], deleteBeforeReplace: true };
}

/** Of a StorageClass that a class of the SDK makes. */
export const storageClassReplacement = replacementOptions({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass" });
