import { createHash } from "node:crypto";
import { UserError } from "../shared/errors.ts";
import { signatures } from "./marshal.ts";
import type { PassphraseSecrets } from "./secrets.ts";
import type { LiveResource, ResourceRef } from "./provider.ts";
import { parseProviderRef } from "./urn.ts";
import { isMap, Secret, Unknown, type PropertyMap, type Value } from "./values.ts";

/** Pulumi's deployment format, version 3, and a resource as the engine holds it (secrets in clear, in memory only). */

/** Seconds. */
export type CustomTimeouts = { readonly [operation in "create" | "update" | "delete"]?: number };

/** Empty where there is none: the id of what does not exist yet, or of a component. */
export interface ResourceState extends ResourceRef, LiveResource {
  readonly custom: boolean;
  readonly parent?: string | undefined;
  /** `<urn>::<id>` of the provider resource. */
  readonly provider?: string | undefined;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly protect?: true | undefined;
  /** Read, not managed. */
  readonly external?: true;
  readonly retainOnDelete?: true | undefined;
  readonly deletedWith?: string | undefined;
  readonly additionalSecretOutputs: readonly string[];
  readonly customTimeouts: CustomTimeouts;
  /** The old one of a replacement, still to be deleted. */
  readonly delete?: true;
  /** Deleted so that it can be created anew, which has not happened yet. */
  readonly pendingReplacement?: true;
  /** ISO times. */
  readonly created?: string | undefined;
  readonly modified?: string | undefined;
}

export type OperationType = "creating" | "updating" | "deleting";

export interface PendingOperation {
  readonly type: OperationType;
  readonly resource: ResourceState;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type SerializedResource = Partial<Omit<ResourceState, "inputs" | "outputs">> & {
  readonly urn: string;
  readonly inputs?: Json;
  readonly outputs?: Json;
};

export interface Deployment {
  readonly version: 3;
  readonly deployment: {
    readonly manifest: { readonly time: string; readonly magic: string; readonly version: string };
    readonly secrets_providers?: { readonly type: string; readonly state?: { readonly salt: string } };
    readonly resources?: readonly SerializedResource[];
    readonly pending_operations?: readonly { readonly resource: SerializedResource; readonly type: OperationType }[];
    readonly metadata?: object;
  };
}

/** Every URN that a resource cannot exist without. */
export function dependenciesOf(resource: ResourceState): readonly string[] {
  const provider = resource.provider && parseProviderRef(resource.provider).urn;
  const single = [resource.parent, provider, resource.deletedWith].filter((urn) => urn !== undefined);
  return [...single, ...resource.dependencies, ...Object.values(resource.propertyDependencies).flat()];
}

/** What there is of a resource: state leaves out what is empty. */
export function withoutEmpty<T extends object>(resource: T): Partial<T> {
  const isEmpty = (value: unknown): boolean =>
    value === undefined || value === "" || (typeof value === "object" && Object.keys(value ?? {}).length === 0);
  return Object.fromEntries(Object.entries(resource).filter(([, value]) => !isEmpty(value))) as Partial<T>;
}

export function serializeResource(resource: ResourceState, secrets: PassphraseSecrets): SerializedResource {
  const { urn, inputs, outputs } = resource;
  const properties = { inputs: toJson(inputs, urn, secrets), outputs: toJson(outputs, urn, secrets) };
  return { urn, ...withoutEmpty({ ...resource, ...properties }) };
}

export function deserializeResource(resource: SerializedResource, secrets: PassphraseSecrets): ResourceState {
  const properties = (json: Json = {}): PropertyMap => {
    const value = fromJson(json, resource.urn, secrets);
    return isMap(value) ? value : {};
  };
  const nothing = { dependencies: [], propertyDependencies: {}, additionalSecretOutputs: [], customTimeouts: {} };
  const { type = "", id = "", custom = false } = resource;
  const [inputs, outputs] = [properties(resource.inputs), properties(resource.outputs)];
  return { ...nothing, ...resource, type, id, custom, inputs, outputs };
}

function toJson(value: Value, scope: string, secrets: PassphraseSecrets): Json {
  if (value instanceof Unknown) throw new Error(`a value of ${scope} is not known: it cannot be kept in state`);
  if (value instanceof Secret) {
    const ciphertext = secrets.encrypt(JSON.stringify(toJson(value.value, scope, secrets)), scope);
    return { [signatures.key]: signatures.secret, ciphertext };
  }
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => toJson(item, scope, secrets));
  if (!isMap(value)) return value as Json;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item, scope, secrets)]));
}

