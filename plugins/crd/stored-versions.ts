/**
 * Versions of a CRD that its objects are stored in. The API server takes no CRD without a version that is named in
 * `status.storedVersions`, so before one goes every stored object is written anew, in the storage version.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { ApiError } from "../../kubernetes/errors.ts";
import { describeObject, type KubernetesObject } from "../../kubernetes/objects.ts";
import { UserError } from "../../shared/errors.ts";

/** Applies nothing, so it owns nothing; it shows in no object. */
const FIELD_MANAGER = "kubeflow-pulumi-stored-versions";
const TRIES = 10;
const PAUSE_MS = 200;

interface Version {
  readonly name: string;
  readonly storage?: boolean;
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly Version[];
  };
  readonly status?: { readonly storedVersions?: readonly string[] };
}

const partsOf = (crd: KubernetesObject): Crd => crd as KubernetesObject & Crd;

/** `next`, with those versions of `live` that objects may be stored in and `next` has no longer: served, not stored in. */
export function withStoredVersions(next: KubernetesObject, live: KubernetesObject): KubernetesObject {
  const { spec } = partsOf(next);
  const { storedVersions = [] } = partsOf(live).status ?? {};
  const has = ({ name }: Version): boolean => spec.versions.some((version) => version.name === name);
  const left = partsOf(live).spec.versions.filter((version) => storedVersions.includes(version.name) && !has(version));
  if (left.length === 0) return next;
  const versions = [...spec.versions, ...left.map((version) => ({ ...version, storage: false }))];
  return { ...next, spec: { ...spec, versions } };
}

/** Whether objects may be stored in another version than the one they are written in now. */
export function isMixed(crd: KubernetesObject): boolean {
  const { storedVersions = [] } = partsOf(crd).status ?? {};
  return storedVersions.some((version) => version !== storageVersionOf(crd));
}

/**
 * Writes every object anew, in the storage version, then says so in `status.storedVersions`. Cut off at any moment, it
 * can be begun again.
 *
 * @returns how many objects were written.
 * @throws when one cannot be read or written; nothing is said in the status then.
 */
export async function migrate(crd: KubernetesObject, client: KubernetesClient, signal: AbortSignal): Promise<number> {
  const { group, names } = partsOf(crd).spec;
  const version = storageVersionOf(crd);
  const apiVersion = `${group}/${version}`;
  const items = await client.list(apiVersion, names.kind, { metadataOnly: true, signal });
  // An apply without fields changes nothing, and the API server writes what it has in another version than it stores.
  await Promise.all(
    items.map(async ({ metadata: { name, namespace, uid } }) => {
      const ref = {
        apiVersion,
        kind: names.kind,
        metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid },
      };
      try {
        await client.apply(ref, { fieldManager: FIELD_MANAGER, signal });
      } catch (error) {
        // Deleted meanwhile, or made anew, and so in the storage version.
        const now = await client.get(ref, { metadataOnly: true, signal });
        if (now !== undefined && now.metadata["uid"] === uid) throw error;
      }
    }),
  );
  await prune(crd, version, client, signal);
  return items.length;
}

async function prune(
  crd: KubernetesObject,
  version: string,
  client: KubernetesClient,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const now = (await client.get(crd, { signal })) ?? crd;
    if (storageVersionOf(now) !== version)
      throw new UserError(`${describeObject(crd)}: somebody changed its storage version on the way; run again`);
    try {
      await client.patchStatus(now, { storedVersions: [version] }, signal);
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || attempt === TRIES) throw error;
      await delay(PAUSE_MS, undefined, { signal });
    }
  }
}

function storageVersionOf(crd: KubernetesObject): string {
  return partsOf(crd).spec.versions.find(({ storage }) => storage === true)?.name ?? "";
}
