/** A resource as Pulumi's analyzer hands it to a policy, turned into what our rules read. */
import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import type { Resource } from "./rule.ts";
import { unknown, type Properties, type Value } from "./values.ts";

/** How a value that is not known goes over the wire, by the type that it would have: constants of Pulumi's protocol. */
const unknownOnTheWire: ReadonlySet<unknown> = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

export function resourceOfArgs(args: ResourceValidationArgs): Resource {
  return { ...common(args), propertyDependencies: {} };
}

export function resourceOfStack(resource: PolicyResource): Resource {
  const dependencies = Object.entries(resource.propertyDependencies);
  return {
    ...common(resource),
    propertyDependencies: Object.fromEntries(dependencies.map(([key, from]) => [key, from.map(({ urn }) => urn)])),
  };
}

function common({ urn, type, props, opts, provider }: ResourceValidationArgs | PolicyResource) {
  return {
    urn,
    type,
    props: plain(props),
    protect: opts.protect,
    ...(provider === undefined ? {} : { provider: plain(provider.props) }),
  };
}

/** The properties are a proxy that throws where a value is unknown; descriptors read past it, and each is plain below. */
function plain(properties: Readonly<Record<string, unknown>>): Properties {
  const entries = Object.entries(Object.getOwnPropertyDescriptors(properties));
  return Object.fromEntries(entries.map(([key, descriptor]) => [key, toValue(descriptor.value)]));
}

function toValue(value: unknown): Value {
  if (unknownOnTheWire.has(value)) return unknown;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(toValue);
  // Assets and archives: no rule looks into them.
  if (Object.getPrototypeOf(value) !== Object.prototype) return unknown;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toValue(item)]));
}
