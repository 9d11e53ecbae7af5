import type { Resource } from "../../../policy/rule.ts";
import type { Properties } from "../../../policy/values.ts";

export const labels = { application: "kubeflow", cluster: "kubeflow", environment: "prod", "managed-by": "pulumi" };

export const kept = { protect: true };

export function resource(
  type: string,
  name: string,
  props: Properties,
  more: Partial<Pick<Resource, "protect" | "provider" | "propertyDependencies">> = {},
): Resource {
  const urn = `urn:pulumi:gcp-prod::kubeflow::${type}::${name}`;
  return { urn, type, props, protect: false, propertyDependencies: {}, ...more };
}
