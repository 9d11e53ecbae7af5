import { equalValues } from "../../engine/diff.ts";
import { diffCluster } from "../../engine/kubernetes/cluster-change.ts";
import { liveInputs } from "../../engine/kubernetes/drift.ts";
import type { Claim, ObjectKeeper } from "../../engine/kubernetes/keeper.ts";
import { text, toMap } from "../../engine/kubernetes/objects.ts";
import { sightOf } from "../../engine/kubernetes/sight.ts";
import { keeperFor, type KubernetesProviderOptions } from "../../engine/kubernetes/provider.ts";
import type {
  CheckFailure,
  LiveResource,
  PlannedChange,
  Provider,
  ProviderDiff,
  ProviderFactory,
  ResourceRef,
  Sight,
  Task,
} from "../../engine/provider.ts";
import { Unknown, type PropertyMap } from "../../engine/values.ts";
import { explain } from "../../kubernetes/errors.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { hasCrd, readCrd } from "../../release/crds.ts";
import { canonicalJson, sha256 } from "../../release/json.ts";
import { messageOf } from "../../shared/errors.ts";
import { isMixed, migrate, withStoredVersions } from "./stored-versions.ts";

/** Makes the provider that a `pulumi:providers:kubeflow` resource describes, from `kubeconfig` and `context`. */
export function crdProviderFactory(options: KubernetesProviderOptions): ProviderFactory {
  const configure = async (config: PropertyMap) => new CrdProvider(await keeperFor(config, options));
  return Object.assign(configure, { diffConfig: diffCluster });
}

/** A change of these is another CRD. */
const FIXED = ["name", "group", "scope"];

/**
 * CRDs by the digest of their body, which is in the render cache: state holds the digest and the uid, and a diff shows
 * one line (docs/adr/0002-crds-by-digest.md). Everything else is as with any other object.
 */
class CrdProvider implements Provider {
  readonly #keeper: ObjectKeeper;

  constructor(keeper: ObjectKeeper) {
    this.#keeper = keeper;
  }

  check(_resource: ResourceRef, _olds: PropertyMap | undefined, news: PropertyMap) {
    const failures: CheckFailure[] = ["name", "digest"]
      .filter((property) => !(news[property] instanceof Unknown) && text(news[property]) === "")
      .map((property) => ({ property, reason: "must be a text that is not empty" }));
    return Promise.resolve({ inputs: news, failures });
  }

  diff(_resource: ResourceRef, { inputs }: LiveResource, news: PropertyMap): Promise<ProviderDiff> {
    return Promise.resolve(compareCrds(inputs, news));
  }

