import { UserError } from "../shared/errors.ts";
import { builtinProvider } from "./builtin-provider.ts";
import type { Provider, ProviderFactory } from "./provider.ts";
import { hasUnknown, Secret, type PropertyMap } from "./values.ts";

/** The provider instances of one operation: one per package and configuration, shared by its passes. */
export class ProviderRegistry {
  readonly #factories: Readonly<Record<string, ProviderFactory>>;
  readonly #instances = new Map<string, Promise<Provider>>();

  constructor(factories: Readonly<Record<string, ProviderFactory>>, readStackOutputs: ReadStackOutputs) {
    this.#factories = { ...factories, pulumi: () => Promise.resolve(builtinProvider(readStackOutputs)) };
  }

  /** @returns undefined while part of the configuration is not known yet. */
  async configured(packageName: string, config: PropertyMap): Promise<Provider | undefined> {
    if (hasUnknown(config)) return undefined;
    const factory = this.#factories[packageName];
    if (factory === undefined) {
      const known = Object.keys(this.#factories).sort().join(", ");
      throw new UserError(`the offline engine has no provider for the package ${packageName}; it has: ${known}`);
    }
    const key = `${packageName} ${JSON.stringify(config, revealSecrets)}`;
    const instance = this.#instances.get(key) ?? factory(config);
    this.#instances.set(key, instance);
    return instance;
  }

  async close(): Promise<void> {
    const instances = await Promise.allSettled(this.#instances.values());
    await Promise.all(
      instances.map(async (result) => (result.status === "fulfilled" ? result.value.close?.() : undefined)),
    );
  }
}

/** Two configurations that differ in a secret are two. The key stays in memory. */
const revealSecrets = (_: string, value: unknown): unknown =>
  value instanceof Secret ? { secret: value.value } : value;

/** @returns undefined when there is no such stack. */
export type ReadStackOutputs = (reference: string) => Promise<PropertyMap | undefined>;
