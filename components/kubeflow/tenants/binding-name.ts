import type { TenantRole } from "./settings.ts";

/** Somebody with a role in a tenant. */
export interface Contributor {
  readonly kind: "User" | "Group";
  readonly name: string;
  readonly role: TenantRole;
}

/**
 * The name that KFAM gives the RoleBinding and the AuthorizationPolicy of a contributor, so that the dashboard, which
 * removes by name, finds them. Source: `getBindingName` in
 * https://github.com/kubeflow/dashboard/blob/v2.0.0/components/access-management/kfam/bindings.go
 */
export function bindingName({ kind, name, role }: Contributor): string {
  return `${kind}-${name}-ClusterRole-${role}`.replaceAll(/[^a-zA-Z0-9]+/g, "-").toLowerCase();
}
