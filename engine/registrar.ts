import resourcePb from "@pulumi/pulumi/proto/resource_pb.js";
import type { ResourceState } from "./deployment.ts";
import { difference, reportDiff } from "./diff.ts";
import { aliasUrns, goalOf, inheriting, stateOf, withPluginVersion, type Goal } from "./goal.ts";
import { decide, findDependents, sameState, unchanged, type Decision } from "./planner.ts";
import type { PlannedChange, PlannedCreate, Provider, ProviderFactory } from "./provider.ts";
import type { Asked } from "./replay.ts";
import type { Run } from "./run.ts";
import { packageConfig, type ResolvedConfig } from "./stack-config.ts";
import { isDefaultProvider, packageOf, parseProviderRef, providerPackage, providerType, stackType } from "./urn.ts";
import type { PropertyMap } from "./values.ts";

export interface Registered {
  readonly op: Decision["op"];
  readonly state: ResourceState;
}

/** Takes in the resources of one run of the program, decides on each and has it carried out. */
export class Registrar {
  readonly run: Run;
  /** URNs in the old state that this run accounts for: its own, and those that aliases led to. */
  readonly claimed = new Set<string>();
  /** What the program asked for, in its order. */
  readonly asked: Asked[] = [];
  /** What a plan foresees, for the preflight. */
  readonly creates: (PlannedCreate & { readonly provider: Provider })[] = [];
  readonly changes: (PlannedChange & { readonly provider: Provider })[] = [];
  readonly replaced: ResourceState[] = [];
  /** What the program no longer asks for, once it has ended. */
  dropped: readonly ResourceState[] = [];
  /** A pass that applies this plan would change something, if only in state. */
  changed = false;
  readonly #config: ResolvedConfig;
  readonly #failed = new Set<string>();
  readonly #aliased = new Map<string, string>();
  readonly #deletedFirst = new Set<string>();
  readonly #defaultProviders = new Map<string, Promise<string>>();

  constructor(run: Run, config: ResolvedConfig) {
    this.run = run;
    this.#config = config;
  }

