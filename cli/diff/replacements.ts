/** What of a change cannot be made in place: the rules are those of the engine's providers, which are asked. */
import { kubernetesProviderSettings } from "../../components/shared/kubernetes-provider.ts";
import { text } from "../../engine/kubernetes/objects.ts";
import { compare } from "../../engine/kubernetes/replacements.ts";
import type { ProviderDiff, ResourceRef } from "../../engine/provider.ts";
import { randomTypes } from "../../engine/random/types.ts";
import { diffInputs } from "../../engine/simulation/check.ts";
import { simulatedPackages } from "../../engine/simulation/packages.ts";
import type { SimulationTable } from "../../engine/simulation/table.ts";
import { difference } from "../../engine/diff.ts";
import { contains, formatPath, parsePath } from "../../engine/paths.ts";
import type { PropertyMap } from "../../engine/values.ts";
import { fixedFields } from "../../kubernetes/fixed-fields.ts";
import { compareCrds } from "../../plugins/crd/provider.ts";

/** Why a resource has to be made anew; empty where it is changed in place. */
export type ReplacementRules = (ref: ResourceRef, olds: PropertyMap, news: PropertyMap) => ProviderDiff["replaces"];

/** Loads the rules of the packages of some types. */
export async function replacementRules(types: Iterable<string>): Promise<ReplacementRules> {
  const packages = new Set([...types].map((type) => type.split(":", 1)[0]));
  const tables = await Promise.all(
    Object.entries(simulatedPackages).flatMap(([name, load]) =>
      packages.has(name) ? [load().then(({ table }) => table)] : [],
    ),
  );
  const table: SimulationTable = Object.assign({}, ...tables) as SimulationTable;
  return ({ urn, type }, olds, news) => {
    if (type === "kubeflow:index:CustomResourceDefinition") return compareCrds(olds, news).replaces;
    if (type.startsWith("kubernetes:")) return objectReplaces(olds, news);
    if (randomTypes[type] !== undefined) {
      return difference(olds, news).map(({ path }) => ({
        path: formatPath(path),
        reason: "a random value is made anew",
      }));
    }
    const known = table[type];
    return known === undefined
      ? []
      : diffInputs({ urn, type }, known, { id: "", inputs: olds, outputs: {} }, news).replaces;
  };
}

/** Of the provider, and of the program's own options beside it. */
function objectReplaces(olds: PropertyMap, news: PropertyMap): ProviderDiff["replaces"] {
  const kind = { apiVersion: text(news["apiVersion"]), kind: text(news["kind"]) };
  const fixed = fixedFields(kind).map(parsePath);
  const changes = difference(olds, news).filter(({ path }) => fixed.some((pattern) => contains(pattern, path)));
  return [
    ...compare(olds, news, kubernetesProviderSettings).replaces,
    ...changes.map(({ path }) => ({
      path: formatPath(path),
      reason: `Kubernetes does not change this field of a ${kind.kind}`,
    })),
  ];
}
