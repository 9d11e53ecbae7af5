/** Three tenants, the people in and around them, and what one may do with which role. */
import { tenantsSettings, type TenantRole, type TenantSettings } from "../../components/kubeflow/tenants/settings.ts";
import type { Person } from "../support/issuer.ts";
import type { Action } from "../support/rights.ts";

const person = (name: string, ...groups: readonly string[]): Person => ({
  email: `${name}@example.com`,
  name,
  password: `password of ${name}`,
  groups,
});
export const people = {
  alice: person("alice"),
  bob: person("bob"),
  carol: person("carol"),
  dana: person("dana"),
  erin: person("erin", "science"),
  frank: person("frank", "b-editors", "science-b"),
  // Her issuer lets her be in groups of these names; one is the administrators' of Kubernetes itself.
  mallory: person("mallory", "alice@example.com", "team-a", "kubeflow-admin", "namespaceAdmin"),
} as const;
export type Name = keyof typeof people;

export const tenants: readonly TenantSettings[] = tenantsSettings.parse({
  profiles: [
    {
      name: "team-a",
      owner: people.alice.email,
      members: [{ user: people.bob.email, role: "edit" }],
      groups: [{ group: "science", role: "view" }],
    },
    { name: "team-b", owner: people.bob.email, groups: [{ group: "b-editors", role: "edit" }] },
    { name: "team-c", owner: people.carol.email, members: [{ user: people.dana.email, role: "view" }] },
  ],
}).profiles;

/** What the settings above say, written out once more by hand. */
export const roles: Readonly<Record<string, Partial<Record<Name, TenantRole>>>> = {
  "team-a": { alice: "admin", bob: "edit", erin: "view" },
  "team-b": { bob: "admin", frank: "edit" },
  "team-c": { carol: "admin", dana: "view" },
};

export const core = { group: "", version: "v1" };
const notebooks = { group: "kubeflow.org", version: "v1", resource: "notebooks", kind: "Notebook" };
const rbac = { group: "rbac.authorization.k8s.io", version: "v1" };
export const roleRef = (name: string): object => ({
  roleRef: { apiGroup: rbac.group, kind: "ClusterRole", name },
  subjects: [{ apiGroup: rbac.group, kind: "User", name: people.mallory.email }],
});
export const actions: Readonly<Record<string, Action>> = {
  "list pods": { ...core, method: "GET", verb: "list", resource: "pods", needs: "view" },
  "list configmaps": { ...core, method: "GET", verb: "list", resource: "configmaps", needs: "view" },
  "list notebooks": { ...notebooks, method: "GET", verb: "list", needs: "view" },
  "list secrets": { ...core, method: "GET", verb: "list", resource: "secrets", needs: "edit" },
  "create a configmap": {
    ...core,
    method: "POST",
    verb: "create",
    resource: "configmaps",
    kind: "ConfigMap",
    needs: "edit",
  },
  "create a notebook": { ...notebooks, method: "POST", verb: "create", needs: "edit" },
  "delete all configmaps": {
    ...core,
    method: "DELETE",
    verb: "deletecollection",
    resource: "configmaps",
    needs: "edit",
  },
  "list role bindings": { ...rbac, method: "GET", verb: "list", resource: "rolebindings", needs: "admin" },
  "let somebody view": {
    ...{ ...rbac, method: "POST", verb: "create", resource: "rolebindings", kind: "RoleBinding", needs: "admin" },
    extra: roleRef("kubeflow-view"),
  },
  "change the quota": {
    ...core,
    method: "POST",
    verb: "create",
    resource: "resourcequotas",
    kind: "ResourceQuota",
    needs: "nobody",
  },
};
