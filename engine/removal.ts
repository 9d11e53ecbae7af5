import { UserError } from "../shared/errors.ts";
import { dependenciesOf, sortResources, type ResourceState } from "./deployment.ts";
import { protectedMessage } from "./planner.ts";
import type { Provider } from "./provider.ts";
import type { Run } from "./run.ts";
import { providerPackage } from "./urn.ts";

/** @throws UserError naming every resource among these that is protected. */
export function refuseProtected(resources: readonly ResourceState[]): void {
  const urns = resources.filter(({ protect }) => protect === true).map(({ urn }) => urn);
  if (urns.length > 0) throw new UserError(protectedMessage(urns, "deleted"));
}

/**
 * Deletes resources in the reverse order of their dependencies.
 * @param quiet those that belong to a replacement, which is a step already.
 * @returns whether all are gone; failures are reported.
 */
export async function removeResources(
  run: Run,
  resources: readonly ResourceState[],
  quiet: ReadonlySet<ResourceState> = new Set(),
): Promise<boolean> {
  const { recorder } = run;
  const gone = new Set(resources.map(({ urn }) => urn));
  return removeAll(resources, async (resource) => {
    const { urn, id, provider: ref } = resource;
    const remove = async (): Promise<void> => {
      const provider = hasObject(resource, gone) ? await run.providerOf(ref) : undefined;
      const heir = provider && heirOf(run, resource, provider);
      if (heir !== undefined)
        recorder.diagnose({ severity: "info", message: `not deleted: it is the object of ${heir.urn} now`, urn });
      await run.remove(
        heir === undefined ? provider : undefined,
        resource,
        resource.delete === true ? { dropCondemned: urn, id } : { drop: urn },
      );
    };
    try {
      await (quiet.has(resource) ? remove() : recorder.step(urn, "delete", run.goneDetails(resource), remove));
      return true;
    } catch (error) {
      if (quiet.has(resource)) recorder.fail(urn, "delete", error);
      return false;
    }
  });
}

/** The resource that has the very object now: of another name, or of another provider to the same place. */
function heirOf({ state, news }: Run, resource: ResourceState, provider: Provider): ResourceState | undefined {
  const { type, id } = resource;
  return [...state.live.values()].find(
    (other) =>
      other !== resource &&
      other.type === type &&
      other.id === id &&
      news.has(other.urn) &&
      provider.isSame?.(resource, other),
  );
}

/** Whether there is a real object behind the state that deleting has to take away. */
function hasObject(resource: ResourceState, gone: ReadonlySet<string>): boolean {
  const { custom, type, external, retainOnDelete, pendingReplacement, deletedWith } = resource;
  if (!custom || providerPackage(type) !== undefined) return false;
  if (external === true || retainOnDelete === true || pendingReplacement === true) return false;
  return deletedWith === undefined || !gone.has(deletedWith);
}

/**
 * Deletes resources, each after all that depend on it, as many at once as that allows. What a resource that could not
 * be deleted depends on is left alone.
 * @param remove deletes one; its failure is told there.
 * @returns whether all are gone.
 */
export async function removeAll(
  resources: readonly ResourceState[],
  remove: (resource: ResourceState) => Promise<boolean>,
): Promise<boolean> {
  /** By the URN of what they depend on. Of a cycle (old and new of a replacement share a URN) one link is left out. */
  const dependents = new Map<string, Promise<boolean>[]>();
  const removals = [...sortResources(resources)].reverse().map((resource) => {
    const before = Promise.all(dependents.get(resource.urn) ?? []);
    const removal = before.then((gone) => gone.every(Boolean) && remove(resource));
    for (const urn of dependenciesOf(resource)) dependents.set(urn, [...(dependents.get(urn) ?? []), removal]);
    return removal;
  });
  return (await Promise.all(removals)).every(Boolean);
}

/**
 * Settles the operations of a killed run that the resources of this one did not settle: what was being created, and may
 * or may not exist, is looked up and deleted, unless it is what state has by now.
 */
export async function settlePending(run: Run): Promise<void> {
  const { state, recorder } = run;
  for (const [id, { type, resource }] of state.pending) {
    try {
      if (type === "creating") await removeHalfMade(run, resource);
      run.record([], [id]);
    } catch (error) {
      recorder.fail(resource.urn, "delete", error);
    }
  }
}

async function removeHalfMade(run: Run, resource: ResourceState): Promise<void> {
  const { state, session } = run;
  const provider = await run.providerOf(resource.provider);
  if (provider === undefined) return;
  const { id = "" } = await provider.plan(resource, resource.inputs);
  const found = await provider.read(resource, { ...resource, id });
  const kept = state.live.get(state.currentUrn(resource.urn));
  if (found !== undefined && found.id !== kept?.id) await provider.delete(resource, found, session.signal);
}
