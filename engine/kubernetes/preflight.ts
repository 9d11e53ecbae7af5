/** What a run would find in its way, asked for by kind before anything is changed. */
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { ApiError } from "../../kubernetes/errors.ts";
import { describeObject, objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import { otherManagers, ownedFields } from "./ownership.ts";

/**
 * Which of `objects` exist and are somebody else's, and which are free: not there, or ours. One listing of metadata a
 * kind, so hundreds of objects cost some dozens of requests. Kinds that may not be listed are in neither: they are looked
 * at one by one when their objects are made.
 */
export async function findForeign(
  objects: readonly KubernetesObject[],
  client: KubernetesClient,
  manager: string,
): Promise<{ readonly foreign: readonly KubernetesObject[]; readonly free: readonly KubernetesObject[] }> {
  const kinds = Map.groupBy(objects, ({ apiVersion, kind }) => `${apiVersion} ${kind}`);
  const foreign: KubernetesObject[] = [];
  const free: KubernetesObject[] = [];
  await Promise.all(
    [...kinds.values()].map(async (wanted) => {
      const existing = await existingOf(wanted, client);
      for (const object of existing === undefined ? [] : wanted) {
        const found = existing?.(object);
        if (found !== undefined && ownedFields(found, manager) === undefined) foreign.push(found);
        else free.push(object);
      }
    }),
  );
  return { foreign, free };
}

/** Looks up what there is of the kind of `wanted`; `undefined` when we may not list it. */
async function existingOf(
  [first]: readonly KubernetesObject[],
  client: KubernetesClient,
): Promise<((object: KubernetesObject) => KubernetesObject | undefined) | undefined> {
  if (first === undefined) return undefined;
  const type = await client.resourceType(first.apiVersion, first.kind);
  if (type === undefined) return () => undefined; // Its CRD is among what is to be made.
  try {
    const items = await client.list(first.apiVersion, first.kind, { metadataOnly: true });
    const byKey = new Map(items.map((item) => [objectKey(item), item]));
    return (object) => byKey.get(objectKey(client.located(object, type)));
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined;
    throw error;
  }
}

export function foreignMessage(object: KubernetesObject, manager: string): string {
  const managers = otherManagers(object, manager).map((other) => `"${other}"`);
  return (
    `${describeObject(object)} (${object.apiVersion}) exists already and was not made by this stack` +
    `${managers.length > 0 ? ` but by ${managers.join(", ")}` : ""}. Run again with --adopt to take it over, or delete or rename it`
  );
}
