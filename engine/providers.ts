import { UserError } from "../shared/errors.ts";
import type { Project } from "./project.ts";
import type { Provider, ProviderFactory } from "./provider.ts";
import { withoutQuotedSecrets } from "./quoted-secrets.ts";
import { StackStore } from "./store.ts";
import { stackType } from "./urn.ts";
import { hasUnknown, Secret, type PropertyMap } from "./values.ts";

/** The provider instances of one operation: one per package and configuration, shared by its passes. */
export class ProviderRegistry {
  readonly #factories: Readonly<Record<string, ProviderFactory>>;
  readonly #instances = new Map<string, Promise<Provider>>();

  constructor(factories: Readonly<Record<string, ProviderFactory>>) {
    this.#factories = factories;
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
    const instance = this.#instances.get(key) ?? factory(config).then(withoutQuotedSecrets);
    this.#instances.set(key, instance);
    return instance;
  }

  /** Which changes of a configuration of the package's provider lead elsewhere; undefined where it knows of none. */
  diffConfigOf(packageName: string): ProviderFactory["diffConfig"] {
    return this.#factories[packageName]?.diffConfig;
  }

  async close(): Promise<void> {
    const instances = await Promise.allSettled(this.#instances.values());
    for (const instance of instances) if (instance.status === "fulfilled") await instance.value.close?.();
  }
}

/** Two configurations that differ in a secret are two. The key stays in memory. */
const revealSecrets = (_: string, value: unknown): unknown =>
  value instanceof Secret ? { secret: value.value } : value;

const readOnly = (): Promise<never> => Promise.reject(new Error("a stack reference is only ever read"));

/** The package `pulumi`: stack references, answered from the other stack's state. */
export function stackReferences(stateDir: string, own: Project): Provider {
  return {
    check: (_resource, _olds, news) => Promise.resolve({ inputs: news, failures: [] }),
    diff: readOnly,
    create: readOnly,
    update: readOnly,
    delete: readOnly,
    plan: () => ({ outputs: {} }),
    async read(_resource, { id, inputs }) {
      const outputs = await stackOutputs(stateDir, own, id);
      if (outputs === undefined) throw new Error(`stack ${id} has no state here: run \`up\` on it first`);
      const secretOutputNames = Object.keys(outputs).filter((name) => outputs[name] instanceof Secret);
      return { id, inputs, outputs: { name: id, outputs, secretOutputNames } };
    },
  };
}

/** @param reference `stack`, `project/stack` or `organization/project/stack`. */
async function stackOutputs(stateDir: string, own: Project, reference: string): Promise<PropertyMap | undefined> {
  const [stack = "", project = own.name] = reference.split("/").reverse();
  const store = await StackStore.open({ stateDir, project, stack, version: "", readOnly: true });
  return [...store.state.live.values()].find(({ type }) => type === stackType)?.outputs;
}
