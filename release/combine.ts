import { objectKey, type KubernetesObject } from "../kubernetes/objects.ts";
import { UserError } from "../shared/errors.ts";
import type { RenderedChart } from "./helm/render.ts";
import { canonicalJson, sha256 } from "./json.ts";
import { crdKey } from "./order/order.ts";
import type { RenderedRelease } from "./types.ts";

/** A chart as it was rendered, and where to. */
export interface PlacedChart {
  /** The component that its objects belong to: the name of Helm's release. */
  readonly component: string;
  readonly namespace: string;
  readonly rendered: RenderedChart;
}

/**
 * A release with charts beside it, as one: registered, ordered, listed and written alike. The namespace of a chart is
 * added where nothing else brings it, as `helm install --create-namespace` would.
 *
 * @throws UserError when two of them bring the same object.
 */
export function withCharts(release: RenderedRelease, charts: readonly PlacedChart[]): RenderedRelease {
  const componentOf: Record<string, string> = { ...release.componentOf };
  const objects = [...release.objects];
  const crds = [...release.crds];
  const claim = (key: string, component: string): void => {
    const owner = componentOf[key];
    if (owner !== undefined) {
      throw new UserError(
        `${key}: both ${owner} and the chart ${component} bring it; allowed: one of them. ` +
          `Switch it off in the values of ${component}, or take the chart out of kubeflow:charts`,
      );
    }
    componentOf[key] = component;
  };
  for (const { component, namespace, rendered } of charts) {
    for (const crd of rendered.crds) {
      claim(crdKey(crd.name), component);
      crds.push(crd);
    }
    for (const object of [...namespaceFor(namespace, componentOf), ...rendered.objects]) {
      claim(objectKey(object), component);
      objects.push(object);
    }
  }
  const phases = charts.flatMap(({ rendered }) => rendered.phases);
  const digest = sha256(canonicalJson([release.digest, ...charts.map(({ rendered }) => rendered.digest)]));
  return { ...release, digest, objects, crds, componentOf, phases };
}

/** The Namespace object, unless something brings it already. */
function namespaceFor(name: string, known: Readonly<Record<string, string>>): readonly KubernetesObject[] {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  return known[objectKey(namespace)] === undefined ? [namespace] : [];
}
