/** Waiting until a deleted object is really gone, and what it took from outside the cluster with it. */
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { describeObject, type KubernetesObject } from "../../kubernetes/objects.ts";
import { UserError } from "../../shared/errors.ts";
import { partsOf } from "./parts.ts";

const SECONDS = 600;

/**
 * @param deleting as the API server answered the deletion: something holds it still.
 * @throws UserError that names what holds it.
 */
export async function awaitGone(
  deleting: KubernetesObject,
  client: KubernetesClient,
  signal: AbortSignal,
): Promise<void> {
  const timeout = AbortSignal.timeout(SECONDS * 1000);
  const within = AbortSignal.any([signal, timeout]);
  let held = deleting;
  try {
    await waitUntilGone(deleting, client, within);
    const volume = await dynamicVolumeOf(deleting, client, within);
    if (volume === undefined) return;
    held = volume;
    await waitUntilGone(volume, client, within);
  } catch (error) {
    if (!timeout.aborted || signal.aborted) throw error;
    const now = (await client.get(held)) ?? held;
    throw new UserError(`${describeObject(held)} is not gone after ${SECONDS} s: ${holdersOf(now)}`, { cause: error });
  }
}

async function waitUntilGone(object: KubernetesObject, client: KubernetesClient, signal: AbortSignal): Promise<void> {
  const { uid } = object.metadata;
  const isGone = (now: KubernetesObject | undefined) => (now?.metadata["uid"] === uid ? undefined : true);
  await client.waitFor(object, isGone, { metadataOnly: true, signal });
}

/** A disk that was made for a claim goes after it; a cluster that is taken down before would leave it behind. */
async function dynamicVolumeOf(
  claim: KubernetesObject,
  client: KubernetesClient,
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  const name = partsOf(claim).spec.volumeName;
  if (claim.kind !== "PersistentVolumeClaim" || name === undefined) return undefined;
  const volume = await client.get({ apiVersion: "v1", kind: "PersistentVolume", metadata: { name } }, { signal });
  if (volume === undefined || partsOf(volume).spec.persistentVolumeReclaimPolicy !== "Delete") return undefined;
  return volume.metadata.annotations?.["pv.kubernetes.io/provisioned-by"] === undefined ? undefined : volume;
}

function holdersOf(object: KubernetesObject): string {
  const finalizers = (object.metadata["finalizers"] as readonly string[] | undefined) ?? [];
  const left = (partsOf(object).status.conditions ?? []).filter(
    ({ type, status }) => status === "True" && /Remaining|Failure/.test(type),
  );
  const held = finalizers.length > 0 ? `its finalizers ${finalizers.join(", ")} wait for their controllers. ` : "";
  return (
    `${held}${left.map(({ message = "" }) => message).join(" ")}`.trim() || "the API server does not say what holds it"
  );
}
