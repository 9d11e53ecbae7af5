/** What cannot be changed in place. Pure; the tests ask a real API server whether it is so. */
import { groupKind, groupOf } from "../../kubernetes/objects.ts";
import { difference, type Difference } from "../diff.ts";
import { formatPath, parsePath, touches, type Path } from "../paths.ts";
import type { ProviderDiff } from "../provider.ts";
import { isMap, type PropertyMap } from "../values.ts";
import { text } from "./objects.ts";

interface Rule {
  /** Paths that are fixed when the object is made, all below them included. */
  readonly fixed: readonly string[];
  /** Below those: what may change all the same. */
  readonly but?: readonly string[];
}

const selector: Rule = { fixed: ["spec.selector"] };
const roleRef: Rule = { fixed: ["roleRef"] };

/** From the update validations of Kubernetes 1.34 (pkg/apis), by group and kind. */
const rules: Readonly<Record<string, Rule>> = {
  "Deployment.apps": selector,
  "DaemonSet.apps": selector,
  "ReplicaSet.apps": selector,
  "StatefulSet.apps": {
    fixed: ["spec"],
    but: [
      "spec.replicas",
      "spec.ordinals",
      "spec.template",
      "spec.updateStrategy",
      "spec.revisionHistoryLimit",
      "spec.persistentVolumeClaimRetentionPolicy",
      "spec.minReadySeconds",
    ],
  },
  "Job.batch": {
    fixed: [
      "spec.selector",
      "spec.template",
      "spec.completionMode",
      "spec.podFailurePolicy",
      "spec.successPolicy",
      "spec.managedBy",
    ],
  },
  Pod: {
    fixed: ["spec"],
    but: [
      "spec.containers[*].image",
      "spec.initContainers[*].image",
      "spec.activeDeadlineSeconds",
      "spec.terminationGracePeriodSeconds",
      "spec.tolerations",
    ],
  },
  PersistentVolumeClaim: { fixed: ["spec"], but: ["spec.resources.requests", "spec.volumeAttributesClassName"] },
  PersistentVolume: {
    fixed: ["spec"],
    but: [
      "spec.capacity",
      "spec.accessModes",
      "spec.claimRef",
      "spec.mountOptions",
      "spec.persistentVolumeReclaimPolicy",
      "spec.storageClassName",
      "spec.volumeAttributesClassName",
    ],
  },
  Secret: { fixed: ["type"] },
  "RoleBinding.rbac.authorization.k8s.io": roleRef,
  "ClusterRoleBinding.rbac.authorization.k8s.io": roleRef,
  "StorageClass.storage.k8s.io": { fixed: ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"] },
  "PriorityClass.scheduling.k8s.io": { fixed: ["value", "preemptionPolicy"] },
  "RuntimeClass.node.k8s.io": { fixed: ["handler"] },
  "IngressClass.networking.k8s.io": { fixed: ["spec.controller"] },
  "CustomResourceDefinition.apiextensions.k8s.io": { fixed: ["spec.group", "spec.scope"] },
};

/** What `immutable: true` fixes in a ConfigMap or Secret. */
const sealed: Rule = { fixed: ["data", "binaryData", "stringData", "immutable"] };

/** Changes between two sets of inputs of one resource, and which of them mean a new object. */
export function compare(olds: PropertyMap, news: PropertyMap): ProviderDiff {
  const changes = difference(olds, news);
  const replaces = changes.flatMap((change) => {
    const reason = reasonToReplace(change, olds, news);
    return reason === undefined ? [] : [{ path: formatPath(change.path), reason }];
  });
  return {
    changed: changes.length > 0,
    replaces,
    deleteBeforeReplace: replaces.length > 0 && isSameObject(olds, news),
  };
}

function reasonToReplace(change: Difference, olds: PropertyMap, news: PropertyMap): string | undefined {
  const { path } = change;
  const kind = text(olds["kind"]);
  if (touches(path, ["metadata", "name"]) || touches(path, ["metadata", "namespace"]))
    return "an object cannot be renamed or moved";
  if (touches(path, ["kind"])) return "an object cannot become one of another kind";
  if (touches(path, ["apiVersion"])) {
    return sameGroup(olds, news) ? undefined : "an object cannot move to another API group";
  }
  if (kind === "Service") return serviceReason(change);
  const rule = rules[groupKindOf(olds)];
  const fixed = (rule !== undefined && isFixed(path, rule)) || (olds["immutable"] === true && isFixed(path, sealed));
  return fixed ? `Kubernetes does not change this field of a ${kind}` : undefined;
}

/** An address may be asked for later or left to the cluster, but one that is had is not exchanged. */
function serviceReason({ path, old, new: next }: Difference): string | undefined {
  const address = touches(path, ["spec", "clusterIP"]) || touches(path, ["spec", "clusterIPs"]);
  return address && old !== undefined && next !== undefined && old !== "" && next !== ""
    ? "Kubernetes does not change the cluster address of a Service"
    : undefined;
}

function isFixed(path: Path, { fixed, but = [] }: Rule): boolean {
  const isBelow = (pattern: Path) => path.length >= pattern.length && touches(path, pattern);
  return fixed.some((each) => touches(path, parsePath(each))) && !but.some((each) => isBelow(parsePath(each)));
}

function groupKindOf(inputs: PropertyMap): string {
  return groupKind({ apiVersion: text(inputs["apiVersion"]), kind: text(inputs["kind"]) });
}

function sameGroup(olds: PropertyMap, news: PropertyMap): boolean {
  return groupOf(text(olds["apiVersion"])) === groupOf(text(news["apiVersion"]));
}

function isSameObject(olds: PropertyMap, news: PropertyMap): boolean {
  const name = ({ metadata }: PropertyMap) =>
    isMap(metadata) ? [metadata["namespace"], metadata["name"]] : [undefined];
  const [left, right] = [name(olds), name(news)];
  return groupKindOf(olds) === groupKindOf(news) && left.every((part, index) => part === right[index]);
}
