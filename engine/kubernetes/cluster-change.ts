/** Whether another configuration of a provider leads to another cluster. Pure. */
import { parse } from "yaml";
import { equalValues } from "../diff.ts";
import type { ProviderDiff } from "../provider.ts";
import { isMap, Unknown, unwrapSecrets, type PropertyMap, type Value } from "../values.ts";
import { text } from "./objects.ts";

const reason = "it leads to another cluster, where nothing of this stack is";

/**
 * As Pulumi's Kubernetes provider decides it (provider/pkg/provider/provider.go, `DiffConfig`): by `clusterIdentifier`
 * where both have one, else by the server and the certificate authority that the selected context leads to.
 */
export function diffCluster(given: PropertyMap, asked: PropertyMap): ProviderDiff["replaces"] {
  const [olds, news] = [given, asked].map((config) => unwrapSecrets(config) as PropertyMap) as [
    PropertyMap,
    PropertyMap,
  ];
  const [before, after] = [olds["clusterIdentifier"], news["clusterIdentifier"]];
  if (before !== undefined && after !== undefined) {
    return equalValues(before, after) ? [] : [{ path: "clusterIdentifier", reason }];
  }
  const changed = ["kubeconfig", "context", "cluster"].filter((key) => !equalValues(olds[key], news[key]));
  if (changed.some((key) => news[key] instanceof Unknown)) return changed.map((path) => ({ path, reason }));
  const [old, next] = [activeCluster(olds), activeCluster(news)];
  const isAnother = old !== undefined && next !== undefined && !equalValues(old, next);
  return isAnother ? changed.map((path) => ({ path, reason })) : [];
}

/** The `cluster` entry that the context names; undefined for what is no kubeconfig. */
function activeCluster({ kubeconfig, context }: PropertyMap): Value | undefined {
  const config = parsed(text(kubeconfig));
  if (!isMap(config)) return undefined;
  const selected = entry(config["contexts"], text(context) || text(config["current-context"]), "context");
  return isMap(selected) ? entry(config["clusters"], text(selected["cluster"]), "cluster") : undefined;
}

function entry(list: Value | undefined, name: string, key: "context" | "cluster"): Value | undefined {
  const found = Array.isArray(list)
    ? (list as readonly Value[]).find((item) => isMap(item) && item["name"] === name)
    : undefined;
  return isMap(found) ? found[key] : undefined;
}

function parsed(kubeconfig: string): Value | undefined {
  try {
    return parse(kubeconfig) as Value;
  } catch {
    return undefined;
  }
}
