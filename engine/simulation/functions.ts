/** Functions of a simulated cloud: for the few facts that no resource of it tells. */
import { wrapped, type ProviderFactory } from "../provider.ts";
import type { PropertyMap } from "../values.ts";

/** By token, what the cloud answers to these arguments. */
export type SimulatedFunctions = Readonly<Record<string, (args: PropertyMap) => PropertyMap>>;

/** The factory's providers, with these functions. */
export function withFunctions(factory: ProviderFactory, functions: SimulatedFunctions): ProviderFactory {
  return wrapped(factory, async (config) => {
    const provider = await factory(config);
    provider.invoke = (token, args) => Promise.resolve(functions[token]?.(args));
    return provider;
  });
}
