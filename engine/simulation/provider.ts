/** A cloud's provider that asks a table instead of a cloud. */
import type { LiveResource, Provider, ProviderFactory, ResourceRef } from "../provider.ts";
import { nameOfUrn } from "../urn.ts";
import { hasUnknown, isMap, Secret, unwrapSecrets, type PropertyMap, type Value } from "../values.ts";
import { checkInputs, diffInputs, identityOf } from "./check.ts";
import type { NamedText, SimulatedCloud } from "./cloud.ts";
import type { Faults } from "./faults.ts";
import type { SimulatedType, SimulationTable } from "./table.ts";

export interface SimulationOptions {
  readonly cloud: SimulatedCloud;
  readonly faults: Faults;
}

/** Makes the provider that a `pulumi:providers:<cloud>` resource describes, from what the table knows of the cloud. */
export function simulationProviderFactory(table: SimulationTable, options: SimulationOptions): ProviderFactory {
  return (config) => Promise.resolve(new SimulationProvider(table, unwrapSecrets(config) as PropertyMap, options));
}

class SimulationProvider implements Provider {
  readonly #table: SimulationTable;
  readonly #config: PropertyMap;
  readonly #cloud: SimulatedCloud;
  readonly #faults: Faults;

  constructor(table: SimulationTable, config: PropertyMap, { cloud, faults }: SimulationOptions) {
    this.#table = table;
    this.#config = config;
    this.#cloud = cloud;
    this.#faults = faults;
  }

  check(resource: ResourceRef, olds: PropertyMap | undefined, news: PropertyMap) {
    return this.#later(resource, (type) => checkInputs(resource, type, olds, news));
  }

  diff(resource: ResourceRef, old: LiveResource, news: PropertyMap) {
    return this.#later(resource, (type) => diffInputs(resource, type, old, news));
  }

  /** What the cloud adds is unknown for a new resource, and for one that is changed stays as it is. */
  plan(_resource: ResourceRef, inputs: PropertyMap, old?: LiveResource): { readonly outputs: PropertyMap } {
    return { outputs: old === undefined ? inputs : withAdded(old.inputs, old.outputs, inputs) };
  }

  async create(resource: ResourceRef, inputs: PropertyMap, signal: AbortSignal) {
    const type = this.#typeOf(resource);
    // The same for the same wish, so that a create that was cut off finds what it made.
    const token = `sim-${identityOf(resource.urn, type, this.#config, inputs).slice(0, 10)}`;
    return this.#faults.during("create", resource, signal, () => this.#put(resource, type, token, inputs));
  }

  async update(resource: ResourceRef, old: LiveResource, news: PropertyMap, signal: AbortSignal) {
    const type = this.#typeOf(resource);
    const token = this.#cloud.find(old.id, resource);
    if (token === undefined) {
      throw new Error(
        `the simulated cloud has no ${resource.type} ${nameOfUrn(resource.urn)} any more: take that into the state ` +
          "with kf refresh STACK --simulate, then run up again",
      );
    }
    return this.#faults.during("update", resource, signal, () => this.#put(resource, type, token, news));
  }

  async read(resource: ResourceRef, known: LiveResource): Promise<LiveResource | undefined> {
    const token = this.#cloud.find(known.id, resource);
    const found = token === undefined ? undefined : this.#cloud.get(token);
    return Promise.resolve(found && { ...known, id: found.id });
  }

  async delete(resource: ResourceRef, old: LiveResource, signal: AbortSignal): Promise<void> {
    const token = this.#cloud.find(old.id, resource);
    if (token === undefined) return;
    await this.#faults.during("delete", resource, signal, () => this.#cloud.delete(token));
  }

