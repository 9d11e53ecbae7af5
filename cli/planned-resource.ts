/** What `kf preview --resources` lists of a resource. Pure, but for the key that the environment may hold. */
import { createHmac } from "node:crypto";
import type { ResourceState } from "../engine/deployment.ts";
import { masked } from "../engine/diff.ts";
import type { ReportValue } from "../engine/report.ts";
import { hasUnknown, isMap, Secret, unwrapSecrets, type PropertyMap, type Value } from "../engine/values.ts";
import { canonicalJson } from "../release/json.ts";
import type { PlannedResource } from "./operation.ts";

/**
 * The variable with the key (any text) that secrets of the listing are told apart with: `[secret 1f0c9a3e7b52]`, an HMAC,
 * so that two plans with one key can be compared. Without it every secret reads `[secret]`.
 */
export const secretKeyVariable = "KF_SECRET_DIGEST_KEY";

/** What is not known before something is made, as a listing has it. */
export const unknownText = "[unknown]";

/** A listing is JSON, which the engine's values have in them. */
export function inputsOf({ inputs }: Pick<PlannedResource, "inputs">): PropertyMap {
  const json: unknown = inputs;
  return json as PropertyMap;
}

/** Hex digits: 48 bits, of which a chance equality of two secrets is not to be feared. */
const digestLength = 12;

/** In the order of the URNs. */
export function plannedResources(
  resources: readonly ResourceState[],
  key = process.env[secretKeyVariable],
): readonly PlannedResource[] {
  return resources.map((resource) => plannedResource(resource, key)).sort((a, b) => (a.urn < b.urn ? -1 : 1));
}

function plannedResource(resource: ResourceState, key: string | undefined): PlannedResource {
  const { urn, type, inputs, protect, retainOnDelete, parent, dependencies, propertyDependencies } = resource;
  const unknown = Object.entries(propertyDependencies).filter(([name]) => hasUnknown(inputs[name] ?? null));
  return {
    urn,
    type,
    inputs: listed(inputs, key),
    ...(protect === true ? { protect } : {}),
    ...(retainOnDelete === true ? { retainOnDelete } : {}),
    ...(parent === undefined ? {} : { parent }),
    dependencies: [...new Set([...dependencies, ...Object.values(propertyDependencies).flat()])].sort(),
    ...(unknown.length === 0 ? {} : { unknownFrom: Object.fromEntries(unknown) }),
  };
}

function listed(value: Value, key: string | undefined): ReportValue {
  if (key === undefined || key === "") return masked(value);
  if (value instanceof Secret) {
    // What is unknown in it reads the same in every plan.
    const plain = canonicalJson(masked(unwrapSecrets(value), true));
    return `[secret ${createHmac("sha256", key).update(plain).digest("hex").slice(0, digestLength)}]`;
  }
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => listed(item, key));
  if (!isMap(value)) return masked(value);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, listed(item, key)]));
}
