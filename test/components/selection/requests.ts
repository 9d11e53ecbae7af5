/** What a release asks the scheduler for: container requests, as often as they run, with the sidecars of the mesh. */
import { groupKind, type KubernetesObject } from "../../../kubernetes/objects.ts";
import { cpuOf, memoryOf } from "../../../components/kubeflow/selection/quantity.ts";
import { at, listAt, podTemplateOf, textAt } from "../../../release/order/references.ts";

export interface Requests {
  /** Cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  readonly pods: number;
}

/** On one node: a DaemonSet counts once. */
export function requestsOf(objects: readonly KubernetesObject[]): Requests {
  const sidecar = sidecarOf(objects);
  return sum(
    objects.flatMap((object) => {
      const template = podTemplateOf(object);
      if (template === undefined) return [];
      const containers = sum([
        ...listAt(template, "spec", "containers").map(requested),
        ...(isInjected(object, template, objects) ? [sidecar] : []),
      ]);
      // Init containers run before the others: a pod asks for the larger of the two.
      const inits = listAt(template, "spec", "initContainers").map(requested);
      const cpu = Math.max(containers.cpu, ...inits.map((init) => init.cpu));
      const memory = Math.max(containers.memory, ...inits.map((init) => init.memory));
      return Array.from({ length: replicasOf(object, objects) }, () => ({ cpu, memory, pods: 1 }));
    }),
  );
}

function sum(all: readonly Requests[]): Requests {
  return all.reduce(
    (left, right) => ({
      cpu: left.cpu + right.cpu,
      memory: left.memory + right.memory,
      pods: left.pods + right.pods,
    }),
    { cpu: 0, memory: 0, pods: 0 },
  );
}

function requested(container: unknown): Requests {
  const requests = (at(container, "resources", "requests") ?? {}) as Readonly<Record<string, string>>;
  return { cpu: cpuOf(requests["cpu"] ?? 0), memory: memoryOf(requests["memory"] ?? 0), pods: 0 };
}

/** Replicas of an autoscaled workload: the fewest. */
function replicasOf(object: KubernetesObject, objects: readonly KubernetesObject[]): number {
  const autoscaler = objects.find(
    (other) =>
      groupKind(other) === "HorizontalPodAutoscaler.autoscaling" &&
      other.metadata.namespace === object.metadata.namespace &&
      textAt(other, "spec", "scaleTargetRef", "name") === object.metadata.name,
  );
  const replicas = at(autoscaler, "spec", "minReplicas") ?? at(object, "spec", "replicas");
  return typeof replicas === "number" ? replicas : 1;
}

/** As the release's own injector would add it. */
function sidecarOf(objects: readonly KubernetesObject[]): Requests {
  const injector = objects.find(({ metadata: { name } }) => name === "istio-sidecar-injector");
  const values: unknown = JSON.parse(textAt(injector, "data", "values") ?? "{}");
  return requested(at(values, "global", "proxy"));
}

function isInjected(object: KubernetesObject, template: unknown, objects: readonly KubernetesObject[]): boolean {
  const key = "sidecar.istio.io/inject";
  const own = at(template, "metadata", "labels", key) ?? at(template, "metadata", "annotations", key);
  if (own !== undefined) return own === "true";
  const namespace = objects.find(
    ({ kind, metadata }) => kind === "Namespace" && metadata.name === object.metadata.namespace,
  );
  return namespace?.metadata.labels?.["istio-injection"] === "enabled";
}
