/** Names and outputs that many of AWS's resources have in common. */
import { isMap, type PropertyMap, type Value } from "../../values.ts";
import type { SimulatedResource, SimulatedType } from "../table.ts";

export function text(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}

export function regionOf({ config }: SimulatedResource): string {
  return text(config["region"]);
}

/** The one account that the provider is allowed to touch. */
export function accountOf({ config }: SimulatedResource): string {
  return text(listOf(parsed(config["allowedAccountIds"]))[0]);
}

/** @param name of the resource in its service, e.g. `role/kubeflow`. */
export function arn(resource: SimulatedResource, service: string, name: string): string {
  const global = service === "iam" || service === "s3" || service === "route53";
  const account = service === "s3" || service === "route53" ? "" : accountOf(resource);
  return `arn:aws:${service}:${global ? "" : regionOf(resource)}:${account}:${name}`;
}

/** Tags of the resource with those that the provider gives to all. */
export function tagsAll({ config, inputs }: SimulatedResource): PropertyMap {
  return { tagsAll: { ...mapOf(mapOf(parsed(config["defaultTags"]))["tags"]), ...mapOf(inputs["tags"]) } };
}

/** A type whose id is `prefix` and the token, and which has an ARN of that id. */
export function withId(
  inputs: Pick<SimulatedType, "required" | "optional" | "forceNew" | "autoName">,
  prefix: string,
  more: (resource: SimulatedResource, id: string) => PropertyMap = () => ({}),
): SimulatedType {
  return {
    ...inputs,
    answer: (resource) => {
      const id = `${prefix}${resource.token}`;
      return { id, outputs: { id, ...tagsOf(inputs, resource), ...more(resource, id) } };
    },
  };
}

/** A type that is known by one of its inputs. */
export function withName(
  inputs: Pick<SimulatedType, "required" | "optional" | "forceNew" | "autoName" | "secretOutputs">,
  property: string,
  more: (resource: SimulatedResource, name: string) => PropertyMap = () => ({}),
): SimulatedType {
  return {
    ...inputs,
    answer: (resource) => {
      const name = text(resource.inputs[property]);
      return { id: name, outputs: { id: name, ...tagsOf(inputs, resource), ...more(resource, name) } };
    },
  };
}

/** A name that the provider makes up. */
export function named(property: string, maxLength: number): NonNullable<SimulatedType["autoName"]> {
  return { property, maxLength, separator: "-" };
}

function tagsOf({ optional }: Pick<SimulatedType, "optional">, resource: SimulatedResource): PropertyMap {
  return optional.includes("tags") ? tagsAll(resource) : {};
}

/** The SDK hands a provider its lists and maps as JSON. */
function parsed(value: Value | undefined): Value | undefined {
  return typeof value === "string" ? (JSON.parse(value) as Value) : value;
}

export function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [];
}

export function mapOf(value: Value | undefined): PropertyMap {
  return isMap(value) ? value : {};
}

/** The four that a zone is delegated to. */
export function nameServers(zoneId: string): readonly string[] {
  return ["com", "net", "org", "co.uk"].map((domain, index) => `ns-${index}.${zoneId.toLowerCase()}.awsdns.${domain}`);
}
