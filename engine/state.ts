import { mapReferences, type PendingOperation, type ResourceState } from "./deployment.ts";

/** One step of state's history, as memory and journal know it. */
export type Change<Resource = ResourceState> =
  /** A resource as it is now, new or instead of the one of its URN. */
  | { readonly put: Resource }
  /** The resource of this URN is replaced: to be deleted, though another takes its name. */
  | { readonly condemn: string }
  | { readonly drop: string }
  | { readonly dropCondemned: string; readonly id: string }
  /** From its old URN to the new one, which an alias told. */
  | { readonly rename: readonly [from: string, to: string] };

/** What a stack holds: resources by URN, replaced ones still to be deleted, operations that never finished. */
export class StackState {
  readonly live = new Map<string, ResourceState>();
  condemned: readonly ResourceState[] = [];
  readonly pending = new Map<string, PendingOperation>();
  readonly #renames = new Map<string, string>();

  get resources(): readonly ResourceState[] {
    const all = [...this.condemned, ...this.live.values()];
    if (this.#renames.size === 0) return all;
    return all.map((resource) => mapReferences(resource, (urn) => this.currentUrn(urn)));
  }

  apply(change: Change): void {
    if ("put" in change) this.#put(change.put);
    else if ("drop" in change) this.live.delete(change.drop);
    else if ("condemn" in change) this.#move(change.condemn, { delete: true });
    else if ("rename" in change) {
      const [from, to] = change.rename;
      this.#renames.set(from, to);
      this.#move(from, { urn: to });
    } else {
      const { dropCondemned: urn, id } = change;
      this.condemned = this.condemned.filter((resource) => resource.urn !== urn || resource.id !== id);
    }
  }

  /** The URN that a resource has now: an alias may have renamed it. */
  currentUrn(urn: string): string {
    return this.#renames.get(urn) ?? urn;
  }

  pendingOf(urn: string): readonly (readonly [id: string, operation: PendingOperation])[] {
    return [...this.pending].filter(([, { resource }]) => this.currentUrn(resource.urn) === urn);
  }

  #put(resource: ResourceState): void {
    if (resource.delete === true) this.condemned = [...this.condemned, resource];
    else this.live.set(resource.urn, resource);
  }

  #move(urn: string, changed: Partial<ResourceState>): void {
    const resource = this.live.get(urn);
    if (resource === undefined) return;
    this.live.delete(urn);
    this.#put({ ...resource, ...changed });
  }
}
