/**
 * What the gateway tells of a caller's groups: one header for each group that has a tenant, made from the verified token.
 *
 * The header `kubeflow-groups` will not do: Istio writes a list as base64 of its JSON
 * (https://github.com/istio/istio/issues/49169), which no condition of an AuthorizationPolicy can look into. Nor will the
 * token's own claim: the gateway keeps tokens from tenants' pods (kubeflow:login). Pure.
 */
import { createHash } from "node:crypto";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import { luaFilter } from "../login/token-filter.ts";

/** What the header of a caller's group says. */
export const groupMember = "member";

/** A name that HTTP takes, whatever the group is called. */
export function groupHeader(group: string): string {
  return `kubeflow-group-${createHash("sha256").update(group).digest("hex").slice(0, 16)}`;
}

/** Before the router, so after the gateway has verified the token. */
export function groupHeadersFilter(groups: readonly string[], claim: string): KubernetesObject {
  const connectionManager = {
    name: "envoy.filters.network.http_connection_manager",
    subFilter: { name: "envoy.filters.http.router" },
  };
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { name: "tenant-group-headers", namespace: "istio-system" },
    spec: {
      workloadSelector: { labels: { app: "istio-ingressgateway" } },
      configPatches: [
        {
          applyTo: "HTTP_FILTER",
          match: { context: "GATEWAY", listener: { filterChain: { filter: connectionManager } } },
          patch: {
            operation: "INSERT_BEFORE",
            value: luaFilter("tenant-group-headers", groupHeadersScript(groups, claim)),
          },
        },
      ],
    },
  };
}

/** Lua 5.1, as in Envoy. */
export function groupHeadersScript(groups: readonly string[], claim: string): string {
  const entries = [...new Set(groups)].sort().map((group) => `[${luaText(group)}] = "${groupHeader(group)}"`);
  return `local header_of = {${entries.join(", ")}}
local claim = ${luaText(claim)}

function envoy_on_request(handle)
  local headers = handle:headers()
  -- What a caller claims himself is nothing.
  for _, header in pairs(header_of) do headers:remove(header) end
  -- Envoy keeps the verified token here, under a name that depends on Istio's version.
  local tokens = handle:streamInfo():dynamicMetadata():get("envoy.filters.http.jwt_authn")
  if type(tokens) ~= "table" then return end
  for _, token in pairs(tokens) do
    local groups = type(token) == "table" and token[claim]
    if type(groups) == "string" then groups = {groups} end
    if type(groups) == "table" then
      for _, group in pairs(groups) do
        local header = header_of[group]
        if header ~= nil then headers:replace(header, "${groupMember}") end
      end
    end
  end
end
`;
}

/** By its bytes: a group may be called anything. */
function luaText(text: string): string {
  return `"${[...Buffer.from(text)].map((byte) => `\\${String(byte).padStart(3, "0")}`).join("")}"`;
}
