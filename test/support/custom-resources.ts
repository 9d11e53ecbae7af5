/** One object for a CRD, as little as its schema lets it be: so that every kind of a release has something to lose. */
import type { KubernetesObject } from "../../kubernetes/objects.ts";

interface Schema {
  readonly type?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly format?: string;
  readonly "x-kubernetes-int-or-string"?: boolean;
}

interface CrdVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema?: { readonly openAPIV3Schema?: Schema };
}

interface CrdSpec {
  readonly group: string;
  readonly scope: "Cluster" | "Namespaced";
  readonly names: { readonly kind: string };
  readonly versions: readonly CrdVersion[];
}

export function specOf(crd: KubernetesObject): CrdSpec {
  return crd["spec"] as CrdSpec;
}

/** In the version that is stored. @param fields what the schema asks for in other words than its own. */
export function leastObject(
  crd: KubernetesObject,
  metadata: KubernetesObject["metadata"],
  fields: Readonly<Record<string, unknown>> = {},
): KubernetesObject {
  const { group, names, versions } = specOf(crd);
  const stored = versions.find(({ storage }) => storage);
  if (stored === undefined) throw new Error(`${crd.metadata.name} stores no version`);
  const { properties = {}, required = [] } = stored.schema?.openAPIV3Schema ?? {};
  const isOwn = (key: string) => !["apiVersion", "kind", "metadata", "status"].includes(key);
  const keys = Object.keys(properties).filter((key) => isOwn(key) && (required.includes(key) || key === "spec"));
  const least = Object.fromEntries(keys.map((key) => [key, leastValue(properties[key] ?? {})]));
  return { ...least, ...fields, apiVersion: `${group}/${stored.name}`, kind: names.kind, metadata };
}

function leastValue(schema: Schema): unknown {
  if (schema.default !== undefined) return schema.default;
  if (schema.enum?.[0] !== undefined) return schema.enum[0];
  if (schema["x-kubernetes-int-or-string"] === true) return schema.minimum ?? 1;
  switch (schema.type) {
    case "string":
      return schema.format === "date-time" ? "2026-01-01T00:00:00Z" : "x".repeat(Math.max(schema.minLength ?? 1, 1));
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return false;
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => leastValue(schema.items ?? {}));
    default: {
      const { properties = {}, required = [] } = schema;
      return Object.fromEntries(required.map((key) => [key, leastValue(properties[key] ?? {})]));
    }
  }
}
