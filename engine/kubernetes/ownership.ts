/** Whose an object is, by the record that the API server keeps of who applied which field. Pure. */
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { isEmpty, toValue } from "./objects.ts";

/**
 * `f:<field>` for fields, `k:<keys as JSON>` for items of a list that is merged by key, `v:<value as JSON>` for those of
 * a set. Empty: the whole below is one manager's.
 */
export interface OwnedFields {
  readonly [key: string]: OwnedFields;
}

interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: OwnedFields;
}

function entries({ metadata }: KubernetesObject): readonly ManagedFields[] {
  return (metadata["managedFields"] as readonly ManagedFields[] | undefined) ?? [];
}

/** The fields that `manager` applied and that nobody has changed since; `undefined`: none, the object is not ours. */
export function ownedFields(object: KubernetesObject, manager: string): OwnedFields | undefined {
  return entries(object).find((entry) => entry.manager === manager && entry.operation === "Apply" && !entry.subresource)
    ?.fieldsV1;
}

/** Who else has set fields (status aside), the latest first: `kubectl-edit`, `istiod`. */
export function otherManagers(object: KubernetesObject, manager: string): readonly string[] {
  const others = entries(object).filter((entry) => entry.manager !== manager && !entry.subresource);
  const latest = others.toSorted((a, b) => (b.time ?? "").localeCompare(a.time ?? ""));
  return [...new Set(latest.map((entry) => entry.manager ?? "unknown"))];
}

/**
 * The API server records nothing of an object without fields (a ServiceAccount that is only a name), and who made it
 * could not be told: such an object gets one.
 */
export function withMark(object: KubernetesObject, manager: string): KubernetesObject {
  const { metadata } = object;
  const isNaming = (key: string) => ["apiVersion", "kind", "metadata", "name", "namespace"].includes(key);
  const fields = [...Object.entries(object), ...Object.entries(metadata)].filter(([key]) => !isNaming(key));
  if (!fields.every(([, value]) => isEmpty(toValue(value)))) return object;
  return { ...object, metadata: { ...metadata, annotations: { "pulumi.com/managed-by": manager } } };
}
