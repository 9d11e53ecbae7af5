/** The two sides of a change as findings read them, with the readers of the policy pack. Pure. */
import { checkResource, type Rule } from "../../../policy/rule.ts";
import { isMap, unknown, type Properties, type Value } from "../../../policy/values.ts";
import type { PlannedResource } from "../../operation.ts";
import { unknownText } from "../../planned-resource.ts";
import type { ResourceChange } from "../compare.ts";

export interface Sides {
  /** Empty where there was nothing. */
  readonly before: Properties;
  readonly after: Properties;
}

export const sidesOf = ({ before, after }: Pick<ResourceChange, "before" | "after">): Sides => ({
  before: propertiesOf(before),
  after: propertiesOf(after),
});

function propertiesOf(resource: PlannedResource | undefined): Properties {
  const value = toValue(resource?.inputs ?? {});
  return isMap(value) ? value : {};
}

/** A listing is JSON, in which what is not known yet is a text. */
function toValue(json: unknown): Value {
  if (json === unknownText) return unknown;
  if (Array.isArray(json)) return json.map(toValue);
  if (typeof json !== "object" || json === null) return json as Value;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, toValue(value)]));
}

/** The kind of a Kubernetes object; undefined of everything else. */
export function kindOf({ type }: Pick<ResourceChange, "type">): string | undefined {
  return type.startsWith("kubernetes:") ? type.split(":").at(-1) : undefined;
}

/** What a rule finds wrong now and did not find before. */
export function newlyWrong(rule: Rule, change: ResourceChange): readonly string[] {
  const wrong = (resource: PlannedResource | undefined): readonly string[] =>
    resource === undefined
      ? []
      : checkResource(
          rule,
          {
            ...{ urn: resource.urn, type: resource.type, props: propertiesOf(resource), propertyDependencies: {} },
            protect: resource.protect === true,
          },
          { environment: "prod", maxGpuNodesPerPool: Infinity, unprotected: [] },
        );
  const known = new Set(wrong(change.before));
  return wrong(change.after).filter((message) => !known.has(message));
}

/** The first few, and how many more. */
export function few(items: readonly string[], max = 5): string {
  const more = items.length - max;
  return more > 0 ? `${items.slice(0, max).join(", ")} and ${String(more)} more` : items.join(", ");
}
