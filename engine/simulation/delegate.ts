import type { Provider } from "../provider.ts";

/** A provider that does some things its own way and leaves the rest to another. */
export function delegate(provider: Provider, own: Partial<Provider>): Provider {
  return {
    check: (resource, olds, news) => provider.check(resource, olds, news),
    diff: (resource, old, news) => provider.diff(resource, old, news),
    preflight: async (creates) => (await provider.preflight?.(creates)) ?? [],
    rehearse: async (changes, all) => (await provider.rehearse?.(changes, all)) ?? [],
    create: (resource, inputs, signal) => provider.create(resource, inputs, signal),
    plan: (resource, inputs, old) => provider.plan(resource, inputs, old),
    read: (resource, known) => provider.read(resource, known),
    update: (resource, old, news, signal) => provider.update(resource, old, news, signal),
    delete: (resource, old, signal) => provider.delete(resource, old, signal),
    invoke: async (token, args) => provider.invoke?.(token, args),
    close: async () => provider.close?.(),
    ...own,
  };
}
