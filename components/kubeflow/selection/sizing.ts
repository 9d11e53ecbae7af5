/** Replicas, disruption budgets, spread and resources: what `kubeflow:components.size` says of each workload. */
import { groupKind, objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import { at, listAt, podTemplateOf, textAt } from "../../../release/order/references.ts";
import { selects } from "../../../release/order/webhooks.ts";
import type { RenderedRelease } from "../../../release/types.ts";
import type { Addition, Concern } from "../customisation.ts";
import { cpu, cpuOf, memory, memoryOf } from "./quantity.ts";
import { mayHaveReplicas, needs, sizes, type Size } from "./sizes.ts";

type Json = Readonly<Record<string, unknown>>;

export const sizing: Concern = ({ settings: { components }, release }) => {
  if (components?.size === undefined) return {};
  const size = sizes[components.size];
  const scaled = scaledByItself(release.objects);
  return {
    change: (object) => {
      if (groupKind(object) === "HorizontalPodAutoscaler.autoscaling") return withMinimum(object, size);
      const template = podTemplateOf(object);
      if (template === undefined || !isScalable(object)) return object;
      const several = replicasOf(object, size) > 1;
      const spec: Json = {
        ...(object["spec"] as Json),
        // Two writers of one field would undo each other's work at every `up`.
        ...(several && !scaled.has(objectKey(object)) ? { replicas: replicasOf(object, size) } : {}),
        template: withSpread(withNeeds(object, template, size.factor), object, several),
      };
      return { ...object, spec };
    },
    additions: budgets(release, size),
  };
};

/** Jobs and pods end: they are no one's to scale. */
function isScalable({ kind }: KubernetesObject): boolean {
  return ["Deployment", "StatefulSet", "DaemonSet"].includes(kind);
}

function nameOf({ metadata: { namespace, name } }: KubernetesObject): string {
  return `${namespace ?? ""}/${name}`;
}

function replicasOf(object: KubernetesObject, size: Size): number {
  const manner = mayHaveReplicas[nameOf(object)];
  const upstream = at(object, "spec", "replicas");
  return Math.max(manner === undefined ? 1 : size.replicas[manner], typeof upstream === "number" ? upstream : 1);
}

/** Keys of the workloads that a HorizontalPodAutoscaler has the say over. */
function scaledByItself(objects: readonly KubernetesObject[]): ReadonlySet<string> {
  const autoscalers = objects.filter((object) => groupKind(object) === "HorizontalPodAutoscaler.autoscaling");
  return new Set(
    autoscalers.map(
      (object) =>
        `${textAt(object, "spec", "scaleTargetRef", "kind") ?? ""}.apps/${object.metadata.namespace ?? ""}/` +
        (textAt(object, "spec", "scaleTargetRef", "name") ?? ""),
    ),
  );
}

function withMinimum(autoscaler: KubernetesObject, size: Size): KubernetesObject {
  const target = `${autoscaler.metadata.namespace ?? ""}/${textAt(autoscaler, "spec", "scaleTargetRef", "name") ?? ""}`;
  const manner = mayHaveReplicas[target];
  if (manner === undefined) return autoscaler;
  const spec = autoscaler["spec"] as Json & { readonly minReplicas?: number; readonly maxReplicas: number };
  const minReplicas = Math.max(size.replicas[manner], spec.minReplicas ?? 1);
  return { ...autoscaler, spec: { ...spec, minReplicas, maxReplicas: Math.max(minReplicas, spec.maxReplicas) } };
}

/** Away from each other where there is room, by node and by zone; never at the price of not running. */
function withSpread(template: Json, object: KubernetesObject, several: boolean): Json {
  const spec = at(template, "spec") as Json;
  if (!several || spec["topologySpreadConstraints"] !== undefined) return template;
  const labelSelector = at(object, "spec", "selector");
  const topologySpreadConstraints = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector,
  }));
  return { ...template, spec: { ...spec, topologySpreadConstraints } };
}

function withNeeds(object: KubernetesObject, template: Json, factor: number): Json {
  const spec = at(template, "spec") as Json;
  const containers = listAt(spec, "containers").map((container) => {
    const need = needs[`${nameOf(object)}/${textAt(container, "name") ?? ""}`];
    const resources = (at(container, "resources") ?? {}) as Json;
    const hasRequests = Object.keys(at(resources, "requests") ?? {}).length > 0;
    const asked =
      hasRequests || need === undefined
        ? resources
        : {
            ...resources,
            requests: { cpu: need.cpu, memory: need.memory },
            limits: { memory: need.memoryLimit, ...(at(resources, "limits") as Json | undefined) },
          };
    const grown = multiplied(asked, factor);
    return Object.keys(grown).length === 0 ? container : { ...(container as Json), resources: grown };
  });
  return { ...template, spec: { ...spec, containers } };
}

function multiplied(resources: Json, factor: number): Json {
  if (factor === 1) return resources;
  const grow = (list: unknown): Json =>
    Object.fromEntries(
      Object.entries((list ?? {}) as Readonly<Record<string, string | number>>).map(([name, quantity]) => {
        if (name === "cpu") return [name, cpu(cpuOf(quantity) * factor)];
        return [name, name === "memory" ? memory(memoryOf(quantity) * factor) : quantity];
      }),
    );
  const lists = ["requests", "limits"].filter((list) => resources[list] !== undefined);
  return { ...resources, ...Object.fromEntries(lists.map((list) => [list, grow(resources[list])])) };
}

/** So that a drained node takes one replica at a time. One pod with two budgets could not be evicted at all. */
function budgets({ objects, componentOf }: RenderedRelease, size: Size): readonly Addition[] {
  const known = objects.filter((object) => groupKind(object) === "PodDisruptionBudget.policy");
  return objects
    .filter((object) => ["Deployment", "StatefulSet"].includes(object.kind) && replicasOf(object, size) > 1)
    .filter((object) => !known.some((budget) => protects(budget, object)))
    .map((object) => ({
      component: componentOf[objectKey(object)] ?? "other",
      object: {
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: { name: object.metadata.name, namespace: object.metadata.namespace ?? "default" },
        spec: {
          maxUnavailable: 1,
          selector: at(object, "spec", "selector"),
          // A replica that is not ready protects nobody, and would keep a node from being drained for ever.
          unhealthyPodEvictionPolicy: "AlwaysAllow",
        },
      },
    }));
}

function protects(budget: KubernetesObject, workload: KubernetesObject): boolean {
  const labels = (at(podTemplateOf(workload), "metadata", "labels") ?? {}) as Readonly<Record<string, string>>;
  return budget.metadata.namespace === workload.metadata.namespace && selects(at(budget, "spec", "selector"), labels);
}
