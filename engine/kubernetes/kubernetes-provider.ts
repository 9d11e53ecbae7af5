import { groupKind, type KubernetesObject } from "../../kubernetes/objects.ts";
import { scopeOf } from "../../kubernetes/scopes.ts";
import { difference } from "../diff.ts";
import { formatPath } from "../paths.ts";
import type {
  CheckFailure,
  LiveResource,
  PlannedChange,
  PlannedCreate,
  Provider,
  ProviderDiff,
  ResourceRef,
  Sight,
  Task,
} from "../provider.ts";
import { nameOfUrn } from "../urn.ts";
import { hasUnknown, isMap, Unknown, type PropertyMap } from "../values.ts";
import { liveInputs } from "./drift.ts";
import { sightOf } from "./sight.ts";
import type { Claim, ObjectKeeper } from "./keeper.ts";
import { checkpoint, idOf, managerIn, text, toObject, uidIn, withSecretData } from "./objects.ts";
import { otherManagers } from "./ownership.ts";
import { compare, type Mutability } from "./replacements.ts";

/** `kubernetes:storage.k8s.io/v1:StorageClassPatch`: some fields of an object that somebody else made. */
const isPatch = ({ type }: ResourceRef): boolean => type.endsWith("Patch");

/** Here it would be taken for the object itself, and deleted with the stack. */
const needsPulumi = ({ urn }: ResourceRef): string =>
  `the patch ${nameOfUrn(urn)} changes an object that is not the stack's, which the real Kubernetes provider does only: use ` +
  "the Pulumi CLI (kf up STACK --engine pulumi). The offline engine plans it";

/** Annotations that tell the real provider to wait, to replace or to apply in another way. */
const unfollowed = ["pulumi.com/waitFor", "pulumi.com/replaceUnready", "pulumi.com/patchFieldManager"];

/** Kubernetes objects as resources of their own kind's type. */
export class KubernetesProvider implements Provider {
  readonly #keeper: ObjectKeeper;
  readonly #namespace: string | undefined;
  readonly #mutability: Mutability;

  /** @param namespace of objects that name none, before the kubeconfig's. */
  constructor(keeper: ObjectKeeper, namespace: string | undefined, mutability: Mutability) {
    this.#keeper = keeper;
    this.#namespace = namespace;
    this.#mutability = mutability;
  }

  check(_resource: ResourceRef, _olds: PropertyMap | undefined, news: PropertyMap) {
    const metadata = isMap(news["metadata"]) ? news["metadata"] : {};
    const named: readonly (readonly [string, unknown])[] = [
      ["apiVersion", news["apiVersion"]],
      ["kind", news["kind"]],
      ["metadata.name", news["metadata"] instanceof Unknown ? Unknown.value : metadata["name"]],
    ];
    const failures: CheckFailure[] = named
      .filter(([, value]) => !(value instanceof Unknown) && (typeof value !== "string" || value === ""))
      .map(([property]) => ({ property, reason: "must be a text that is not empty; no names are made up here" }));
    const annotations = isMap(metadata["annotations"]) ? metadata["annotations"] : {};
    const ignored = unfollowed
      .filter((name) => annotations[name] !== undefined)
      .map((name) => ({
        property: formatPath(["metadata", "annotations", name]),
        reason:
          "the offline engine does not follow it; remove it, or use the Pulumi CLI (kf preview STACK --engine pulumi)",
      }));
    return Promise.resolve({ inputs: withSecretData(news), failures: [...failures, ...ignored] });
  }

