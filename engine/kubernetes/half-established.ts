import type { KubernetesClient } from "../../kubernetes/client.ts";
import { describeObject, type KubernetesObject } from "../../kubernetes/objects.ts";
import { conditionOf } from "./parts.ts";
import type { WaitContext } from "./readiness.ts";

const FIELD_MANAGER = "kubeflow-pulumi-establish";

/**
 * Gets a CRD established that its API server left half-way: one that dies between accepting the names and establishing
 * queues the CRD again at its next change, not when it starts, so else at the resync after five minutes
 * (`updateCustomResourceDefinition` in apiextensions-apiserver 0.34). This is such a change, taken back at once. When it
 * fails, the resync is left.
 */
export async function establish(crd: KubernetesObject, { client, signal, progress }: WaitContext): Promise<void> {
  try {
    if (!(await wake(crd, client, signal))) return;
    progress(`${describeObject(crd)}: the API server had left it half-way`);
  } catch {
    // Whoever waits for the CRD tells what is wrong with it, or with the API server.
  }
}

/** @returns whether it was needed. */
export async function wake(crd: KubernetesObject, client: KubernetesClient, signal: AbortSignal): Promise<boolean> {
  const live = await client.get(crd, { signal });
  if (live === undefined || !isHalfEstablished(live)) return false;
  const { name, uid } = live.metadata;
  const ref = { apiVersion: live.apiVersion, kind: live.kind, metadata: { name, uid } };
  const annotations = { [`${FIELD_MANAGER}/at`]: new Date().toISOString() };
  await client.apply({ ...ref, metadata: { name, uid, annotations } }, { fieldManager: FIELD_MANAGER, signal });
  await client.apply(ref, { fieldManager: FIELD_MANAGER, signal });
  return true;
}

function isHalfEstablished(crd: KubernetesObject): boolean {
  const established = conditionOf(crd, "Established");
  return conditionOf(crd, "NamesAccepted")?.status === "True" && established?.reason === "Installing";
}
