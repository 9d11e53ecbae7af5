/** What people may do at an API server: by really asking for it, and by what it says of it. */
import assert from "node:assert/strict";
import type { TenantRole } from "../../components/kubeflow/tenants/settings.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { KubernetesObject } from "../../kubernetes/objects.ts";
import type { ApiServer } from "./api-server.ts";
import type { Person } from "./issuer.ts";

export interface Action {
  readonly method: "GET" | "POST" | "DELETE";
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** Of what is sent. */
  readonly kind?: string;
  readonly extra?: object;
  /** The least role that may. */
  readonly needs: TenantRole | "nobody";
}

/** Whether every aggregated role of Kubeflow has the rules of all whose labels it asks for. */
export async function areGathered(client: KubernetesClient): Promise<boolean> {
  const all = (await client.list("rbac.authorization.k8s.io/v1", "ClusterRole")) as readonly ClusterRole[];
  return all.every(({ aggregationRule, rules }) => {
    const selectors = aggregationRule?.clusterRoleSelectors ?? [];
    const chosen = all.filter(({ metadata }) =>
      selectors.some(({ matchLabels = {} }) =>
        Object.entries(matchLabels).every(([key, value]) => metadata.labels?.[key] === value),
      ),
    );
    const has = new Set((rules ?? []).map((rule) => JSON.stringify(rule)));
    return chosen.every((role) => (role.rules ?? []).every((rule) => has.has(JSON.stringify(rule))));
  });
}

type ClusterRole = KubernetesObject & {
  readonly rules?: readonly unknown[] | null;
  readonly aggregationRule?: {
    readonly clusterRoleSelectors?: readonly { readonly matchLabels?: Readonly<Record<string, string>> }[];
  };
};

const order = ["view", "edit", "admin", "nobody"] as const;

export function isEnough(role: TenantRole | undefined, needs: Action["needs"]): boolean {
  return role !== undefined && order.indexOf(role) >= order.indexOf(needs);
}

/** Really asks for it, without lasting effect; false when it is forbidden. */
export async function attempt(api: ApiServer, token: string, namespace: string, action: Action): Promise<boolean> {
  const { method, group, version, resource, kind, extra } = action;
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const target = `${root}/namespaces/${namespace}/${resource}${method === "GET" ? "" : "?dryRun=All"}`;
  const apiVersion = group === "" ? version : `${group}/${version}`;
  const body = method === "POST" ? { apiVersion, kind, metadata: { generateName: "kf-" }, ...extra } : undefined;
  const answer = await api.ask(token, method, target, body);
  assert.ok([200, 201, 403].includes(answer.status), `${method} ${target}: ${JSON.stringify(answer)}`);
  return answer.status !== 403;
}

/** What the API server says of it when an administrator asks about the person and the groups. */
export async function review(
  api: ApiServer,
  { email, groups }: Person,
  namespace: string,
  action: Action,
): Promise<boolean> {
  const { verb, group, resource } = action;
  const body = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: {
      user: email,
      groups: [...groups, "system:authenticated"],
      resourceAttributes: { namespace, verb, group, resource },
    },
  };
  const target = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  const answer = (await api.ask(api.adminToken, "POST", target, body)).body as { status: { allowed: boolean } };
  return answer.status.allowed;
}