  diff(_resource: ResourceRef, old: LiveResource, news: PropertyMap): Promise<ProviderDiff> {
    const { metadata } = old.outputs;
    const [live, asked] = [isMap(metadata) ? text(metadata["namespace"]) : "", this.#namespace ?? "default"];
    return Promise.resolve(compare(old.inputs, news, this.#mutability, { old: live || asked, new: asked }));
  }

  async preflight(creates: readonly PlannedCreate[]): Promise<readonly string[]> {
    const [patches, objects] = [true, false].map((wanted) =>
      creates.filter(({ resource, inputs }) => isPatch(resource) === wanted && !hasUnknown(inputs)),
    );
    const found = await this.#keeper.preflight((objects ?? []).map(({ inputs }) => this.#object(inputs)));
    return [...(patches ?? []).map(({ resource }) => needsPulumi(resource)), ...found];
  }

  /** An object whose kind may be another one after this run is not asked about: its schema may change with it. */
  async rehearse(changes: readonly PlannedChange[], all: readonly PlannedCreate[]): Promise<readonly string[]> {
    const kinds = new Set(all.map(({ inputs }) => `${text(inputs["kind"])}.${text(inputs["group"])}`));
    const known = changes.filter(({ resource, inputs }) => !isPatch(resource) && !hasUnknown(inputs));
    const found = await Promise.all(
      known.map(async ({ old, inputs, replaces }) => {
        const object = this.#object(inputs);
        if (kinds.has(groupKind(object)) || (replaces && object.kind === "Service")) return undefined;
        return this.#keeper.rehearse(replaces ? underAnotherName(object) : object, this.#claimOf(old));
      }),
    );
    return found.filter((message) => message !== undefined);
  }

  async create(
    { urgency }: Task,
    inputs: PropertyMap,
    signal: AbortSignal,
  ): Promise<{ id: string; outputs: PropertyMap }> {
    const live = await this.#keeper.create(this.#object(inputs), { signal, urgency });
    return { id: idOf(live), outputs: checkpoint(inputs, live, this.#keeper.fieldManager) };
  }

  plan(_resource: ResourceRef, inputs: PropertyMap): { readonly id?: string; readonly outputs: PropertyMap } {
    if (hasUnknown(inputs)) return { outputs: inputs };
    const object = this.#object(inputs);
    const isWhole = object.metadata.namespace !== undefined || scopeOf(object, []) === "Cluster";
    return { outputs: inputs, ...(isWhole ? { id: idOf(object) } : {}) };
  }

  async read(_resource: ResourceRef, known: LiveResource): Promise<LiveResource | undefined> {
    const claim = this.#claimOf(known);
    const { manager } = claim;
    const live = await this.#keeper.get(this.#object(known.inputs), claim);
    if (live === undefined) return undefined;
    const inputs = liveInputs(known.inputs, live, manager);
    const drifted = difference(known.inputs, inputs).map(({ path }) => formatPath(path));
    if (drifted.length > 0) {
      const others = otherManagers(live, manager).join(", ") || "somebody";
      this.#keeper.tell(live, `${drifted.join(", ")} changed outside of the program (by ${others})`);
    }
    return { id: idOf(live), inputs, outputs: checkpoint(inputs, live, manager) };
  }

  async look(_resource: ResourceRef, known: LiveResource): Promise<Sight> {
    const claim = this.#claimOf(known);
    return sightOf(known.inputs, await this.#keeper.get(this.#object(known.inputs), claim), claim.manager);
  }

  async update(
    { urgency }: Task,
    old: LiveResource,
    news: PropertyMap,
    signal: AbortSignal,
  ): Promise<{ outputs: PropertyMap }> {
    const claim = this.#claimOf(old);
    const live = await this.#keeper.update(this.#object(news), claim, { signal, urgency });
    return { outputs: checkpoint(news, live, claim.manager) };
  }

  delete(_resource: ResourceRef, old: LiveResource, signal: AbortSignal): Promise<void> {
    return this.#keeper.delete(this.#object(old.inputs), uidIn(old.outputs), signal);
  }

  isSame(one: LiveResource, other: LiveResource): boolean {
    const uid = uidIn(one.outputs);
    return uid !== undefined && uid === uidIn(other.outputs);
  }

  #object(inputs: PropertyMap): KubernetesObject {
    return toObject(inputs, this.#namespace);
  }

  /** State that the real provider made has a manager of its own for every object. */
  #claimOf({ outputs }: LiveResource): Claim {
    return { manager: managerIn(outputs) ?? this.#keeper.fieldManager, uid: uidIn(outputs) };
  }
}

/** The new object of a replacement can be tried out before the old one is gone. A Service cannot: it takes addresses. */
function underAnotherName(object: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, name: `${object.metadata.name.slice(0, 50)}-rehearsed` } };
}
