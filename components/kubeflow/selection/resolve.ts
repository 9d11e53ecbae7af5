/** From what a person asks for to what is installed: needs pulled in, contradictions refused. Pure. */
import { catalogue, componentNames, presets, type ComponentName } from "./catalogue.ts";
import type { SelectionSettings } from "./settings.ts";

export interface Offer {
  /** Components that the release has. */
  readonly components: ReadonlySet<string>;
  readonly release: string;
  /** Models are served by Knative. */
  readonly serverless: boolean;
}

export interface Resolution {
  readonly names: ReadonlySet<ComponentName>;
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

export function resolve(settings: Omit<SelectionSettings, "size">, offer: Offer): Resolution {
  const without = new Set(settings.without);
  const offered = new Set(componentNames.filter((name) => isOffered(name, offer)));
  const wanted = [...presets[settings.preset].filter((name) => offered.has(name)), ...settings.with];
  const names = new Set(wanted.filter((name) => !without.has(name)));
  const problems = refusals(settings, offered, offer);
  const notes: string[] = [];
  // A Set hands out what is added while it is walked: needs of needs are seen, too.
  for (const name of names) {
    for (const need of needsOf(name, offer)) {
      if (without.has(need)) problems.push(forbidden(need, name));
      else if (!offered.has(need)) problems.push(missing(`needed by ${name}`, need, offered, offer));
      else if (!names.has(need)) {
        names.add(need);
        notes.push(`${need} is installed although kubeflow:components does not name it: ${name} needs it`);
      }
    }
  }
  return { names, problems, notes };
}

export function needsOf(name: ComponentName, { serverless }: Pick<Offer, "serverless">): readonly ComponentName[] {
  const { needs = [], needsWhenServerless = [] } = catalogue[name];
  return serverless ? [...needs, ...needsWhenServerless] : needs;
}

function isOffered(name: ComponentName, { components }: Offer): boolean {
  return catalogue[name].components.some((component) => components.has(component));
}

function refusals(
  settings: Omit<SelectionSettings, "size">,
  offered: ReadonlySet<ComponentName>,
  offer: Offer,
): string[] {
  const without = new Set(settings.without);
  return settings.with.flatMap((name, index) => {
    if (without.has(name)) {
      return [
        `kubeflow:components.with[${index}]: ${JSON.stringify(name)}; allowed: what kubeflow:components.without does ` +
          "not name. Take it out of one of the two",
      ];
    }
    return offered.has(name) ? [] : [missing(`kubeflow:components.with[${index}]`, name, offered, offer)];
  });
}

function forbidden(need: ComponentName, name: ComponentName): string {
  const optional = (catalogue[name].needsWhenServerless ?? []).includes(need);
  const remedy = optional ? ", or set kubeflow:serving.mode to raw, which does without it" : "";
  return (
    `kubeflow:components.without: ${JSON.stringify(need)}; allowed: what nothing that is installed needs, and ${name} ` +
    `needs it. Leave ${name} out, too${remedy}`
  );
}

function missing(
  place: string,
  name: ComponentName,
  offered: ReadonlySet<ComponentName>,
  { release }: Pick<Offer, "release">,
): string {
  return (
    `${place}: ${JSON.stringify(name)}; allowed: what the release ${release} has: ${[...offered].join(", ") || "nothing"}. ` +
    "Take it out, or use a release whose lock has it"
  );
}
