/** What a cluster holds, before and after something that must keep it, and how the two differ. */
import { isDeepStrictEqual } from "node:util";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";

/** By `objectKey`. */
export type State = ReadonlyMap<string, KubernetesObject>;

export interface Difference {
  /** `Secret/team-a/key data.password`, or the object alone where it is there only once. */
  readonly what: string;
  /** Undefined: nobody has said that it is to be expected. */
  readonly expected: string | undefined;
}

/** All objects of these kinds, in these namespaces where they are in one. */
export async function stateOf(
  client: KubernetesClient,
  kinds: readonly (readonly [apiVersion: string, kind: string])[],
  namespaces: readonly string[],
): Promise<State> {
  const found = await Promise.all(kinds.map(async ([apiVersion, kind]) => await client.list(apiVersion, kind)));
  // A profile has the name of its namespace.
  const own = found.flat().filter(({ metadata: { namespace, name } }) => namespaces.includes(namespace ?? name));
  return new Map(own.map((object) => [objectKey(object), object]));
}

/** Why an object, or a field of it, is another after a restore. First the field's path, with the object's kind before it. */
const expectations: readonly (readonly [RegExp, string])[] = [
  [/^\S+ metadata\.(uid|resourceVersion|creationTimestamp|generation|managedFields|selfLink)$/, "the API server's own"],
  [/^\S+ metadata\.labels\.velero\.io\/(backup|restore)-name$/, "says which restore it is from"],
  [/^\S+ status(\.|$)/, "its controller writes it anew"],
  [/^\S+ metadata\.ownerReferences$/, "its owner has another uid"],
  [
    /^PersistentVolumeClaim\S* (spec\.volumeName|metadata\.annotations\.pv\.kubernetes\.io\/\S+|metadata\.annotations\.volume\S*)$/,
    "bound anew",
  ],
  [
    /^(ConfigMap\/\S+\/(kube-root-ca\.crt|istio-ca-root-cert)|ServiceAccount\/\S+\/default)( |$)/,
    "the cluster makes it in every namespace",
  ],
  [/^Namespace\S* metadata\.annotations\.kubectl\.kubernetes\.io/, "kubectl's own"],
];

/** Everything that differs, by name. */
export function differences(before: State, after: State): readonly Difference[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  return keys.flatMap((key) => {
    const [one, other] = [before.get(key), after.get(key)];
    if (one === undefined) return [named(`${key} is new`)];
    if (other === undefined) return [named(`${key} is gone`)];
    return changedPaths(one, other).map((path) => named(`${key} ${path}`));
  });
}

function named(what: string): Difference {
  return { what, expected: expectations.find(([pattern]) => pattern.test(what))?.[1] };
}

function changedPaths(one: unknown, other: unknown, path = ""): readonly string[] {
  if (isDeepStrictEqual(one, other)) return [];
  // No labels at all are an empty map of them.
  if (isMap(one) !== isMap(other) && (one === undefined || other === undefined) && !isWhole(path)) {
    return changedPaths(one ?? {}, other ?? {}, path);
  }
  if (!isMap(one) || !isMap(other) || isWhole(path)) return [path];
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return keys.flatMap((key) => changedPaths(one[key], other[key], path === "" ? key : `${path}.${key}`));
}

/** What is a matter of one party as a whole. */
function isWhole(path: string): boolean {
  return /^(metadata\.(managedFields|ownerReferences)|status)$/.test(path);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
