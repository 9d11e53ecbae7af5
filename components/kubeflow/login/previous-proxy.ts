/**
 * A second oauth2-proxy while the cookie secret is replaced: one knows one secret only (its issues 963 and 2659; still so
 * in 7.15), and could read none of the cookies of those who are logged in. The second has the secret before, and a cookie
 * of another name; a filter of the gateway looks which cookie a request has, and Istio asks the one or the other. Who
 * logs in anew is asked by the newest, and after one lifetime of a session nobody has the older cookie.
 *
 * Istio takes two such providers at one gateway since 1.29, when istiod is told to (istio/istio PR 58082).
 */
import type * as pulumi from "@pulumi/pulumi";
import { parse, stringify } from "yaml";
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import type { Addition } from "../customisation.ts";
import { withoutPaths } from "./gateway-objects.ts";
import { configAnnotations, environmentOf, type ProxyObjects } from "./oauth2-proxy-objects.ts";
import { cookieNames } from "./oauth2-proxy-config.ts";
import { withPodTemplate } from "./pod-template.ts";
import { luaFilter } from "./token-filter.ts";

const name = "oauth2-proxy-previous";
const labels = { "app.kubernetes.io/name": name };
/** Set by the gateway alone: it takes one that a browser sends away. */
const header = "x-kubeflow-login";

interface PreviousProxy {
  readonly change: (object: KubernetesObject) => KubernetesObject;
  readonly additions: readonly Addition[];
}

/**
 * @param cookie the secret before; undefined when it is that of upstream's Secret.
 * @param served paths that are open to those who are not logged in.
 */
export function previousProxy(
  proxy: ProxyObjects,
  cookie: pulumi.Output<string> | undefined,
  objects: readonly KubernetesObject[],
  served: readonly string[],
): PreviousProxy {
  const { previousConfig: config } = proxy;
  if (config === undefined) return { change: (object) => object, additions: [] };
  const byKey = new Map(objects.map((object) => [objectKey(object), object]));
  const found = (key: string): KubernetesObject => {
    const object = byKey.get(key);
    if (object === undefined) throw new Error(`the release has no ${key}`);
    return object;
  };
  const policy = found(policyKey);
  const metadata = { name, namespace: "oauth2-proxy" };
  const added: readonly KubernetesObject[] = [
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "oauth2_proxy.cfg": config } },
    ...(cookie === undefined
      ? []
      : [{ apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", stringData: { "cookie-secret": cookie } }]),
    { ...found("ServiceAccount/oauth2-proxy/oauth2-proxy"), metadata },
    deploymentOf(found("Deployment.apps/oauth2-proxy/oauth2-proxy"), proxy, config, cookie),
    withSpec({ ...found("Service/oauth2-proxy/oauth2-proxy"), metadata }, { selector: labels }),
    withSpec(
      { ...found("NetworkPolicy.networking.k8s.io/oauth2-proxy/allow-istio-ingressgateway"), metadata },
      { podSelector: { matchLabels: labels } },
    ),
    {
      ...withSpec(asks(withoutPaths(policy, served), { values: ["previous"] }), { provider: { name } }),
      metadata: { ...policy.metadata, name: "istio-ingressgateway-oauth2-proxy-previous" },
    },
    whichCookie(cookieNames(proxy.settings)),
  ];
  return { change, additions: added.map((object) => ({ component: "oauth2-proxy", object })) };
}

const policyKey = "AuthorizationPolicy.security.istio.io/istio-system/istio-ingressgateway-oauth2-proxy";

function change(object: KubernetesObject): KubernetesObject {
  switch (objectKey(object)) {
    case policyKey:
      return asks(object, { notValues: ["previous"] });
    case "ConfigMap/istio-system/istio":
      return withProvider(object);
    case "Deployment.apps/istio-system/istiod":
      return withPodTemplate(object, {
        env: [{ name: "PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS", value: "true" }],
      });
    case "VirtualService.networking.istio.io/oauth2-proxy/oauth2-proxy":
      return withLogout(object);
    default:
      return object;
  }
}

function withSpec(object: KubernetesObject, fields: object): KubernetesObject {
  return { ...object, spec: { ...(object["spec"] as object), ...fields } };
}

/** The policy for requests with one of the cookies only. */
function asks(policy: KubernetesObject, condition: object): KubernetesObject {
  const { rules } = policy["spec"] as { readonly rules: readonly { readonly when?: readonly object[] }[] };
  const when = { key: `request.headers[${header}]`, ...condition };
  return withSpec(policy, { rules: rules.map((rule) => ({ ...rule, when: [...(rule.when ?? []), when] })) });
}

function deploymentOf(
  deployment: KubernetesObject,
  proxy: ProxyObjects,
  config: pulumi.Input<string>,
  cookie: pulumi.Output<string> | undefined,
): KubernetesObject {
  const { client } = proxy.secrets;
  const secrets = { ...(client === undefined ? {} : { client }), ...(cookie === undefined ? {} : { cookie }) };
  const copy = withPodTemplate(deployment, {
    annotations: configAnnotations(config),
    env: environmentOf(secrets, name),
  });
  const spec = copy["spec"] as {
    readonly template: {
      readonly metadata: object;
      readonly spec: { readonly volumes: readonly { readonly name: string; readonly configMap?: object }[] };
    };
  };
  const volumes = spec.template.spec.volumes.map((volume) =>
    volume.name === "oauth2-proxy-config" ? { ...volume, configMap: { name } } : volume,
  );
  const pod = { ...spec.template.spec, volumes, serviceAccountName: name };
  return {
    ...copy,
    metadata: { name, namespace: "oauth2-proxy", labels },
    spec: {
      ...spec,
      selector: { matchLabels: labels },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels }, spec: pod },
    },
  };
}

