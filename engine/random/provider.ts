import { difference, equalValues } from "../diff.ts";
import { formatPath } from "../paths.ts";
import type {
  CheckFailure,
  LiveResource,
  Planned,
  Provider,
  ProviderDiff,
  ProviderFactory,
  ResourceRef,
} from "../provider.ts";
import { hasUnknown, isMap, Secret, Unknown, unwrapSecrets, type PropertyMap, type Value } from "../values.ts";
import { randomTypes, withDefaults, type RandomType } from "./types.ts";

export interface RandomOptions {
  /** A plan makes the values already, and the creates that follow it take them: `up`. @default false */
  readonly isPlanKept?: boolean;
}

/** The package `random`: not simulated, since all that it does is done here. A value is kept in state alone. */
export function randomProviderFactory({ isPlanKept = false }: RandomOptions = {}): ProviderFactory {
  return () => Promise.resolve(new RandomProvider(isPlanKept));
}

const allowed = {
  count: "a whole number, 0 or more",
  positive: "a whole number, 1 or more",
  boolean: "true or false",
  text: "a text",
  texts: "a map of texts",
} as const;

class RandomProvider implements Provider {
  readonly #isPlanKept: boolean;
  readonly #planned = new Map<string, { readonly inputs: PropertyMap; readonly making: Promise<Made> }>();

  constructor(isPlanKept: boolean) {
    this.#isPlanKept = isPlanKept;
  }

  check(
    { type }: ResourceRef,
    _olds: PropertyMap | undefined,
    news: PropertyMap,
  ): Promise<{ inputs: PropertyMap; failures: readonly CheckFailure[] }> {
    const known = typeNamed(type);
    const plain = unwrapSecrets(news) as PropertyMap;
    const failures: CheckFailure[] = [];
    for (const property of known.required) {
      if (plain[property] === undefined) failures.push({ property, reason: "is missing" });
    }
    for (const [property, value] of Object.entries(plain)) {
      const kind = known.inputs[property];
      const names = Object.keys(known.inputs).join(", ");
      if (kind === undefined) failures.push({ property, reason: `is no input of ${type}; it takes ${names}` });
      else if (!fits(value, kind)) failures.push({ property, reason: `must be ${allowed[kind]}` });
    }
    if (failures.length === 0) failures.push(...(known.problems?.(withDefaults(known, plain)) ?? []));
    return Promise.resolve({ inputs: news, failures });
  }

  diff({ type }: ResourceRef, old: LiveResource, news: PropertyMap): Promise<ProviderDiff> {
    const known = typeNamed(type);
    const plain = (inputs: PropertyMap): PropertyMap => withDefaults(known, unwrapSecrets(inputs) as PropertyMap);
    const changes = difference(plain(old.inputs), plain(news));
    return Promise.resolve({
      changed: changes.length > 0,
      replaces: changes.map(({ path }) => ({ path: formatPath(path), reason: "a random value is made anew" })),
      deleteBeforeReplace: false,
    });
  }

  async plan({ urn, type }: ResourceRef, inputs: PropertyMap): Promise<Planned> {
    const known = typeNamed(type);
    if (this.#isPlanKept && !hasUnknown(inputs)) {
      const making = make(known, inputs);
      this.#planned.set(urn, { inputs, making });
      return making;
    }
    const made = Object.fromEntries(known.made.map((name) => [name, Unknown.value]));
    return { outputs: withSecrets(known, { ...withDefaults(known, inputs), ...made }) };
  }

  async create({ urn, type }: ResourceRef, inputs: PropertyMap): Promise<Made> {
    if (hasUnknown(inputs)) throw new Error("an input is not known yet");
    const planned = this.#planned.get(urn);
    return planned !== undefined && equalValues(planned.inputs, inputs)
      ? planned.making
      : make(typeNamed(type), inputs);
  }

  /** The state is all there is. */
  read({ type }: ResourceRef, known: LiveResource): Promise<LiveResource | undefined> {
    const missing = typeNamed(type).made.filter((name) => known.outputs[name] === undefined);
    if (missing.length === 0) return Promise.resolve(known);
    return Promise.reject(
      new Error(`${missing.join(", ")}: not in state, and a random value cannot be read; use the Pulumi CLI to import`),
    );
  }

  update(): Promise<never> {
    return Promise.reject(new Error("a random value is replaced, never updated"));
  }

  delete(): Promise<void> {
    return Promise.resolve();
  }
}

interface Made {
  readonly id: string;
  readonly outputs: PropertyMap;
}

async function make(known: RandomType, inputs: PropertyMap): Promise<Made> {
  const all = withDefaults(known, inputs);
  const { id, outputs } = await known.make(unwrapSecrets(all) as PropertyMap);
  return { id, outputs: withSecrets(known, { ...all, ...outputs }) };
}

function typeNamed(type: string): RandomType {
  const known = randomTypes[type];
  if (known !== undefined) return known;
  throw new Error(
    `the offline engine does not make ${type}; of this package it makes ${Object.keys(randomTypes).join(", ")}`,
  );
}

function withSecrets({ secret }: RandomType, outputs: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, secret.includes(name) ? new Secret(value) : value]),
  );
}

/** Whether the value can be such an input; what is unknown or left out can. */
function fits(value: Value, kind: keyof typeof allowed): boolean {
  if (value instanceof Unknown || value === null) return true;
  switch (kind) {
    case "count":
    case "positive":
      return typeof value === "number" && Number.isInteger(value) && value >= (kind === "positive" ? 1 : 0);
    case "boolean":
      return typeof value === "boolean";
    case "text":
      return typeof value === "string";
    case "texts":
      return isMap(value) && Object.values(value).every((item) => item === null || fits(item, "text"));
  }
}