  /** @throws when it failed, once the failure is reported. */
  register(urn: string, goalOf: () => Promise<Goal>): Promise<Registered> {
    return this.#claim(urn, async () => {
      const goal = await goalOf();
      this.asked.push({ urn, goal });
      return goal;
    });
  }

  #claim(urn: string, goalOf: () => Promise<Goal>): Promise<Registered> {
    const op = this.run.state.live.has(urn) ? "update" : "create";
    return this.#reporting(urn, op, async () => {
      if (this.claimed.has(urn)) throw new Error("registered twice: two resources have this type, name and parent");
      this.claimed.add(urn);
      return this.#register(urn, await goalOf());
    });
  }

  /** Reads a resource that is not managed here. */
  async read(goal: Goal, id: string): Promise<ResourceState> {
    const { recorder, state } = this.run;
    const urn = this.run.session.urnOf(goal.type, goal.name, goal.parent);
    this.asked.push({ urn, goal, id });
    return this.#reporting(urn, "read", async () => {
      this.claimed.add(urn);
      this.#refuseBlocked(goal);
      const ref = await this.#providerRef(goal);
      const provider = await this.run.providerOf(ref);
      const next = { ...stateOf(urn, goal, ref, goal.inputs), id, external: true as const };
      return recorder.step(urn, "read", {}, async () => {
        const live = id === "" ? undefined : await provider?.read(next, next);
        if (live === undefined && id !== "" && provider !== undefined)
          throw new Error(`there is no ${goal.type} ${id}`);
        const found = { ...next, outputs: live?.outputs ?? {} };
        if (live !== undefined) this.#keep(state.live.get(urn), found);
        this.run.news.set(urn, found);
        return found;
      });
    });
  }

  /** @returns undefined when the provider has no such function. */
  async invoke(token: string, args: PropertyMap, ref: string, version: string): Promise<PropertyMap | undefined> {
    const provider = await this.run.providerOf(ref === "" ? await this.#defaultProvider(token, version) : ref);
    return provider?.invoke?.(token, args);
  }

  registerOutputs(urn: string, outputs: PropertyMap): void {
    const resource = this.run.news.get(urn);
    if (resource === undefined) throw new Error(`outputs of ${urn}, which is not registered`);
    this.asked.push({ urn, outputs });
    const next = { ...resource, outputs };
    this.run.news.set(urn, next);
    // The stack's are kept for the end: a program that fails on its way would lose the old ones.
    if (resource.type !== stackType) this.#keep(resource, next);
  }

  /** Keeps the stack's outputs, once the program ended well. */
  keepStackOutputs(): void {
    for (const resource of this.run.news.values())
      if (resource.type === stackType) this.#keep(this.run.state.live.get(resource.urn), resource);
  }

  async #reporting<T>(urn: string, op: "create" | "update" | "read", run: () => Promise<T>): Promise<T> {
    const { recorder } = this.run;
    const reported = recorder.steps.length;
    try {
      return await run();
    } catch (error) {
      this.#failed.add(urn);
      const known = recorder.steps.slice(reported).some((step) => step.urn === urn && step.error !== undefined);
      if (error instanceof Blocked) recorder.diagnose({ severity: "warning", message: error.message, urn });
      else if (!known) recorder.fail(urn, op, error);
      throw error;
    }
  }

  async #register(urn: string, asked: Goal): Promise<Registered> {
    const parent = asked.parent === undefined ? undefined : this.run.news.get(asked.parent);
    const goal = inheriting(withPluginVersion(asked), parent);
    this.#refuseBlocked(goal);
    const { type } = goal;
    const managed = goal.custom && providerPackage(type) === undefined;
    const providerRef = managed ? await this.#providerRef(goal) : undefined;
    const provider = await this.run.providerOf(providerRef);
    const old = await this.#findOld(urn, goal, provider);
    const pending = this.run.state.pendingOf(urn);
    const decision = await decide({
      goal,
      ref: { urn, type },
      old,
      provider,
      updateUnfinished: pending.some(([, operation]) => operation.type === "updating"),
      providerReplaced: this.#providerReplaced(old?.provider, providerRef),
      diffConfig: this.#diffConfigOf(type),
    });
    this.changed ||= decision.op !== "same" || pending.length > 0;
    const next = stateOf(urn, goal, providerRef, decision.inputs);
    const isWhollyShown = decision.op === "create" && this.run.session.options.allDiffs === true;
    const details = {
      diffs: reportDiff(isWhollyShown ? difference({}, decision.inputs) : decision.differences),
      ...(decision.op === "replace" ? { replaceReasons: decision.reasons } : {}),
    };
    const state = await this.run.recorder.step(urn, decision.op, details, () =>
      this.#carryOut(decision, provider, old, next),
    );
    this.run.news.set(urn, state);
    return { op: decision.op, state };
  }

  async #carryOut(
    { op, deleteFirst }: Decision,
    provider: Provider | undefined,
    old: ResourceState | undefined,
    next: ResourceState,
  ): Promise<ResourceState> {
    const { run } = this;
    if (old !== undefined && op === "same") return this.#keep(old, unchanged(old, next));
    if (old !== undefined && op === "replace") this.replaced.push(old);
    const isChange = op === "update" || (op === "replace" && deleteFirst);
    if (old !== undefined && provider !== undefined && isChange && old.pendingReplacement !== true)
      this.changes.push({ provider, resource: next, inputs: next.inputs, old, replaces: op === "replace" });
    if (old !== undefined && op === "update") return run.write(provider, old, next);
    if (!deleteFirst && provider !== undefined) this.creates.push({ provider, resource: next, inputs: next.inputs });
    if (old === undefined) return run.write(provider, undefined, next);
    if (!deleteFirst) return run.write(provider, undefined, next, [{ condemn: old.urn }]);
    if (old.pendingReplacement !== true) await this.#deleteFirst(old);
    return run.write(provider, undefined, next);
  }

  /** Deletes a resource that is to be created anew, and before it those that then have to be replaced too. */
  async #deleteFirst(old: ResourceState): Promise<void> {
    for (const resource of [...(await findDependents(old, this.run)).reverse(), old]) {
      const provider = resource.retainOnDelete === true ? undefined : await this.run.providerOf(resource.provider);
      await this.run.remove(provider, resource, { put: { ...resource, pendingReplacement: true } });
      this.#deletedFirst.add(resource.urn);
    }
  }

  /** What state knows of the resource, under its own URN or an alias. */
  async #findOld(urn: string, goal: Goal, provider: Provider | undefined): Promise<ResourceState | undefined> {
    const { state } = this.run;
    const old = state.live.get(urn) ?? this.#findAliased(urn, goal);
    if (old === undefined || (old.external === true && goal.custom)) return undefined;
    if (this.#deletedFirst.has(old.urn)) return { ...old, pendingReplacement: true };
    const deleting = state.pendingOf(urn).some(([, operation]) => operation.type === "deleting");
    if (!deleting || provider === undefined || old.pendingReplacement === true) return old;
    // A run was killed while it deleted this: only the provider knows how far it came.
    if ((await provider.read(old, old)) !== undefined) return old;
    this.run.record([{ drop: urn }]);
    return undefined;
  }

  #findAliased(urn: string, goal: Goal): ResourceState | undefined {
    const { state } = this.run;
    const parentAlias = goal.parent === undefined ? undefined : this.#aliased.get(goal.parent);
    for (const alias of aliasUrns(goal, urn, parentAlias)) {
      const found = state.live.get(alias);
      if (found === undefined) continue;
      if (this.claimed.has(alias)) throw new Error(`an alias of it, ${alias}, is another resource of this program`);
      this.claimed.add(alias);
      this.#aliased.set(urn, alias);
      this.changed = true;
      this.run.record([{ rename: [alias, urn] }]);
      return { ...found, urn };
    }
    return undefined;
  }

  #keep(old: ResourceState | undefined, next: ResourceState): ResourceState {
    if (sameState(old, next)) return next;
    this.changed = true;
    this.run.record([{ put: next }]);
    return next;
  }

  #refuseBlocked(goal: Goal): void {
    const provider = parseProviderRef(goal.options.getProvider()).urn;
    const needed = [goal.parent, provider, ...goal.options.getDependsOnList()];
    const blocking = needed.find((urn) => urn !== undefined && this.#failed.has(urn));
    if (blocking !== undefined) throw new Blocked(`skipped: ${blocking} failed`);
  }

  async #providerRef({ type, options }: Goal): Promise<string> {
    return options.getProvider() || this.#defaultProvider(type, options.getVersion());
  }

  /** Registers the default provider of a type or function, once, with what the stack's config says of its package. */
  async #defaultProvider(token: string, version: string): Promise<string> {
    const packageName = packageOf(token);
    const name = version === "" ? "default" : `default_${version.replace(/[^A-Za-z0-9_-]/g, "_")}`;
    const type = providerType(packageName);
    const urn = this.run.session.urnOf(type, name);
    const registering = async (): Promise<string> => {
      const config = packageConfig(this.#config, packageName);
      const request = new resourcePb.RegisterResourceRequest().setType(type).setName(name).setCustom(true);
      const goal = goalOf(request.setVersion(version), config);
      const { state } = await this.#claim(urn, () => Promise.resolve(goal));
      return state.id;
    };
    const known = this.#defaultProviders.get(urn) ?? registering();
    this.#defaultProviders.set(urn, known);
    return `${urn}::${await known}`;
  }

  /**
   * Two default providers of one package are the same to a resource, and so are two whose configurations lead to the same
   * place; any other change of provider is a replacement.
   */
  #providerReplaced(oldRef: string | undefined, newRef: string | undefined): boolean {
    if (oldRef === undefined || newRef === undefined || oldRef === newRef) return false;
    const [old, next] = [parseProviderRef(oldRef), parseProviderRef(newRef)];
    if (isDefaultProvider(old.urn) && isDefaultProvider(next.urn)) return false;
    const current = this.#aliased.get(next.urn) ?? next.urn;
    if (old.urn === next.urn || old.urn === current) return old.id !== next.id;
    const [before, after] = [this.run.state.live.get(old.urn), this.run.news.get(next.urn)];
    if (before === undefined || after === undefined || before.type !== after.type) return true;
    return (this.#diffConfigOf(after.type)?.(before.inputs, after.inputs) ?? []).length > 0;
  }

  /** Of a provider's type; undefined for any other. */
  #diffConfigOf(type: string): ProviderFactory["diffConfig"] {
    const name = providerPackage(type);
    return name === undefined ? undefined : this.run.session.providers.diffConfigOf(name);
  }
}

/** Not tried, because something that it needs failed. */
class Blocked extends Error {}
