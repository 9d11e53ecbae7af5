/** Between property maps, as the engine holds them, and Kubernetes objects. Pure. */
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import { isMap, Secret, unwrapSecrets, wrapSecretsLike, type PropertyMap, type Value } from "../values.ts";

/** The inputs as the API server is to have them. `check` has made sure that the parts that name it are there. */
export function toObject(inputs: PropertyMap, defaultNamespace: string | undefined): KubernetesObject {
  const { apiVersion, kind, metadata, ...rest } = unwrapSecrets(inputs) as PropertyMap;
  const { name, namespace = defaultNamespace, ...meta } = isMap(metadata) ? metadata : {};
  return {
    ...rest,
    apiVersion: text(apiVersion),
    kind: text(kind),
    metadata: {
      ...meta,
      name: text(name),
      ...(typeof namespace === "string" ? { namespace } : {}),
    },
  };
}

/** The inputs' own word for a field that has to be a text; empty while it is not known. */
export function text(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}

/** Parsed JSON as a value. */
export function toValue(json: unknown): Value {
  if (Array.isArray(json)) return json.map(toValue);
  if (typeof json === "object" && json !== null) return toMap(json);
  return typeof json === "string" || typeof json === "number" || typeof json === "boolean" ? json : null;
}

export function toMap(json: object): PropertyMap {
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, toValue(value)]));
}

/** What the API server leaves out, or treats as if it had been left out. */
export function isEmpty(value: Value | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isMap(value)) return Object.values(value).every(isEmpty);
  return value === undefined || value === null || value === "" || value === false || value === 0;
}

/** `namespace/name` or `name`, as the real provider has it. */
export function idOf({ metadata }: KubernetesObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

/**
 * What state keeps of an object, in the shape of @pulumi/kubernetes 4 (`checkpointObject` and `parseCheckpointObject` in
 * its provider/pkg/provider/provider.go), so that `pulumi stack import` takes it: the live object, and beside its fields
 * `__inputs` (diff and drift start from it), `__initialApiVersion` and `__fieldManager` (it applies under that name
 * again). `managedFields`, half of a small object and read by nobody, is left out.
 */
export function checkpoint(inputs: PropertyMap, live: KubernetesObject, fieldManager: string): PropertyMap {
  const metadata: Record<string, unknown> = { ...live.metadata };
  delete metadata["managedFields"];
  const outputs = wrapSecretsLike(toMap({ ...live, metadata }), inputs) as PropertyMap;
  return {
    ...withSecretData(outputs),
    __inputs: withSecretData(inputs),
    __initialApiVersion: inputs["apiVersion"] ?? live.apiVersion,
    __fieldManager: fieldManager,
  };
}

/** What a Secret holds is secret, whether the program said so or not. */
export function withSecretData(map: PropertyMap): PropertyMap {
  if (map["kind"] !== "Secret" || map["apiVersion"] !== "v1") return map;
  const wrapped: Record<string, Value> = { ...map };
  for (const field of ["data", "stringData"]) {
    const value = map[field];
    if (value !== undefined && !(value instanceof Secret)) wrapped[field] = new Secret(value);
  }
  return wrapped;
}

/** The name under which the object of this state was applied; `undefined` for one that we did not make. */
export function managerIn(outputs: PropertyMap): string | undefined {
  const manager = outputs["__fieldManager"];
  return typeof manager === "string" ? manager : undefined;
}

/** The uid of the object of this state. */
export function uidIn(outputs: PropertyMap): string | undefined {
  const { metadata } = outputs;
  const uid = isMap(metadata) ? metadata["uid"] : undefined;
  return typeof uid === "string" ? uid : undefined;
}