function fromJson(json: Json, scope: string, secrets: PassphraseSecrets): Value {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return (json as readonly Json[]).map((item) => fromJson(item, scope, secrets));
  const map = json as { readonly [key: string]: Json };
  if (map[signatures.key] !== signatures.secret)
    return Object.fromEntries(Object.entries(map).map(([key, item]) => [key, fromJson(item, scope, secrets)]));
  const { ciphertext, plaintext } = map;
  // `pulumi stack export --show-secrets` writes `plaintext`.
  const text = typeof ciphertext === "string" ? secrets.decrypt(ciphertext, scope) : plaintext;
  if (typeof text !== "string") throw new UserError(`${scope}: a secret without a ciphertext`);
  return new Secret(fromJson(JSON.parse(text) as Json, scope, secrets));
}

/** Puts every resource behind what it depends on, else as they come. */
export function sortResources(resources: readonly ResourceState[]): readonly ResourceState[] {
  const byUrn = Map.groupBy(resources, (resource) => resource.urn);
  const sorted = new Set<ResourceState>();
  const entered = new Set<ResourceState>();
  const visit = (resource: ResourceState): void => {
    if (entered.has(resource)) return;
    entered.add(resource);
    for (const urn of dependenciesOf(resource)) if (urn !== resource.urn) byUrn.get(urn)?.forEach(visit);
    sorted.add(resource);
  };
  resources.forEach(visit);
  return [...sorted];
}

/** The resource with other references; one that is mapped to nothing is dropped, except to its provider. */
export function mapReferences(resource: ResourceState, map: (urn: string) => string | undefined): ResourceState {
  const { parent, provider, deletedWith, dependencies } = resource;
  const ref = provider && parseProviderRef(provider);
  const mapped = (urns: readonly string[]): readonly string[] => urns.map(map).filter((urn) => urn !== undefined);
  const properties = Object.entries(resource.propertyDependencies).map(([key, urns]) => [key, mapped(urns)] as const);
  return {
    ...resource,
    parent: parent && map(parent),
    provider: ref && `${map(ref.urn) ?? ref.urn}::${ref.id}`,
    deletedWith: deletedWith && map(deletedWith),
    dependencies: mapped(dependencies),
    propertyDependencies: Object.fromEntries(properties.filter(([, urns]) => urns.length > 0)),
  };
}

/** @param version of the Pulumi SDK whose format this is, e.g. `v3.270.0`. */
export function makeDeployment(
  resources: readonly ResourceState[],
  pending: readonly PendingOperation[],
  secrets: PassphraseSecrets,
  version: string,
): Deployment {
  const operations = pending.map(({ type, resource }) => ({ type, resource: serializeResource(resource, secrets) }));
  const known = new Set(resources.map(({ urn }) => urn));
  const present = (urn: string): string | undefined => (known.has(urn) ? urn : undefined);
  const sorted = sortResources(resources).map((resource) => mapReferences(resource, present));
  return {
    version: 3,
    deployment: {
      manifest: { time: new Date().toISOString(), magic: createHash("sha256").update(version).digest("hex"), version },
      secrets_providers: { type: "passphrase", state: { salt: secrets.salt } },
      resources: sorted.map((resource) => serializeResource(resource, secrets)),
      ...(operations.length === 0 ? {} : { pending_operations: operations }),
      metadata: {},
    },
  };
}
