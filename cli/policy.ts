/** The policy pack over what the offline engine plans and makes; the Pulumi CLI loads the pack by itself. */
import { styleText } from "node:util";
import type { ResourceState } from "../engine/deployment.ts";
import { parseProviderRef } from "../engine/urn.ts";
import { Secret, Unknown, type PropertyMap, type Value as EngineValue } from "../engine/values.ts";
import { evaluate, type Violation } from "../policy/evaluate.ts";
import { enforcementOf, type Resource, type Settings } from "../policy/rule.ts";
import { rules } from "../policy/rules/index.ts";
import { settingsOf } from "../policy/settings.ts";
import { unknown, type Properties, type Value } from "../policy/values.ts";
import { UserError } from "../shared/errors.ts";
import { describeUrn } from "./report.ts";
import { readRawConfig } from "./stack-file.ts";

/** What an operation finds of the rules that a stack is under. */
export class PolicyReview {
  /** Of the last look. */
  violations: readonly Violation[] = [];
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** For the engine: a message when something is wrong that must not be. */
  readonly review = (resources: readonly ResourceState[]): readonly string[] => {
    const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
    this.violations = evaluate(
      resources.map((resource) => toResource(resource, byUrn)),
      this.#settings,
    );
    const mandatory = this.violations.filter(({ enforcement }) => enforcement === "mandatory");
    if (mandatory.length === 0) return [];
    const names = [...new Set(mandatory.map(({ rule }) => rule))].join(", ");
    const { environment } = this.#settings;
    return [`${countOf(mandatory)} of policies that are mandatory in ${environment}: ${names}`];
  };
}

/** @throws UserError (wrong usage) for settings that the pack cannot work with. */
export async function openPolicyReview(stack: string): Promise<PolicyReview> {
  const result = settingsOf(await readRawConfig(stack));
  if ("problem" in result) throw new UserError(`stack ${stack}: ${result.problem}`, { exitCode: 2 });
  return new PolicyReview(result.settings);
}

function toResource(state: ResourceState, byUrn: ReadonlyMap<string, ResourceState>): Resource {
  const { urn, type, inputs, protect, propertyDependencies } = state;
  const provider = state.provider === undefined ? undefined : byUrn.get(parseProviderRef(state.provider).urn);
  return {
    ...{ urn, type, propertyDependencies },
    protect: protect === true,
    props: toProperties(inputs),
    ...(provider === undefined ? {} : { provider: toProperties(provider.inputs) }),
  };
}

function toProperties(map: PropertyMap): Properties {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, toValue(value)]));
}

function toValue(value: EngineValue): Value {
  if (value instanceof Unknown) return unknown;
  if (value instanceof Secret) return toValue(value.value);
  if (Array.isArray(value)) return (value as readonly EngineValue[]).map(toValue);
  return typeof value === "object" && value !== null ? toProperties(value as PropertyMap) : value;
}

/** `1 violation`, `2 violations` */
export function countOf({ length }: readonly Violation[]): string {
  return length === 1 ? "1 violation" : `${length} violations`;
}

/** The violations for a person: by rule, what is wrong with which resource, and what to do. */
export function describePolicies(violations: readonly Violation[]): string {
  const lines = rules.flatMap(({ name, title, remedy }) => {
    const own = violations.filter(({ rule }) => rule === name);
    const level = own[0]?.enforcement;
    if (level === undefined) return [];
    return [
      `policy ${name} (${level === "mandatory" ? styleText("red", level) : styleText("yellow", level)}): ${title}`,
      ...own.map(({ urn, message }) => `    ${describeUrn(urn)}: ${message}`),
      `    remedy: ${remedy}`,
    ];
  });
  return lines.map((line) => `${line}\n`).join("");
}

/** Every rule with its level by environment, for `kf policy --list`. */
export function listRules() {
  return rules.map((rule) => ({
    rule: rule.name,
    title: rule.title,
    remedy: rule.remedy,
    dev: enforcementOf(rule, "dev"),
    staging: enforcementOf(rule, "staging"),
    prod: enforcementOf(rule, "prod"),
  }));
}
