/** Whose an object is, by the record that the API server keeps of who applied which field. Pure. */
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { equalValues } from "../diff.ts";
import type { Path } from "../paths.ts";
import type { FieldManager } from "../provider.ts";
import { isMap, type Value } from "../values.ts";
import { isEmpty, toMap, toValue } from "./objects.ts";

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

/** Who has set the field at `path` of the live object, or something in it; status aside. The latest first. */
export function managersOf(object: KubernetesObject, path: Path): readonly FieldManager[] {
  return entries(object)
    .filter(({ subresource, fieldsV1 }) => subresource !== "status" && owns(fieldsV1, toMap(object), path))
    .map(asManager)
    .toSorted(latestFirst);
}

/** Who has set any field, `manager` and status aside. The latest first. */
export function writersOf(object: KubernetesObject, manager: string): readonly FieldManager[] {
  return entries(object)
    .filter((entry) => entry.subresource !== "status" && entry.manager !== manager)
    .map(asManager)
    .toSorted(latestFirst);
}

function asManager({ manager = "unknown", operation = "Update", subresource, time }: ManagedFields): FieldManager {
  return {
    manager,
    operation,
    ...(time === undefined ? {} : { time }),
    ...(subresource === undefined || subresource === "" ? {} : { subresource }),
  };
}

const latestFirst = (a: FieldManager, b: FieldManager): number => (b.time ?? "").localeCompare(a.time ?? "");

function owns(owned: OwnedFields | undefined, value: Value | undefined, path: Path): boolean {
  if (owned === undefined) return false;
  const [head, ...rest] = path;
  // All of what is below is meant, by the path or by the record.
  if (head === undefined || Object.keys(owned).length === 0) return true;
  if (typeof head === "string") return owns(owned[`f:${head}`], isMap(value) ? value[head] : undefined, rest);
  const item = Array.isArray(value) ? (value as readonly Value[])[head] : undefined;
  return Object.entries(owned).some(([key, fields]) => isItem(key, item, head) && owns(fields, item, rest));
}

/** Whether a key of the record means this item of a list. */
function isItem(key: string, item: Value | undefined, index: number): boolean {
  const text = key.slice(2);
  if (key.startsWith("i:")) return Number(text) === index;
  if (item === undefined || !/^[kv]:/.test(key)) return false;
  const meant = toValue(JSON.parse(text));
  if (key.startsWith("v:")) return equalValues(meant, item);
  return isMap(meant) && isMap(item) && Object.entries(meant).every(([name, value]) => equalValues(item[name], value));
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