  async preflight(creates: readonly { readonly inputs: PropertyMap }[]): Promise<readonly string[]> {
    const missing = await Promise.all(
      creates.map(async ({ inputs }) => ((await hasCrd(text(inputs["digest"]))) ? [] : [missingBody(inputs)])),
    );
    return [...missing.flat(), ...(await this.#keeper.preflight(creates.map(({ inputs }) => stub(inputs))))];
  }

  async create(
    { urgency }: Task,
    inputs: PropertyMap,
    signal: AbortSignal,
  ): Promise<{ id: string; outputs: PropertyMap }> {
    const live = await this.#keeper.create(await readCrd(named(inputs)), { signal, urgency });
    return { id: live.metadata.name, outputs: outputsOf(inputs, live) };
  }

  plan(_resource: ResourceRef, inputs: PropertyMap): { readonly id?: string; readonly outputs: PropertyMap } {
    const { name } = named(inputs);
    return { outputs: inputs, ...(name === "" ? {} : { id: name }) };
  }

  async read(_resource: ResourceRef, known: LiveResource): Promise<LiveResource | undefined> {
    const live = await this.#keeper.get(stub(known.inputs), this.#claimOf(known));
    if (live === undefined) return undefined;
    const inputs = (await this.#isChanged(known.inputs, live))
      ? { ...known.inputs, digest: digestOf(live) }
      : known.inputs;
    return { id: live.metadata.name, inputs, outputs: outputsOf(inputs, live) };
  }

  async look(_resource: ResourceRef, known: LiveResource): Promise<Sight> {
    const live = await this.#keeper.get(stub(known.inputs), this.#claimOf(known));
    const { digest } = named(known.inputs);
    if (live === undefined || (await hasCrd(digest)))
      return sightOf(
        live === undefined ? {} : toMap(await readCrd(named(known.inputs))),
        live,
        this.#keeper.fieldManager,
      );
    return {
      ...{ is: "there", differences: [], writers: [] },
      note: `only that it is there was looked at: its body ${digest} is not in the cache of this machine. Run: kf release render`,
    };
  }

  /** Without the body there is nothing to compare with: a refresh on another machine than the one that rendered. */
  async #isChanged(inputs: PropertyMap, live: KubernetesObject): Promise<boolean> {
    if (!(await hasCrd(text(inputs["digest"])))) return false;
    const body = toMap(await readCrd(named(inputs)));
    return !equalValues(body, liveInputs(body, live, this.#keeper.fieldManager));
  }

  /** With the versions that `update` takes away only when no object is stored in them any more. */
  async rehearse(changes: readonly PlannedChange[]): Promise<readonly string[]> {
    const found = await Promise.all(
      changes.map(async ({ inputs, old, replaces }) => {
        if (!(await hasCrd(text(inputs["digest"])))) return missingBody(inputs);
        if (replaces) return undefined;
        const body = await readCrd(named(inputs));
        const live = await this.#keeper.client.get(body);
        return live && this.#keeper.rehearse(withStoredVersions(body, live), this.#claimOf(old));
      }),
    );
    return found.filter((message) => message !== undefined);
  }

  async update(
    { urgency }: Task,
    old: LiveResource,
    news: PropertyMap,
    signal: AbortSignal,
  ): Promise<{ outputs: PropertyMap }> {
    const claim = this.#claimOf(old);
    const body = await readCrd(named(news));
    const before = await this.#keeper.client.get(body, { signal });
    const bridge = before === undefined ? body : withStoredVersions(body, before);
    let live = await this.#keeper.update(bridge, claim, { signal, urgency });
    if (isMixed(live)) await this.#migrate(live, bridge !== body, signal);
    if (bridge !== body) live = await this.#keeper.update(body, claim, { signal, urgency });
    return { outputs: outputsOf(news, live) };
  }

  /** @param needed a version is about to go. Else it can wait for whatever stands in its way, e.g. a webhook. */
  async #migrate(crd: KubernetesObject, needed: boolean, signal: AbortSignal): Promise<void> {
    try {
      const count = await migrate(crd, this.#keeper.client, signal);
      this.#keeper.tell(crd, `${String(count)} objects are stored in its storage version now`);
    } catch (error) {
      if (needed || signal.aborted) throw explain(error, crd, "writing its objects in the storage version");
      this.#keeper.tell(crd, `its objects stay in the version that they are stored in: ${messageOf(error)}`);
    }
  }

  isSame(one: LiveResource, other: LiveResource): boolean {
    const uid = text(one.outputs["uid"]);
    return uid !== "" && uid === other.outputs["uid"];
  }

  delete(_resource: ResourceRef, old: LiveResource, signal: AbortSignal): Promise<void> {
    return this.#keeper.delete(stub(old.inputs), this.#claimOf(old).uid, signal);
  }

  #claimOf({ outputs }: LiveResource): Claim {
    return { manager: this.#keeper.fieldManager, uid: text(outputs["uid"]) || undefined };
  }
}

/** What a change of a CRD means, without asking anybody. */
export function compareCrds(olds: PropertyMap, news: PropertyMap): ProviderDiff {
  const replaces = FIXED.filter((key) => !equalValues(olds[key], news[key])).map((path) => ({
    path,
    reason: "Kubernetes does not change it; a new CRD starts without any objects",
  }));
  const deleteBeforeReplace = replaces.length > 0 && equalValues(olds["name"], news["name"]);
  return { changed: !equalValues(olds, news), replaces, deleteBeforeReplace };
}

function named(inputs: PropertyMap): { readonly name: string; readonly digest: string } {
  return { name: text(inputs["name"]), digest: text(inputs["digest"]) };
}

/** The CRD as far as it can be told without its body. */
function stub(inputs: PropertyMap): KubernetesObject {
  const { name } = named(inputs);
  return { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name } };
}

function outputsOf(inputs: PropertyMap, live: KubernetesObject): PropertyMap {
  return { ...inputs, uid: String(live.metadata["uid"]) };
}

/** Of what is there now: unlike that of any body in the cache. */
function digestOf({ spec }: KubernetesObject): string {
  return sha256(canonicalJson(spec));
}

function missingBody(inputs: PropertyMap): string {
  const { name, digest } = named(inputs);
  return `CRD ${name}: its body ${digest} is not in the cache of this machine. Run: kf release render`;
}
