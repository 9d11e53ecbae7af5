/** What differs without meaning anything: filled-in certificates, and the order of lists that have none. Pure. */
import { equalValues } from "../../engine/diff.ts";
import { isMap, own, type Value } from "../../engine/values.ts";

/** Filled in by controllers; what a rendered release has there is a placeholder. */
const filledIn: ReadonlySet<string> = new Set(["caBundle"]);

/** An object's properties without what somebody else fills in. */
export function withoutNoise(type: string, value: Value): Value {
  if (!type.startsWith("kubernetes:")) return value;
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => withoutNoise(type, item));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (filledIn.has(key) ? [] : [[key, withoutNoise(type, item)]])),
  );
}

/**
 * Lists of Kubernetes objects whose order means nothing: by the key that their items are told apart by
 * (`x-kubernetes-list-map-keys` and patch merge keys of Kubernetes 1.34), or as sets. `initContainers` run in their order.
 */
const mapLists: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  env: ["name"],
  volumes: ["name"],
  volumeMounts: ["mountPath"],
  volumeDevices: ["devicePath"],
  imagePullSecrets: ["name"],
  webhooks: ["name"],
  hostAliases: ["ip"],
  topologySpreadConstraints: ["topologyKey", "whenUnsatisfiable"],
};
const sets: ReadonlySet<string> = new Set([
  ...["tolerations", "finalizers", "accessModes", "ipFamilies"],
  // Of RBAC; a rule of a network policy or a gateway has none of these beside it.
  ...["subjects", "verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"],
]);
const rbacKinds = /:(Cluster)?Role$/;

/** `old` with the items of such lists in the order that `next` has them in; what is gone comes last. */
export function aligned(type: string, old: Value, next: Value, key = ""): Value {
  if (Array.isArray(old) && Array.isArray(next))
    return alignedList(type, old as readonly Value[], next as readonly Value[], key);
  if (!isMap(old) || !isMap(next)) return old;
  return Object.fromEntries(
    Object.entries(old).map(([name, item]) => {
      const other = own(next, name);
      return [name, other === undefined ? item : aligned(type, item, other, name)];
    }),
  );
}

function alignedList(type: string, olds: readonly Value[], news: readonly Value[], key: string): Value {
  const isKubernetes = type.startsWith("kubernetes:");
  const keys = isKubernetes ? mapLists[key] : undefined;
  const isSet = isKubernetes && (sets.has(key) || (key === "rules" && rbacKinds.test(type)));
  const order = keys !== undefined ? byKeys(olds, news, keys) : isSet ? bySame(olds, news) : olds;
  return order.map((item, index) => {
    const other = news[index];
    return item === undefined || other === undefined ? item : aligned(type, item, other, key);
    // A place that only `next` has is left empty, which reads as one that is not there.
  }) as readonly Value[];
}

type Order = readonly (Value | undefined)[];

function byKeys(olds: readonly Value[], news: readonly Value[], keys: readonly string[]): Order {
  const identity = (item: Value): string => JSON.stringify(keys.map((key) => (isMap(item) ? own(item, key) : item)));
  const byIdentity = new Map(olds.map((item) => [identity(item), item]));
  const known = new Set(news.map(identity));
  // Two of one key (a mistake, but possible): left in their order.
  if (byIdentity.size !== olds.length || known.size !== news.length) return olds;
  const gone = olds.filter((item) => !known.has(identity(item)));
  return [...news.map((item) => byIdentity.get(identity(item))), ...gone];
}

/** Equal ones opposite each other; the others fill the places that are left, so that a changed one reads as changed. */
function bySame(olds: readonly Value[], news: readonly Value[]): Order {
  const left = [...olds];
  const order: (Value | undefined)[] = news.map((item) => {
    const index = left.findIndex((candidate) => equalValues(candidate, item));
    return index < 0 ? undefined : left.splice(index, 1)[0];
  });
  const filled = order.map((item) => item ?? left.shift());
  return [...filled, ...left];
}
