import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../shared/errors.ts";
import type { ListedObject, SandboxApi } from "./api.ts";
import { nodeObject, poolLabel, storageClassObject, volumeObjects, type NodePool } from "./objects.ts";

/** How many nodes each pool is to have; `undefined` leaves a pool that has some as it is. */
export type NodeCounts = Readonly<Record<NodePool, number | undefined>>;

/** What a pool without nodes gets when nobody says how many. */
const defaultCounts: Readonly<Record<NodePool, number>> = { cpu: 3, gpu: 2, mig: 0 };
const readyTimeoutMs = 60_000;

/** Makes what is missing in the sandbox and waits until its nodes are ready. */
export async function ensureContents(api: SandboxApi, counts: NodeCounts): Promise<void> {
  await Promise.all([
    ensureNodes(api, counts),
    createMissing(api, "/apis/storage.k8s.io/v1/storageclasses", [storageClassObject]),
    createMissing(api, "/api/v1/persistentvolumes", volumeObjects),
  ]);
  await nodesReady(api);
}

async function ensureNodes(api: SandboxApi, counts: NodeCounts): Promise<void> {
  const present = await api.list("/api/v1/nodes");
  const isNew = present.every((node) => node.metadata.labels?.[poolLabel] === undefined);
  for (const pool of ["cpu", "gpu", "mig"] as const) {
    const count = counts[pool] ?? (isNew ? defaultCounts[pool] : undefined);
    if (count !== undefined) await scale(api, pool, count, present);
  }
}

async function scale(api: SandboxApi, pool: NodePool, count: number, present: readonly ListedObject[]): Promise<void> {
  const wanted = Array.from({ length: count }, (_, index) => nodeObject(pool, index));
  const names = new Set(wanted.map((node) => node.metadata.name));
  const inPool = present.filter((node) => node.metadata.labels?.[poolLabel] === pool);
  const surplus = inPool.filter((node) => !names.has(node.metadata.name));
  await createMissing(api, "/api/v1/nodes", wanted);
  await Promise.all(surplus.map(async (node) => await api.delete("/api/v1/nodes", node.metadata.name)));
}

async function createMissing(
  api: SandboxApi,
  collection: string,
  objects: readonly { readonly metadata: { readonly name: string } }[],
): Promise<void> {
  const present = new Set((await api.list(collection)).map((object) => object.metadata.name));
  const missing = objects.filter((object) => !present.has(object.metadata.name));
  await Promise.all(missing.map(async (object) => await api.create(collection, object)));
}

async function nodesReady(api: SandboxApi): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  for (;;) {
    const waiting = (await api.list("/api/v1/nodes")).filter((node) => !isReady(node));
    if (waiting.length === 0) return;
    if (Date.now() > deadline) {
      const names = waiting.map((node) => node.metadata.name).join(", ");
      throw new UserError(
        `sandbox: nodes ${names} are not ready after ${readyTimeoutMs / 1000} s. ` +
          `Run \`kf sandbox stop\` and \`kf sandbox start\`; if that does not help, \`kf sandbox reset\`.`,
      );
    }
    await delay(100);
  }
}

/** Ready, and without the taint that a new node has until the controller manager has seen it. */
function isReady(node: ListedObject): boolean {
  return (
    (node.status?.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True") &&
    !(node.spec?.taints ?? []).some(({ key }) => key === "node.kubernetes.io/not-ready")
  );
}
