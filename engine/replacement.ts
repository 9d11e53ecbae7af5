import { sortResources, type ResourceState } from "./deployment.ts";
import type { Provider } from "./provider.ts";
import type { Run } from "./run.ts";
import { parseProviderRef } from "./urn.ts";
import { Unknown } from "./values.ts";

/**
 * The resources that have to be replaced because `root` is deleted before it is created anew: those whose provider says
 * so when the inputs that come from a replaced resource are taken for unknown. In the order of their dependencies.
 */
export async function findDependents(root: ResourceState, run: Run): Promise<ResourceState[]> {
  const replaced = new Set([root.urn]);
  const dependents: ResourceState[] = [];
  for (const resource of sortResources([...run.state.live.values()])) {
    const { urn, custom, external, provider: ref } = resource;
    if (!custom || external === true || ref === undefined || replaced.has(urn) || run.news.has(urn)) continue;
    if (!replaced.has(parseProviderRef(ref).urn) && !(await mustFollow(resource, replaced, await run.providerOf(ref))))
      continue;
    if (resource.protect === true)
      throw new Error(`${urn} is protected, but would have to be replaced because ${root.urn} is: unprotect it first`);
    replaced.add(urn);
    dependents.push(resource);
  }
  return dependents;
}

async function mustFollow(
  resource: ResourceState,
  replaced: ReadonlySet<string>,
  provider: Provider | undefined,
): Promise<boolean> {
  const affected = Object.entries(resource.propertyDependencies)
    .filter(([key, urns]) => Object.hasOwn(resource.inputs, key) && urns.some((urn) => replaced.has(urn)))
    .map(([key]) => [key, Unknown.value] as const);
  if (affected.length === 0 || provider === undefined) return false;
  const inputs = { ...resource.inputs, ...Object.fromEntries(affected) };
  return (await provider.diff(resource, resource, inputs)).replaces.length > 0;
}