  async #put(
    { urn, type: token }: ResourceRef,
    type: SimulatedType,
    key: string,
    inputs: PropertyMap,
  ): Promise<{ id: string; outputs: PropertyMap }> {
    const plain = unwrapSecrets(inputs) as PropertyMap;
    const { id, outputs } = type.answer({ token: key, config: this.#config, inputs: plain });
    const name = type.autoName === undefined ? undefined : plain[type.autoName.property];
    await this.#cloud.put(
      key,
      {
        urn,
        type: token,
        id,
        ...(typeof name === "string" ? { name } : {}),
        // Such a suffix is no word.
        unique: typeof name === "string" && /[0-9a-f]{7}$/.test(name),
      },
      textsOf(plain, type.autoName?.property),
    );
    return { id, outputs: withSecrets(type, inputs, outputs) };
  }

  #typeOf({ type }: ResourceRef): SimulatedType {
    const found = this.#table[type];
    if (found !== undefined) return found;
    throw new Error(
      `the simulated cloud has no ${type}: what it would answer has to be written down in engine/simulation first`,
    );
  }

  #later<T>(resource: ResourceRef, run: (type: SimulatedType) => T): Promise<T> {
    return Promise.resolve().then(() => run(this.#typeOf(resource)));
  }
}

/** The new inputs, and what the cloud added to the old ones, to any depth. */
function withAdded(before: PropertyMap, outputs: PropertyMap, news: PropertyMap): PropertyMap {
  const added = Object.entries(outputs).flatMap(([key, value]): readonly (readonly [string, Value])[] => {
    const [old, next] = [before[key], news[key]];
    if (isMap(value) && isMap(old) && isMap(next)) return [[key, withAdded(old, value, next)]];
    return Object.hasOwn(before, key) || Object.hasOwn(news, key) ? [] : [[key, value]];
  });
  return { ...news, ...Object.fromEntries(added) };
}

/** A tag that has a name in it is a word about the resource: no cloud keeps the named one for it. */
const marks = new Set(["tags", "tagSpecifications", "labels", "resourceLabels"]);

/** Every text of the inputs but the resource's own name and its tags. */
function textsOf(inputs: PropertyMap, own: string | undefined): readonly NamedText[] {
  const collect = (key: string, value: Value): readonly NamedText[] => {
    if (typeof value === "string") return [{ key, text: value }];
    if (Array.isArray(value)) return (value as readonly Value[]).flatMap((item) => collect(key, item));
    return isMap(value) ? Object.entries(value).flatMap(([inner, item]) => collect(inner, item)) : [];
  };
  return Object.entries(inputs).flatMap(([key, value]) => (key === own || marks.has(key) ? [] : collect(key, value)));
}

/** Inputs and what the cloud added; secret is what was, what the table says, and what has a secret input in it. */
function withSecrets(type: SimulatedType, inputs: PropertyMap, added: PropertyMap): PropertyMap {
  const secrets = secretTexts(inputs);
  const wrapped = Object.entries(added).map(([key, value]) => {
    const isSecret = inputs[key] instanceof Secret || (type.secretOutputs ?? []).includes(key);
    return [key, isSecret || holds(value, secrets) ? new Secret(value) : value] as const;
  });
  const marked = (type.secretOutputs ?? []).flatMap((key) => {
    const value = inputs[key];
    return value === undefined || value instanceof Secret ? [] : [[key, new Secret(value)] as const];
  });
  return { ...inputs, ...Object.fromEntries([...marked, ...wrapped]) };
}

function secretTexts(value: Value): readonly string[] {
  if (value instanceof Secret) return hasUnknown(value) ? [] : allTexts(unwrapSecrets(value));
  if (Array.isArray(value)) return (value as readonly Value[]).flatMap(secretTexts);
  return isMap(value) ? Object.values(value).flatMap(secretTexts) : [];
}

function allTexts(value: Value): readonly string[] {
  return textsOf({ value }, undefined).flatMap(({ text }) => (text.length < 6 ? [] : text));
}

const holds = (value: Value, secrets: readonly string[]): boolean =>
  secrets.length > 0 && allTexts(value).some((text) => secrets.some((secret) => text.includes(secret)));
