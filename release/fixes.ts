import { groupKind, objectKey, type KubernetesObject } from "../kubernetes/objects.ts";
import { scopeOf, type CustomKind } from "../kubernetes/scopes.ts";
import { isRecord } from "./json.ts";

/** A change that is made to rendered objects before anything else sees them. */
interface Fix {
  readonly id: string;
  /** Why the object cannot be taken as upstream wrote it. */
  readonly reason: string;
  /** The mended object, or the very same one where there is nothing to mend. */
  readonly apply: (
    object: KubernetesObject,
    isClusterScoped: (object: KubernetesObject) => boolean,
  ) => KubernetesObject;
}

/** A fix that changed something in a render. */
export interface AppliedFix {
  readonly id: string;
  readonly reason: string;
  /** Keys of the objects (`objectKey`, after the fix). */
  readonly objects: readonly string[];
}

/** Every difference between what kustomize renders and what a release holds. */
const fixes: readonly Fix[] = [
  {
    id: "namespace-of-cluster-scoped",
    reason:
      "kustomize's namespace transformer marks cluster-scoped objects too; kubectl drops the field, server-side apply and URNs would not",
    apply: (object, isClusterScoped) => (isClusterScoped(object) ? withoutMetadata(object, "namespace") : object),
  },
  {
    id: "null-creation-timestamp",
    reason: "a leftover of code generators (`creationTimestamp: null`); the API server owns the field",
    apply: (object) =>
      object.metadata["creationTimestamp"] === null ? withoutMetadata(object, "creationTimestamp") : object,
  },
  {
    id: "crd-status",
    reason: "a leftover of code generators; the API server owns the status, and applying one claims its fields",
    apply: (object) => {
      if (!isCrd(object) || !("status" in object)) return object;
      return { ...omit(object, "status"), apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata };
    },
  },
  {
    id: "jobset-ca-injection",
    reason:
      "JobSet makes its own certificate, but its CRD asks cert-manager's injector for one by unreplaced variables; in upstream's example they are replaced by PVCViewer's, whose CA then lands in JobSet's conversion webhook (seen in 26.03 and 1.11.0)",
    apply: (object) => {
      const annotation = "cert-manager.io/inject-ca-from";
      const { annotations } = object.metadata;
      if (!isCrd(object) || object.metadata.name !== "jobsets.jobset.x-k8s.io" || !annotations?.[annotation])
        return object;
      return { ...object, metadata: { ...object.metadata, annotations: omit(annotations, annotation) } };
    },
  },
  {
    id: "profile-name",
    reason:
      "1.11.0 means to fill in the first Profile from a ConfigMap, but its replacements select it by the name $(profile-name), which kustomize reads as a regular expression that matches nothing; no API server takes that name",
    apply: (object) => {
      if (object.kind !== "Profile" || object.metadata.name !== "$(profile-name)") return object;
      // Of that ConfigMap, and what 26.03 writes out.
      const owner = { kind: "User", name: "user@example.com" };
      return { ...object, metadata: { ...object.metadata, name: "kubeflow-user-example-com" }, spec: { owner } };
    },
  },
];

/** Applies every fix to every object. */
export function applyFixes(objects: readonly KubernetesObject[]): {
  readonly objects: readonly KubernetesObject[];
  readonly applied: readonly AppliedFix[];
} {
  const isClusterScoped = clusterScope(objects);
  const touched = new Map<Fix, string[]>();
  const mended = objects.map((original) =>
    fixes.reduce((object, fix) => {
      const next = fix.apply(object, isClusterScoped);
      if (next !== object) touched.set(fix, [...(touched.get(fix) ?? []), objectKey(next)]);
      return next;
    }, original),
  );
  const applied = fixes.flatMap((fix) => {
    const keys = touched.get(fix);
    return keys === undefined ? [] : [{ id: fix.id, reason: fix.reason, objects: keys }];
  });
  return { objects: mended, applied };
}

export function isCrd(object: KubernetesObject): boolean {
  return groupKind(object) === "CustomResourceDefinition.apiextensions.k8s.io";
}

function clusterScope(objects: readonly KubernetesObject[]): (object: KubernetesObject) => boolean {
  const custom = objects.filter(isCrd).flatMap((crd): readonly CustomKind[] => {
    const spec = crd["spec"];
    if (!isRecord(spec) || !isRecord(spec["names"])) return [];
    const scope = spec["scope"] === "Cluster" ? "Cluster" : "Namespaced";
    return [{ group: String(spec["group"]), kind: String(spec["names"]["kind"]), scope }];
  });
  return (object) => scopeOf(object, custom) === "Cluster";
}

function withoutMetadata(object: KubernetesObject, key: string): KubernetesObject {
  if (!(key in object.metadata)) return object;
  return { ...object, metadata: { ...omit(object.metadata, key), name: object.metadata.name } };
}

function omit<T>(map: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key));
}
