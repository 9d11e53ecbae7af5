import { objectKey, type KubernetesObject } from "../../../kubernetes/objects.ts";
import type { DnsZone } from "../../contracts/dns-zone.ts";
import type { Concern, Customisation, PlatformContext } from "../customisation.ts";
import { certificateObjects } from "./certificates.ts";
import { annotated, component, gatewayNamespace, isObject, isWithin, withPods, type Entrance } from "./entrance.ts";
import { externalDns, hostAnnotation } from "./external-dns.ts";
import { changedGateway, gatewayAdditions, loginAfterRedirect, serviceType } from "./gateway.ts";
import { changedPolicy, strictMtls, webhookAdditions, withCniFolders } from "./mesh.ts";
import { edgeProblems } from "./problems.ts";
import { withSecureCookies } from "./secure-cookies.ts";

/** Name, TLS and entrance, by `kubeflow:edge`; and Istio's CNI plugin where the target's nodes look for plugins. */
export const edge: Concern = (context) => {
  const { cni } = context.target;
  const inPlace = (object: KubernetesObject): KubernetesObject =>
    cni === undefined ? object : withCniFolders(object, cni);
  const { edge: settings } = context.settings;
  if (settings === undefined) return { change: inPlace };
  const domain = settings.domain ?? dashboardHost(context);
  const problems = edgeProblems(context, settings, domain);
  if (domain === undefined || problems.length > 0) return { problems };
  const entrance = { ...settings, domain, hostNames: [domain, ...settings.hosts.filter((host) => host !== domain)] };
  return customisation(context, entrance, inPlace);
};

function dashboardHost({ target: { access } }: PlatformContext): string | undefined {
  return access === undefined ? undefined : new URL(access.dashboardUrl).hostname;
}

function customisation(
  { target, release, secrets }: PlatformContext,
  entrance: Entrance,
  inPlace: (object: KubernetesObject) => KubernetesObject,
): Customisation {
  const { zone, ingress } = target;
  const written = serviceType(entrance, ingress) === "LoadBalancer" ? namesIn(zone, entrance) : [];
  const proving = entrance.issuer.kind === "acme" && entrance.issuer.dns01 === undefined ? zone : undefined;
  const there = new Set(release.objects.map(objectKey));
  const additions = [
    ...certificateObjects(entrance, secrets, zone),
    ...gatewayAdditions(entrance),
    ...(entrance.mtls === "strict" ? strictMtls(release.objects) : []),
    ...webhookAdditions(release.objects).filter((object) => !there.has(objectKey(object))),
    ...(zone === undefined || written.length === 0 ? [] : externalDns(zone, entrance.domain)),
  ];
  return {
    notes: [...recordNotes(entrance, written, target), ...trustNotes(entrance)],
    additions: additions.map((object) => ({ component, object })),
    phases: [loginAfterRedirect(release.objects, entrance)],
    change: (object) => {
      const changed = changedGateway(object, entrance, ingress);
      if (changed === undefined) return undefined;
      const named = withNames(proving === undefined ? changed : withProof(changed, proving), written);
      return inPlace(changedPolicy(withSecureCookies(named, entrance.domain)));
    },
  };
}

/** The entrance's names that are in the zone. */
function namesIn(zone: DnsZone | undefined, { hostNames }: Entrance): readonly string[] {
  return zone === undefined ? [] : hostNames.filter((host) => isWithin(host, zone.domain));
}

/** external-dns reads them off the gateway's Service. */
function withNames(object: KubernetesObject, names: readonly string[]): KubernetesObject {
  return names.length > 0 && isObject(object, "Service", gatewayNamespace, "istio-ingressgateway")
    ? annotated(object, { [hostAnnotation]: names.join(",") })
    : object;
}

/** cert-manager as whom the zone knows. */
function withProof(object: KubernetesObject, { writers }: DnsZone): KubernetesObject {
  const { annotations, podLabels } = writers["cert-manager/cert-manager"];
  if (isObject(object, "ServiceAccount", "cert-manager", "cert-manager")) return annotated(object, annotations);
  return isObject(object, "Deployment", "cert-manager", "cert-manager")
    ? withPods(object, { labels: podLabels })
    : object;
}

function recordNotes(
  entrance: Entrance,
  written: readonly string[],
  { ingress }: PlatformContext["target"],
): readonly string[] {
  const left = entrance.hostNames.filter((host) => !written.includes(host));
  if (left.length === 0) return [];
  const record = { ip: "an A record", hostname: "a CNAME record", none: "a record" }[ingress.address];
  const address = {
    LoadBalancer: "of the load balancer of the Service istio-system/istio-ingressgateway",
    NodePort: `of a node; browsers then use port ${String(entrance.service.nodePorts?.https)}`,
    ClusterIP: "that leads to port 443 of the Service istio-system/istio-ingressgateway",
  }[serviceType(entrance, ingress)];
  return [
    `kubeflow:edge: nothing writes DNS records here: make ${record} for ${left.join(", ")} to the address ${address}`,
  ];
}

function trustNotes({ issuer }: Entrance): readonly string[] {
  if (issuer.kind === "self-signed")
    return ["kubeflow:edge.issuer: self-signed, so browsers warn; for sandboxes. Use own-ca or acme for people"];
  if (issuer.kind === "own-ca" && issuer.caCertificate === undefined)
    return [
      "kubeflow:edge.issuer: own-ca: people's machines have to trust the CA that cert-manager makes; read it with: " +
        "kubectl get secret -n cert-manager kubeflow-edge-ca -o jsonpath='{.data.tls\\.crt}' | base64 -d",
    ];
  return [];
}
