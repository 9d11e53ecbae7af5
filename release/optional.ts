import { objectKey, type KubernetesObject } from "../kubernetes/objects.ts";
import { scopeOf } from "../kubernetes/scopes.ts";
import { UserError } from "../shared/errors.ts";
import { canonicalJson, sha256 } from "./json.ts";
import { renderRelease, type RenderOptions } from "./render.ts";
import type { RenderedRelease } from "./types.ts";

/**
 * The release with those of its lock's optional components that are asked for, each built and checked on its own: what
 * others install stays the same, byte for byte. A name that the lock does not have is passed over.
 *
 * @throws UserError for what `renderRelease` refuses, and for an object that is there twice.
 */
export async function withOptional(
  release: RenderedRelease,
  options: RenderOptions,
  names: readonly string[],
): Promise<RenderedRelease> {
  const { lock } = options;
  let whole = release;
  for (const { namespace, rendered, ...component } of lock.optional) {
    if (!names.includes(component.name)) continue;
    const alone = { ...lock, name: `${lock.name}-${component.name}`, components: [component], rendered };
    const part = await renderRelease({ ...options, lock: alone });
    const objects = part.objects.map((object) => placed(object, namespace, whole));
    whole = joined(whole, { ...part, objects }, component.name);
  }
  return whole;
}

function placed(object: KubernetesObject, namespace: string, { crds }: RenderedRelease): KubernetesObject {
  if (scopeOf(object, crds) !== "Namespaced") return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function joined(release: RenderedRelease, part: RenderedRelease, component: string): RenderedRelease {
  const componentOf: Record<string, string> = { ...release.componentOf };
  for (const key of [...part.objects.map(objectKey), ...Object.keys(part.componentOf).filter(isCrdKey)]) {
    const owner = componentOf[key];
    if (owner !== undefined) throw new UserError(`${key}: both ${owner} and ${component} bring it`);
    componentOf[key] = component;
  }
  return {
    ...release,
    digest: sha256(canonicalJson([release.digest, part.digest])),
    objects: [...release.objects, ...part.objects],
    crds: [...release.crds, ...part.crds],
    componentOf,
  };
}

function isCrdKey(key: string): boolean {
  return key.startsWith("CustomResourceDefinition.");
}
