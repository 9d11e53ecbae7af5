import { checkResource, enforcementOf, type Enforcement, type Resource, type Settings } from "./rule.ts";
import { rules } from "./rules/index.ts";

export interface Violation {
  readonly rule: string;
  readonly enforcement: Enforcement;
  readonly urn: string;
  readonly message: string;
}

/** Every violation among the resources of a stack, in the order of the rules. */
export function evaluate(resources: readonly Resource[], settings: Settings): readonly Violation[] {
  return rules.flatMap((rule) => {
    const enforcement = enforcementOf(rule, settings.environment);
    const single = resources.flatMap((resource) =>
      checkResource(rule, resource, settings).map((message) => ({ urn: resource.urn, message })),
    );
    return [...single, ...(rule.stack?.(resources, settings) ?? [])].map((found) => ({
      rule: rule.name,
      enforcement,
      ...found,
    }));
  });
}
