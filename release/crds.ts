import { mkdir, readFile, stat } from "node:fs/promises";
import writeFileAtomic from "write-file-atomic";
import type { KubernetesObject } from "../kubernetes/objects.ts";
import { UserError } from "../shared/errors.ts";
import { cacheDir } from "../shared/paths.ts";
import { canonicalJson, isRecord, sha256 } from "./json.ts";
import type { RenderedCrd } from "./types.ts";

/** Where the body of a CRD is kept: canonical JSON, under the sha256 of itself. */
function crdFile(digest: string): string {
  return cacheDir("crds", `${digest}.json`);
}

/** Puts the bodies into the cache and describes them. */
export async function storeCrds(crds: readonly KubernetesObject[]): Promise<readonly RenderedCrd[]> {
  await mkdir(cacheDir("crds"), { recursive: true });
  return Promise.all(crds.map(storeCrd));
}

async function storeCrd(crd: KubernetesObject): Promise<RenderedCrd> {
  const body = canonicalJson(crd);
  const described = describeCrd(crd, sha256(body));
  if (!(await hasCrd(described.digest))) await writeFileAtomic(crdFile(described.digest), body, { fsync: false });
  return described;
}

/** Whether the body is in the cache. */
export async function hasCrd(digest: string): Promise<boolean> {
  return stat(crdFile(digest)).then(
    () => true,
    () => false,
  );
}

/**
 * The body of a CRD of a rendered release.
 *
 * @throws UserError when it is not in the cache, or is not what its digest says.
 */
export async function readCrd(crd: Pick<RenderedCrd, "name" | "digest">): Promise<KubernetesObject> {
  const file = crdFile(crd.digest);
  const body = await readFile(file, "utf8").catch(() => undefined);
  if (body === undefined)
    throw new UserError(`CRD ${crd.name} is not in the cache (${file}): render the release again`);
  const found = sha256(body);
  if (found !== crd.digest) {
    throw new UserError(`CRD ${crd.name}: ${file} has the digest ${found}. Delete it and render the release again`);
  }
  return JSON.parse(body) as KubernetesObject;
}

function describeCrd(crd: KubernetesObject, digest: string): RenderedCrd {
  const spec = isRecord(crd["spec"]) ? crd["spec"] : {};
  const names = isRecord(spec["names"]) ? spec["names"] : {};
  const versions = Array.isArray(spec["versions"]) ? (spec["versions"] as readonly unknown[]) : [];
  const service = conversionService(spec["conversion"]);
  return {
    name: crd.metadata.name,
    digest,
    group: String(spec["group"]),
    kind: String(names["kind"]),
    scope: spec["scope"] === "Cluster" ? "Cluster" : "Namespaced",
    versions: versions.flatMap((version) => (isRecord(version) ? [String(version["name"])] : [])),
    ...(service === undefined ? {} : { conversionService: service }),
  };
}

function conversionService(conversion: unknown): { readonly namespace: string; readonly name: string } | undefined {
  const webhook = isRecord(conversion) ? conversion["webhook"] : undefined;
  const client = isRecord(webhook) ? webhook["clientConfig"] : undefined;
  const service = isRecord(client) ? client["service"] : undefined;
  if (!isRecord(service)) return undefined;
  return { namespace: String(service["namespace"]), name: String(service["name"]) };
}
