/**
 * What workloads of tenants do not get to see of who visits them: the login's cookie and token. With either, whoever
 * wrote the notebook's image could act for every visitor (GHSA-qjw6-hpc7-w36h). Pure.
 *
 * Upstream's proposal (kubeflow/community-distribution PR 3550, open) takes out the cookie at the gateway as well; here
 * the token goes, too, which Istio passes on in `Authorization`. What neither can stop is a page of the notebook that
 * sends requests to Kubeflow from its visitor's browser: they have one origin until notebooks have hosts of their own.
 */
import type { KubernetesObject } from "../../../kubernetes/objects.ts";

/** Where tenants' own images answer, below the dashboard's host: notebooks, TensorBoards, viewers of volumes. */
const workloadPaths = ["/notebook/", "/tensorboard/", "/pvcviewers/"];

export interface TokenFilter {
  /** Of the login; oauth2-proxy splits a large one into `NAME_0`, `NAME_1`, and has a `NAME_csrf`. */
  readonly cookies: readonly string[];
  /** Of the dashboard: every other host's requests go to tenants' models. Unknown: only the paths count. */
  readonly host: string | undefined;
  /** Whether workloads get the token of `Authorization`. */
  readonly tokenToWorkloads: boolean;
}

/** As the last filter before the router: after oauth2-proxy was asked, and after Istio has read the token. */
export function tokenFilter(filter: TokenFilter): KubernetesObject {
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { name: "login-stays-at-the-gateway", namespace: "istio-system" },
    spec: {
      workloadSelector: { labels: { app: "istio-ingressgateway" } },
      configPatches: [
        {
          applyTo: "HTTP_FILTER",
          match: {
            context: "GATEWAY",
            listener: {
              filterChain: {
                filter: {
                  name: "envoy.filters.network.http_connection_manager",
                  subFilter: { name: "envoy.filters.http.router" },
                },
              },
            },
          },
          patch: { operation: "INSERT_BEFORE", value: luaFilter("login-stays-at-the-gateway", tokenScript(filter)) },
        },
      ],
    },
  };
}

export function luaFilter(name: string, script: string): object {
  return {
    name: `kubeflow-pulumi.${name}`,
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
      default_source_code: { inline_string: script },
    },
  };
}

/** Lua 5.1, as in Envoy. */
export function tokenScript({ cookies, host, tokenToWorkloads }: TokenFilter): string {
  return `${cookieFunctions(cookies)}
local workload_paths = ${luaList(workloadPaths)}
local dashboard = ${host === undefined ? "nil" : luaText(host.toLowerCase())}

local function is_workload(path, authority)
  for _, prefix in ipairs(workload_paths) do
    if path:sub(1, #prefix) == prefix then return true end
  end
  return dashboard ~= nil and (authority:lower():gsub(":%d+$", "")) ~= dashboard
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local path = headers:get(":path") or ""
  -- oauth2-proxy itself, which ends sessions and reads its own cookies.
  if path:sub(1, 8) == "/oauth2/" then return end
  local cookies = headers:get("cookie")
  if cookies ~= nil then
    local kept = without_login(cookies)
    if kept == "" then headers:remove("cookie") else headers:replace("cookie", kept) end
  end
${
  tokenToWorkloads
    ? ""
    : `  if is_workload(path, headers:get(":authority") or "") then
    headers:remove("authorization")
    headers:remove("x-auth-request-access-token")
    headers:remove("x-goog-iap-jwt-assertion")
  end
`
}end
`;
}

function cookieFunctions(cookies: readonly string[]): string {
  return `local names = ${luaList(cookies)}

local function belongs(cookie)
  for _, name in ipairs(names) do
    if cookie == name then return true end
    if cookie:sub(1, #name + 1) == name .. "_" then return true end
  end
  return false
end

-- Several headers come as one, with a comma between them: a comma ends a cookie, too.
local function without_login(header)
  local kept = {}
  for pair in header:gmatch("[^;,]+") do
    local cookie = pair:match("^%s*(.-)%s*$")
    if cookie ~= "" and not belongs(cookie:match("^[^=%s]*")) then kept[#kept + 1] = cookie end
  end
  return table.concat(kept, "; ")
end
`;
}

function luaList(texts: readonly string[]): string {
  return `{${texts.map(luaText).join(", ")}}`;
}

/** Names, paths and hosts: nothing that Lua and JSON write in two ways. */
function luaText(text: string): string {
  return JSON.stringify(text);
}
