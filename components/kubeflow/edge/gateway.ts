/** Istio's ingress gateway: what it listens to, by which names, and who reaches it. */
import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import type { Phases } from "../../../release/types.ts";
import type { ClusterTarget } from "../../contracts/cluster-target.ts";
import { certificateSecret, gatewayLabels, gatewayNamespace, isObject, podPorts, type Entrance } from "./entrance.ts";

interface ServicePort {
  readonly name: string;
  readonly port: number;
}

/** HTTPS by the entrance's names; plain HTTP is answered with the way to it. */
function withTls(object: KubernetesObject, { hostNames: hosts, minTlsVersion }: Entrance): KubernetesObject {
  const minProtocolVersion = minTlsVersion === "1.3" ? "TLSV1_3" : "TLSV1_2";
  const servers = [
    { hosts, port: { name: "http", number: 80, protocol: "HTTP" }, tls: { httpsRedirect: true } },
    {
      hosts,
      port: { name: "https", number: 443, protocol: "HTTPS" },
      tls: { mode: "SIMPLE", credentialName: certificateSecret, minProtocolVersion },
    },
  ];
  return { ...object, spec: { ...(object["spec"] as object), servers } };
}

/** Changes of what the release has of the gateway. */
export function changedGateway(
  object: KubernetesObject,
  entrance: Entrance,
  ingress: ClusterTarget["ingress"],
): KubernetesObject | undefined {
  // Istio's chart brings a second Gateway of the same pods, port and names, which nothing uses: what a person bound to
  // it would be served without TLS, and of two Gateways with one port and name Istio takes either.
  if (isObject(object, "Gateway", gatewayNamespace, "istio-ingressgateway")) return undefined;
  if (isObject(object, "Gateway", "kubeflow", "kubeflow-gateway")) return withTls(object, entrance);
  if (isObject(object, "Service", gatewayNamespace, "istio-ingressgateway"))
    return withEntrance(object, entrance, ingress);
  if (object.kind === "VirtualService") return withHosts(object, entrance.domain);
  if (object.kind === "AuthorizationPolicy") return withRedirectLetThrough(object);
  return object;
}

export function serviceType({ service }: Entrance, ingress: ClusterTarget["ingress"]): string {
  return service.type ?? ingress.serviceType;
}

function withEntrance(
  object: KubernetesObject,
  entrance: Entrance,
  ingress: ClusterTarget["ingress"],
): KubernetesObject {
  const { annotations = {}, nodePorts, allowedRanges } = entrance.service;
  const type = serviceType(entrance, ingress);
  const spec = object["spec"] as { readonly ports: readonly ServicePort[] };
  const fixed: Readonly<Record<number, number>> =
    type === "NodePort" && nodePorts !== undefined ? { 80: nodePorts.http, 443: nodePorts.https } : {};
  const ports = spec.ports.map((each) => {
    const nodePort = fixed[each.port];
    return nodePort === undefined ? each : { ...each, nodePort };
  });
  // The target's are for its load balancer.
  const ofTarget = type === ingress.serviceType ? ingress.annotations : {};
  const all = { ...object.metadata.annotations, ...ofTarget, ...annotations };
  return {
    ...object,
    metadata: { ...object.metadata, ...(Object.keys(all).length === 0 ? {} : { annotations: all }) },
    spec: { ...spec, type, ports, ...(allowedRanges === undefined ? {} : { loadBalancerSourceRanges: allowedRanges }) },
  };
}

/** Kubeflow's pages are the dashboard's host only, not that of a model. */
function withHosts(object: KubernetesObject, domain: string): KubernetesObject {
  const spec = object["spec"] as { readonly gateways?: readonly string[]; readonly hosts?: readonly string[] };
  const isOurs = spec.gateways?.some((gateway) => /^(kubeflow\/)?kubeflow-gateway$/.test(gateway)) ?? false;
  return isOurs && spec.hosts?.join() === "*" ? { ...object, spec: { ...spec, hosts: [domain] } } : object;
}

interface Rule {
  readonly to?: readonly { readonly operation?: { readonly notPorts?: readonly string[] } }[];
}

/**
 * What asks for a login stays off the plain port: it comes before the redirect in the gateway, and would answer with its
 * own page (https://github.com/istio/istio/issues/36498). Nothing is served there: see `redirectAll`.
 */
function withRedirectLetThrough(object: KubernetesObject): KubernetesObject {
  const spec = object["spec"] as
    | {
        readonly action?: string;
        readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
        readonly rules?: readonly Rule[];
      }
    | undefined;
  const isGateways =
    object.metadata.namespace === gatewayNamespace && spec?.selector?.matchLabels?.["app"] === gatewayLabels.app;
  if (!isGateways || (spec.action !== "CUSTOM" && spec.action !== "DENY")) return object;
  const rules = (spec.rules ?? []).map((rule) => ({
    ...rule,
    to: (rule.to ?? [{}]).map(({ operation = {}, ...rest }) => ({
      ...rest,
      operation: { ...operation, notPorts: [...(operation.notPorts ?? []), String(podPorts.http)] },
    })),
  }));
  return { ...object, spec: { ...spec, rules } };
}

/**
 * The login lets go of the plain port once nothing is served there, also where all this comes to a gateway that runs.
 * @param objects as they are without the edge.
 */
export function loginAfterRedirect(objects: readonly KubernetesObject[], entrance: Entrance): Phases {
  const before = [objectKey(redirectAll(entrance))];
  const after = objects.filter((object) => withRedirectLetThrough(object) !== object).map(objectKey);
  return { before, after, all: [...before, ...after] };
}

/** What the gateway has beside the release. */
export function gatewayAdditions(entrance: Entrance): readonly KubernetesObject[] {
  return [redirectAll(entrance), openEntrance()];
}

/**
 * Every host of every Gateway and VirtualService on these pods, a tenant's too, is served by TLS only and says so: the
 * login is not asked for on the plain port. Harmless on the port with TLS, where the request is HTTPS already.
 */
function redirectAll({ hsts }: Entrance): KubernetesObject {
  const seconds = hsts.maxAgeDays * 24 * 60 * 60;
  const value = `max-age=${String(seconds)}${hsts.includeSubDomains ? "; includeSubDomains" : ""}`;
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { namespace: gatewayNamespace, name: "kubeflow-https-only" },
    spec: {
      workloadSelector: { labels: gatewayLabels },
      configPatches: [
        {
          applyTo: "VIRTUAL_HOST",
          match: { context: "GATEWAY" },
          patch: {
            operation: "MERGE",
            value: {
              require_tls: "ALL",
              response_headers_to_add: [
                {
                  header: { key: "strict-transport-security", value },
                  append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
                },
              ],
            },
          },
        },
      ],
    },
  };
}

/** The release lets its own namespace and Knative's in only: with network policies enforced nobody else got through. */
function openEntrance(): KubernetesObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { namespace: gatewayNamespace, name: "allow-to-istio-ingressgateway" },
    spec: {
      podSelector: { matchLabels: gatewayLabels },
      policyTypes: ["Ingress"],
      ingress: [{ ports: Object.values(podPorts).map((port) => ({ port, protocol: "TCP" })) }],
    },
  };
}
