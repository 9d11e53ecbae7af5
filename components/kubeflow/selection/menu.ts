/** The dashboard's menu: no entry leads to what is not installed. */
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import { catalogue, componentNames, type ComponentName } from "./catalogue.ts";

const menu = "ConfigMap/kubeflow/centraldashboard-config";

interface Entry {
  readonly link?: string;
  readonly items?: readonly Entry[];
}

/** The release's menu has no entry for the registry, which upstream's example does not install. */
const registryEntry = { type: "item", link: "/model-registry/", text: "Model Registry", icon: "assignment" };

export function withMenuOf(object: KubernetesObject, names: ReadonlySet<ComponentName>): KubernetesObject {
  if (objectKey(object) !== menu) return object;
  const data = object["data"] as Readonly<Record<string, string>>;
  const lists = JSON.parse(data["links"] ?? "{}") as Readonly<Record<string, readonly Entry[]>>;
  const gone = componentNames.filter((name) => !names.has(name)).flatMap((name) => catalogue[name].links ?? []);
  const kept = Object.fromEntries(Object.entries(lists).map(([list, entries]) => [list, without(entries, gone)]));
  if (names.has("model-registry")) kept["menuLinks"] = [...(kept["menuLinks"] ?? []), registryEntry];
  return { ...object, data: { ...data, links: JSON.stringify(kept, null, 2) } };
}

function without(entries: readonly Entry[], gone: readonly string[]): readonly Entry[] {
  return entries.flatMap((entry) => {
    if (gone.some((start) => entry.link?.startsWith(start) === true)) return [];
    if (entry.items === undefined) return [entry];
    const items = without(entry.items, gone);
    return items.length === 0 ? [] : [{ ...entry, items }];
  });
}
