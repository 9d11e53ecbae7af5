/** What is installed at all: the names of `kubeflow:components`, less what the cluster's owner runs already. */
import { objectKey } from "../../../kubernetes/objects.ts";
import type { RenderedRelease } from "../../../release/types.ts";
import type { Concern } from "../customisation.ts";
import { servesWithKnative } from "../serving/settings.ts";
import { catalogue, componentNames, type ComponentName } from "./catalogue.ts";
import { denyByNamespace, leftToOwner } from "./existing.ts";
import { leftovers } from "./leftovers.ts";
import { withMenuOf } from "./menu.ts";
import { resolve, type Resolution } from "./resolve.ts";

export const selection: Concern = ({ settings, target, release }) => {
  const resolution = resolved(settings, release);
  const owner = leftToOwner(target.existing);
  const gone = new Set([...owner.components, ...notSelected(resolution)]);
  const componentOf = (key: string): string => release.componentOf[key] ?? "other";

  const isGone = (component: string): boolean => gone.has(component);
  const keeps = (object: RenderedRelease["objects"][number]): boolean => {
    const component = componentOf(objectKey(object));
    return !isGone(component) || (owner.components.has(component) && owner.keeps(object));
  };
  const kept = release.objects.filter(keeps);
  const pointless = leftovers(
    kept,
    release.objects.filter((object) => !keeps(object)),
  );
  return {
    problems: [...(resolution?.problems ?? []), ...owner.problems],
    notes: [...(resolution?.notes ?? []), ...owner.notes],
    change: (object) => {
      if (!keeps(object) || pointless.has(objectKey(object))) return undefined;
      return resolution === undefined ? object : withMenuOf(object, resolution.names);
    },
    keepsCrdsOf: (component) => !isGone(component),
    additions: target.existing?.istio === undefined ? [] : denyByNamespace(kept),
  };
};

/** Without the key nothing is chosen: everything that the release has is installed. */
function resolved(
  { components, serving }: Parameters<Concern>[0]["settings"],
  release: RenderedRelease,
): Resolution | undefined {
  if (components === undefined) return undefined;
  return resolve(components, {
    components: new Set(Object.values(release.componentOf)),
    release: release.name,
    serverless: servesWithKnative(serving),
  });
}

function notSelected(resolution: Resolution | undefined): readonly string[] {
  if (resolution === undefined) return [];
  const gone = (name: ComponentName): boolean => !resolution.names.has(name);
  return componentNames.filter(gone).flatMap((name) => catalogue[name].components);
}
