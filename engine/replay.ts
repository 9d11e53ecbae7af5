import type { Goal } from "./goal.ts";
import type { Registrar } from "./registrar.ts";
import { parseProviderRef } from "./urn.ts";
import { hasUnknown, type PropertyMap } from "./values.ts";

/** What the program asked for: a resource to be there, one to be read (with an id), or outputs of one to be kept. */
export type Asked =
  | { readonly urn: string; readonly goal: Goal; readonly id?: string }
  | { readonly urn: string; readonly outputs: PropertyMap };

/** Whether a plan knows every value, so that the program, run again, would ask for the same once more. */
export function isReplayable(asked: readonly Asked[]): boolean {
  return asked.every((one) =>
    "goal" in one ? one.id !== "" && !hasUnknown(one.goal.inputs) : !hasUnknown(one.outputs),
  );
}

/** How many resources, at the most, wait for each one after the other, by URN. */
export function urgenciesOf(asked: readonly Asked[]): ReadonlyMap<string, number> {
  const urgencies = new Map<string, number>();
  // The program asks for nothing before what it needs.
  for (const one of asked.toReversed()) {
    if (!("goal" in one)) continue;
    const urgency = urgencies.get(one.urn) ?? 0;
    urgencies.set(one.urn, urgency);
    for (const urn of needsOf(one.goal)) urgencies.set(urn, Math.max(urgencies.get(urn) ?? 0, urgency + 1));
  }
  return urgencies;
}

/** Asks for all that again, each as soon as what it needs is done: as the SDK does. Failures are in the recorder. */
export async function replay(asked: readonly Asked[], registrar: Registrar): Promise<void> {
  const resources = new Map<string, Promise<unknown>>();
  const all = asked.map((one) => {
    const needs = "goal" in one ? needsOf(one.goal) : [one.urn];
    const ready = Promise.all(needs.flatMap((urn) => resources.get(urn) ?? []));
    // What fails is reported; what needs it is told so by the registrar.
    const done = ready.then(() => ask(one, registrar)).catch(() => undefined);
    if ("goal" in one) resources.set(one.urn, done);
    return done;
  });
  await Promise.all(all);
}

async function ask(one: Asked, registrar: Registrar): Promise<void> {
  if (!("goal" in one)) registrar.registerOutputs(one.urn, one.outputs);
  else if (one.id !== undefined) await registrar.read(withRealProvider(one.goal, registrar), one.id);
  else await registrar.register(one.urn, () => Promise.resolve(withRealProvider(one.goal, registrar)));
}

function needsOf({ parent, options, propertyDependencies }: Goal): readonly string[] {
  const provider = parseProviderRef(options.getProvider()).urn;
  const needs = [parent ?? "", provider, options.getDeletedWith(), ...options.getDependsOnList()];
  return [...needs, ...Object.values(propertyDependencies).flat()];
}

/** A plan does not know the id of a provider that is yet to be made. */
function withRealProvider(goal: Goal, { run }: Registrar): Goal {
  const { urn } = parseProviderRef(goal.options.getProvider());
  const provider = run.news.get(urn);
  if (provider === undefined) return goal;
  return { ...goal, options: goal.options.clone().setProvider(`${urn}::${provider.id}`) };
}
