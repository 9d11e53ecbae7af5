import type { PlatformContext } from "../customisation.ts";
import { isObject, isWithin } from "./entrance.ts";
import type { EdgeSettings } from "./settings.ts";

/** Why the release cannot have this entrance on this target. */
export function edgeProblems(
  { target, release, secrets }: PlatformContext,
  settings: EdgeSettings,
  domain: string | undefined,
): readonly string[] {
  const has = (kind: string, namespace: string, name: string): boolean =>
    release.objects.some((object) => isObject(object, kind, namespace, name));
  const problems: string[] = [];
  if (!has("Gateway", "kubeflow", "kubeflow-gateway"))
    problems.push(
      `kubeflow:edge: the release ${release.name} has no Gateway kubeflow/kubeflow-gateway, which gets the certificate. ` +
        "Install a release of release/locks, or take kubeflow:edge out",
    );
  if (!has("Deployment", "cert-manager", "cert-manager") && target.existing?.certManager === undefined)
    problems.push(
      "kubeflow:edge.issuer: nothing would issue the certificate: the release has no cert-manager, and the target has " +
        "none of its own. Keep the component cert-manager",
    );
  if (domain === undefined)
    problems.push(
      `kubeflow:edge.domain: not set; allowed: a host name such as kubeflow.example.com. The target ${target.kind} has no ` +
        "address of its own for the dashboard: set it",
    );
  else problems.push(...nameProblems(settings, domain, target));
  return [...problems, ...serviceProblems(settings, target), ...secretProblems(settings, Object.keys(secrets))];
}

function nameProblems(
  { issuer, hosts }: EdgeSettings,
  domain: string,
  { kind, zone }: PlatformContext["target"],
): readonly string[] {
  if (issuer.kind !== "acme" || issuer.dns01 !== undefined) return [];
  if (zone === undefined)
    return [
      `kubeflow:edge.issuer: acme; allowed: self-signed, own-ca, or acme with dns01. The target ${kind} has no DNS zone ` +
        "in which the name could be proved: set issuer.dns01 to a solver of cert-manager for yours",
    ];
  const outside = [
    ["domain", domain] as const,
    ...hosts.map((host, index) => [`hosts[${String(index)}]`, host] as const),
  ];
  return outside
    .filter(([, host]) => !isWithin(host, zone.domain))
    .map(
      ([key, host]) =>
        `kubeflow:edge.${key}: ${JSON.stringify(host)}; allowed: names in the target's zone ${zone.domain}, which is where ` +
        "acme proves them. Choose one, or set issuer.dns01 to a solver of cert-manager for yours",
    );
}

function serviceProblems({ service }: EdgeSettings, { ingress }: PlatformContext["target"]): readonly string[] {
  const type = service.type ?? ingress.serviceType;
  const problems: string[] = [];
  if (type === "NodePort" && service.nodePorts === undefined)
    problems.push(
      "kubeflow:edge.service.nodePorts: not set; allowed: {http, https}, each of 30000 to 32767. The gateway is a NodePort " +
        "here, and people have to know its ports: set them",
    );
  if (type !== "NodePort" && service.nodePorts !== undefined)
    problems.push(
      `kubeflow:edge.service.nodePorts: ${JSON.stringify(service.nodePorts)}; allowed: nothing where the gateway is a ` +
        `${type}. Take it out, or set service.type to NodePort`,
    );
  if (type !== "LoadBalancer" && service.allowedRanges !== undefined)
    problems.push(
      `kubeflow:edge.service.allowedRanges: ${JSON.stringify(service.allowedRanges)}; allowed: nothing where the gateway is ` +
        `a ${type}, which no load balancer guards. Take it out, and limit access in your network`,
    );
  return problems;
}

/** Names of secrets that nobody has given. */
function secretProblems({ issuer }: EdgeSettings, known: readonly string[]): readonly string[] {
  const named: (readonly [string, string])[] = [];
  for (const key of ["caCertificate", "caKey"] as const)
    if (issuer[key] !== undefined) named.push([`issuer.${key}`, issuer[key]]);
  for (const [secret, data] of Object.entries(issuer.secrets ?? {}))
    for (const [key, name] of Object.entries(data)) named.push([`issuer.secrets.${secret}.${key}`, name]);
  const list = known.length === 0 ? "there are none yet" : known.join(", ");
  return named
    .filter(([, name]) => !known.includes(name))
    .map(
      ([path, name]) =>
        `kubeflow:edge.${path}: ${JSON.stringify(name)}; allowed: a name in kubeflow:secrets (${list}). Add it there, or ` +
        "name another",
    );
}
