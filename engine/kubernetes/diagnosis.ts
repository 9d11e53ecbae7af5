/** Why something is not ready: what its own conditions, its pods and its events say. */
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { conditionOf, partsOf } from "./parts.ts";

export interface Cause {
  readonly message: string;
  /** It seldom heals by itself. */
  readonly lasting?: boolean;
}

const LASTING = new Set(["InvalidImageName", "ErrImageNeverPull", "ImagePullBackOff", "CreateContainerConfigError"]);

/** What keeps the object from being ready, as far as the cluster tells; nothing when it does not. */
export async function diagnose(
  object: KubernetesObject,
  client: KubernetesClient,
  signal?: AbortSignal,
): Promise<readonly Cause[]> {
  const now = await client.get(object, { signal });
  if (now === undefined) return [];
  const refused = conditionOf(now, "ReplicaFailure");
  if (refused?.status === "True") return [{ message: refused.message ?? "its pods are refused", lasting: true }];
  const { matchLabels } = partsOf(now).spec.selector ?? {};
  if (matchLabels === undefined) return eventsOf(now, client, signal);
  const labelSelector = Object.entries(matchLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const pods = await client.list("v1", "Pod", { namespace: now.metadata.namespace, labelSelector, signal });
  return pods.length === 0 ? eventsOf(now, client, signal) : pods.flatMap(ofPod);
}

function ofPod(pod: KubernetesObject): readonly Cause[] {
  const { status } = partsOf(pod);
  const scheduled = conditionOf(pod, "PodScheduled");
  if (scheduled?.status === "False")
    return [{ message: `pod ${pod.metadata.name} has no node: ${scheduled.message ?? ""}` }];
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return containers.flatMap(({ name, state }) => {
    const { reason = "", message = "" } = state?.waiting ?? {};
    const waitsOnly = reason === "" || reason === "PodInitializing" || reason === "ContainerCreating";
    if (waitsOnly) return [];
    return [
      {
        message: `pod ${pod.metadata.name}, container ${name}: ${reason} ${message}`.trim(),
        lasting: LASTING.has(reason),
      },
    ];
  });
}

/** What went wrong with the object itself: a StatefulSet over its quota, a claim that no volume fits. */
async function eventsOf(
  object: KubernetesObject,
  client: KubernetesClient,
  signal?: AbortSignal,
): Promise<readonly Cause[]> {
  const { uid, namespace } = object.metadata;
  const fieldSelector = `involvedObject.uid=${String(uid)}`;
  const events = await client.list("v1", "Event", { namespace: namespace ?? "default", fieldSelector, signal });
  const telling = events.filter(({ type, reason }) => type === "Warning" || String(reason).startsWith("Failed"));
  const messages = new Set(telling.map(({ reason, message }) => `${String(reason)}: ${String(message)}`));
  return [...messages].slice(-3).map((message) => ({ message }));
}