interface Provider {
  readonly name: string;
  readonly envoyExtAuthzHttp: { readonly service: string };
}

/** The mesh's configuration with a second provider, like the first. */
function withProvider(object: KubernetesObject): KubernetesObject {
  const data = object["data"] as Readonly<Record<string, string>>;
  const mesh = parse(data["mesh"] ?? "") as { readonly extensionProviders: readonly Provider[] };
  const first = mesh.extensionProviders.find((provider) => provider.name === "oauth2-proxy");
  if (first === undefined) throw new Error("the mesh has no provider oauth2-proxy");
  const service = `${name}.oauth2-proxy.svc.cluster.local`;
  const second = { name, envoyExtAuthzHttp: { ...first.envoyExtAuthzHttp, service } };
  const extensionProviders = [...mesh.extensionProviders, second];
  return { ...object, data: { ...data, mesh: stringify({ ...mesh, extensionProviders }) } };
}

/** Whoever has the older cookie logs out where it is known. */
function withLogout(service: KubernetesObject): KubernetesObject {
  const { http } = service["spec"] as { readonly http: readonly object[] };
  const logout = {
    match: [{ uri: { prefix: "/oauth2/sign_out" }, headers: { [header]: { exact: "previous" } } }],
    route: [{ destination: { host: `${name}.oauth2-proxy.svc.cluster.local`, port: { number: 80 } } }],
  };
  return withSpec(service, { http: [logout, ...http] });
}

/** Before everything else at the gateway. */
function whichCookie(cookies: readonly string[]): KubernetesObject {
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { name: "login-by-cookie", namespace: "istio-system" },
    spec: {
      workloadSelector: { labels: { app: "istio-ingressgateway" } },
      configPatches: [
        {
          applyTo: "HTTP_FILTER",
          match: {
            context: "GATEWAY",
            listener: { filterChain: { filter: { name: "envoy.filters.network.http_connection_manager" } } },
          },
          patch: { operation: "INSERT_FIRST", value: luaFilter("login-by-cookie", whichCookieScript(cookies)) },
        },
      ],
    },
  };
}

/** Lua 5.1, as in Envoy. A cookie counts that is whole, or split into `NAME_0`, ...; that of a login under way does not. */
export function whichCookieScript([newest = "", before = ""]: readonly string[]): string {
  return `local function has(header, name)
  for pair in header:gmatch("[^;,]+") do
    local cookie = pair:match("^%s*([^=%s]*)")
    if cookie == name then return true end
    if cookie:sub(1, #name + 1) == name .. "_" and cookie:match("^%d+$", #name + 2) then return true end
  end
  return false
end

function envoy_on_request(handle)
  local headers = handle:headers()
  headers:remove(${JSON.stringify(header)})
  local cookies = headers:get("cookie") or ""
  if has(cookies, ${JSON.stringify(before)}) and not has(cookies, ${JSON.stringify(newest)}) then
    headers:add(${JSON.stringify(header)}, "previous")
  end
end
`;
}
