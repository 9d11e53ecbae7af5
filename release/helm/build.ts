import { describeObject, objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import { type CustomKind, scopeOf } from "../../kubernetes/scopes.ts";
import { UserError } from "../../shared/errors.ts";
import { storeCrds } from "../crds.ts";
import { applyFixes } from "../fixes.ts";
import { canonicalJson, sha256 } from "../json.ts";
import { leanCrd } from "../lean.ts";
import type { Progress, RenderedCrd } from "../types.ts";
import { fetchChart } from "./fetch.ts";
import { splitHooks } from "./hooks.ts";
import { chartsOf } from "./metadata.ts";
import type { ChartContext, ChartRequest, RenderedChart } from "./render.ts";
import { hasRemoteReference } from "./schema.ts";
import { helmTemplate } from "./template.ts";
import { checkValues } from "./values.ts";

/** Fetches a chart, checks its values, runs Helm, sorts and mends the objects, and puts the CRDs into the cache. */
export async function buildChart(
  request: ChartRequest,
  context: ChartContext,
  helm: () => Promise<string>,
  progress: Progress,
): Promise<RenderedChart> {
  const { chart: locked, release, namespace, values } = request;
  const { kubeVersion, installed } = context;
  const label = `chart ${locked.name} ${locked.version}`;
  const { chart, source } = await fetchChart(locked, { helm, mirror: context.mirror, progress });
  checkValues(chart, values, { root: request.valuesRoot, freeForm: request.freeForm });
  progress(`render ${label}`);
  const templated = await helmTemplate({
    ...{ helm: await helm(), source, label, release, namespace, kubeVersion, values },
    apiVersions: apiVersionsOf(installed),
    checkSchema: !chartsOf(chart).some(({ schema }) => hasRemoteReference(schema)),
  });

  const phased = splitHooks(templated.objects, label);
  const crds = await storeCrds(prepareCrds(phased.crds, context, label));
  const place = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] =>
    inNamespace(applyFixes(objects).objects, namespace, [...crds, ...installed], label);
  const [before, rest, after] = [place(phased.before), place(phased.rest), place(phased.after)];
  const objects = distinct([...before, ...rest, ...after], label);
  const all = objects.map(objectKey);
  const phases = { before: before.map(objectKey), after: after.map(objectKey), all };
  const keys = [...all, ...phased.crds.map(objectKey)];
  progress(`rendered ${keys.length} objects of ${label}`);
  return {
    name: release,
    digest: sha256(canonicalJson([crds.map((crd) => [crd.name, crd.digest]), objects, phases])),
    sample: false,
    crds,
    objects,
    componentOf: Object.fromEntries(keys.map((key) => [key, release])),
    phases: [phases],
    dropped: phased.dropped.map(describeObject),
    notes: [...templated.warnings, ...phased.notes],
  };
}

/** `group/version` and `group/version/kind` of every CRD: what charts ask for. */
function apiVersionsOf(crds: readonly RenderedCrd[]): readonly string[] {
  const versions = crds.flatMap(({ group, kind, versions }) =>
    versions.flatMap((version) => [`${group}/${version}`, `${group}/${version}/${kind}`]),
  );
  return [...new Set(versions)].sort();
}

function prepareCrds(
  crds: readonly KubernetesObject[],
  context: ChartContext,
  label: string,
): readonly KubernetesObject[] {
  const mended = applyFixes(distinct(crds, label)).objects;
  return context.crds === "full" ? mended : mended.map(leanCrd);
}

/** A chart that is in twice (two aliases) renders what they share twice; unequal twins would overwrite each other. */
function distinct(objects: readonly KubernetesObject[], label: string): readonly KubernetesObject[] {
  const groups = [...Map.groupBy(objects, objectKey).values()];
  return groups.flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const text = canonicalJson(first);
    if (others.every((other) => canonicalJson(other) === text)) return [first];
    throw new UserError(`${label} renders ${describeObject(first)} twice, with different content. Change its values`);
  });
}

/** As `helm install` would: what has no namespace goes to the release's, unless its kind has none. */
function inNamespace(
  objects: readonly KubernetesObject[],
  namespace: string,
  custom: readonly CustomKind[],
  label: string,
): readonly KubernetesObject[] {
  const unknown = objects.filter((object) => object.metadata.namespace === undefined && !scopeOf(object, custom));
  if (unknown.length > 0) {
    const names = unknown.map((object) => `\n  ${object.apiVersion} ${describeObject(object)}`).join("");
    throw new UserError(
      `${label} renders objects of which nobody here knows whether they are namespaced, for no chart or release that is ` +
        `installed before brings their CRD:${names}\nInstall what brings it, or switch them off through the chart's values`,
    );
  }
  return objects.map((object) => {
    const { namespace: given, ...metadata } = object.metadata;
    if (scopeOf(object, custom) === "Cluster") return given === undefined ? object : { ...object, metadata };
    return given === undefined ? { ...object, metadata: { ...metadata, namespace } } : object;
  });
}
