/** What can be reached from outside now and could not before. Pure. */
import { privateControlPlane, privateDatabase, privateNodes } from "../../../policy/rules/network.ts";
import { noPublicBucket } from "../../../policy/rules/public-access.ts";
import { at, isMap, itemsAt, textAt, textsAt, type Properties, type Value } from "../../../policy/values.ts";
import type { ResourceChange } from "../compare.ts";
import type { Finding } from "../report.ts";
import { few, kindOf, newlyWrong, sidesOf } from "./sides.ts";

const rules = [privateNodes, privateControlPlane, privateDatabase, noPublicBucket];

export function exposureFindings(change: ResourceChange): readonly Finding[] {
  const { op, type } = change;
  const kind = kindOf(change);
  if (op === "delete") return guardGone(kind);
  const { before, after } = sidesOf(change);
  const wrong = rules.flatMap((rule) => newlyWrong(rule, change)).map((message) => finding("danger", message));
  if (kind === undefined) return [...wrong, ...openRanges(type, before, after)];
  const own = byKind[kind]?.(before, after) ?? [];
  return [...wrong, ...own];
}

const byKind: Readonly<Record<string, (before: Properties, after: Properties) => readonly Finding[]>> = {
  Service: serviceFindings,
  Gateway: (before, after) => newHosts(gatewayHosts(before), gatewayHosts(after), "the gateway listens for"),
  Ingress: (before, after) => newHosts(ingressHosts(before), ingressHosts(after), "the ingress listens for"),
  VirtualService: (before, after) =>
    textsAt(after, "spec.gateways").some((gateway) => gateway !== "mesh")
      ? newHosts(textsAt(before, "spec.hosts"), textsAt(after, "spec.hosts"), "routed from a gateway is now")
      : [],
};

function serviceFindings(before: Properties, after: Properties): readonly Finding[] {
  const [old, next] = [reach(before), reach(after)];
  const ranges = textsAt(after, "spec.loadBalancerSourceRanges");
  const wider = textsAt(before, "spec.loadBalancerSourceRanges").length > 0 && ranges.length === 0;
  const ips = textsAt(after, "spec.externalIPs").filter((ip) => !textsAt(before, "spec.externalIPs").includes(ip));
  return [
    ...(next === old || reaches.indexOf(next) < reaches.indexOf(old) ? [] : [serviceReached(next)]),
    ...(wider && next === "public" ? [finding("danger", "the load balancer takes connections from everywhere")] : []),
    ...(ips.length === 0 ? [] : [finding("danger", `reached by the addresses ${few(ips)}`)]),
  ];
}

/** From the least reachable on. */
const reaches = ["cluster", "network", "nodes", "public"] as const;
type Reach = (typeof reaches)[number];

function reach(service: Properties): Reach {
  const type = textAt(service, "spec.type");
  if (type === "NodePort") return "nodes";
  if (type !== "LoadBalancer") return "cluster";
  const annotations = at(service, "metadata.annotations");
  const isInternal =
    isMap(annotations) &&
    Object.entries(annotations).some(
      ([key, value]) =>
        (/internal/i.test(key) && value === "true") || (typeof value === "string" && /^internal$/i.test(value)),
    );
  return isInternal ? "network" : "public";
}

function serviceReached(next: Reach): Finding {
  if (next === "public") return finding("danger", "a load balancer that may have a public address");
  return next === "nodes"
    ? finding("warning", "reached at a port of every node")
    : finding("warning", "a load balancer with an address of the private network");
}

function gatewayHosts(gateway: Properties): readonly string[] {
  return [
    ...itemsAt(gateway, "spec.servers").flatMap((server) => textsAt(server, "hosts")),
    ...itemsAt(gateway, "spec.listeners").map((listener) => textAt(listener, "hostname") ?? "*"),
  ];
}

const ingressHosts = (ingress: Properties): readonly string[] =>
  itemsAt(ingress, "spec.rules").map((rule) => textAt(rule, "host") ?? "*");

function newHosts(before: readonly string[], after: readonly string[], what: string): readonly Finding[] {
  const added = [...new Set(after)].filter((host) => !before.includes(host));
  return added.length === 0 ? [] : [finding("warning", `${what} ${few(added)}`)];
}

/** Without them, everybody who reaches the pods is let in. */
const guards: ReadonlySet<string> = new Set([
  ...["NetworkPolicy", "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"],
]);

const guardGone = (kind: string | undefined): readonly Finding[] =>
  kind !== undefined && guards.has(kind) ? [finding("warning", `the ${kind} that kept somebody out is deleted`)] : [];

const firewalls = /firewall|securitygroup|securityrule|networksecuritygroup/i;
const everywhere: ReadonlySet<string> = new Set(["0.0.0.0/0", "::/0", "0.0.0.0", "*", "Internet"]);

/** Address ranges of a firewall that are everybody, where it lets in. */
function openRanges(type: string, before: Properties, after: Properties): readonly Finding[] {
  if (!firewalls.test(type) || /egress/i.test(type)) return [];
  const known = openIn(before, "");
  const added = openIn(after, "").filter((range) => !known.includes(range));
  return added.length === 0 ? [] : [finding("danger", `lets in ${few(added)}`)];
}

function openIn(value: Value, key: string): readonly string[] {
  if (Array.isArray(value)) return (value as readonly Value[]).flatMap((item) => openIn(item, key));
  if (typeof value === "string") {
    const isSource = /cidr|source|range|prefix/i.test(key) && !/port|destination/i.test(key);
    return isSource && everywhere.has(value) ? [value] : [];
  }
  if (!isMap(value) || isOutbound(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => (/egress/i.test(name) ? [] : openIn(item, name)));
}

const isOutbound = (rule: Properties): boolean =>
  /^(outbound|egress)$/i.test(textAt(rule, "direction") ?? textAt(rule, "type") ?? "") ||
  textAt(rule, "access") === "Deny" ||
  itemsAt(rule, "denies").length > 0;

const finding = (level: Finding["level"], message: string): Finding => ({ kind: "public-exposure", level, message });
