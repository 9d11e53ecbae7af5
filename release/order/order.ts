/**
 * The order in which a release is applied: computed from what the objects say, with the reason of every edge. No
 * sleeps and no retries follow from it, and nothing waits for what it does not need.
 */
import { alg, Graph } from "@dagrejs/graphlib";
import { groupOf, objectKey, type KubernetesObject } from "../../kubernetes/objects.ts";
import type { RenderedCrd, RenderedRelease } from "../types.ts";
import { listAt, podTemplateOf, referencesOf, serviceAccountsOf, textAt, type Reference } from "./references.ts";
import {
  failingWebhooksOf,
  interceptorsOf,
  isWebhookConfiguration,
  selects,
  workloadsBehind,
  type Webhook,
} from "./webhooks.ts";

/** Why one object waits for another. */
type EdgeReason =
  | "namespace"
  | "definition"
  | "reference"
  | "access"
  | "aggregation"
  | "certificate"
  | "backend"
  | "webhook"
  | "conversion"
  | "hook";

interface Edge {
  readonly from: string;
  /** Waited for until it is ready, not only until it exists. */
  readonly to: string;
  readonly reason: EdgeReason;
}

export interface Order {
  /**
   * What each object waits for directly, by `objectKey`; what follows from another edge is left out. In an order of
   * application: nothing comes before what it waits for.
   */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** Every edge that was found, implied ones included. */
  readonly edges: readonly Edge[];
  /** Edges that would have closed a circle (a webhook that intercepts what its own backend needs) and were dropped. */
  readonly dropped: readonly Edge[];
}

/** Key of a CRD, the same as `objectKey` of its object. */
export function crdKey(name: string): string {
  return `CustomResourceDefinition.apiextensions.k8s.io//${name}`;
}

function referenceKey({ group, kind, namespace, name }: Reference): string {
  return `${group === "" ? kind : `${kind}.${group}`}/${namespace ?? ""}/${name}`;
}

/**
 * Computes the order of a release.
 *
 * @throws Error when objects need each other in a circle that no edge may be dropped from; it names the circle.
 */
export function computeOrder(release: Pick<RenderedRelease, "objects" | "crds" | "phases">): Order {
  const objects = new Map(release.objects.map((object) => [objectKey(object), object]));
  const builder = new GraphBuilder([...objects.keys(), ...release.crds.map((crd) => crdKey(crd.name))]);

  addNeeds(builder, objects, release.crds);
  addWebhooks(builder, release.objects, release.crds);
  for (const { before, after, all } of release.phases ?? []) {
    const rest = all.filter((key) => !before.includes(key) && !after.includes(key));
    for (const from of [...rest, ...after]) for (const to of before) builder.want(from, to, "hook");
    for (const from of after) for (const to of rest) builder.want(from, to, "hook");
    for (const hooks of [before, after]) {
      hooks.forEach((from, index) => hooks.slice(0, index).forEach((to) => builder.want(from, to, "hook")));
    }
  }
  return builder.finish();
}

/** What an object cannot exist or work without. */
function addNeeds(
  builder: GraphBuilder,
  objects: ReadonlyMap<string, KubernetesObject>,
  crds: readonly RenderedCrd[],
): void {
  const definitions = new Map(crds.map((crd) => [`${crd.group}/${crd.kind}`, crdKey(crd.name)]));
  const bindings = bindingsByServiceAccount(objects.values());
  const issuers = certificatesBySecret(objects.values());
  const roles = [...objects.values()].filter(({ kind }) => kind === "ClusterRole");
  for (const [key, object] of objects) {
    builder.need(key, definitions.get(`${groupOf(object.apiVersion)}/${object.kind}`), "definition");
    for (const reference of referencesOf(object)) {
      const reason = reference.kind === "Namespace" ? "namespace" : "reference";
      builder.need(key, referenceKey(reference), reason);
      if (reference.kind !== "Secret") continue;
      const certificate = issuers.get(`${reference.namespace ?? ""}/${reference.name}`);
      builder.need(key, certificate, "certificate");
    }
    for (const part of aggregatedRoles(object, roles)) builder.want(key, part, "aggregation");
    const template = podTemplateOf(object);
    if (template === undefined) continue;
    const account = textAt(template, "spec", "serviceAccountName") ?? "default";
    for (const binding of bindings.get(`${object.metadata.namespace ?? ""}/${account}`) ?? []) {
      builder.need(key, binding, "access");
    }
  }
}

/**
 * Keys of the ClusterRoles that an aggregated one takes its rules from. The order matters when they are deleted: the
 * controller that sums up the rules would make the aggregated role anew if a part of it went first.
 */
function aggregatedRoles(object: KubernetesObject, roles: readonly KubernetesObject[]): readonly string[] {
  if (object.kind !== "ClusterRole") return [];
  const selectors = listAt(object, "aggregationRule", "clusterRoleSelectors");
  return roles
    .filter((role) => selectors.some((selector) => selects(selector, role.metadata.labels ?? {})))
    .map(objectKey);
}

/** Keys of the RoleBindings and ClusterRoleBindings of each ServiceAccount, by `namespace/name`. */
function bindingsByServiceAccount(objects: Iterable<KubernetesObject>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const object of objects) {
    if (object.kind !== "RoleBinding" && object.kind !== "ClusterRoleBinding") continue;
    for (const account of serviceAccountsOf(object)) {
      found.set(account, [...(found.get(account) ?? []), objectKey(object)]);
    }
  }
  return found;
}

/** Keys of the cert-manager Certificates by the Secret (`namespace/name`) that they fill. */
function certificatesBySecret(objects: Iterable<KubernetesObject>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const object of objects) {
    const secret = textAt(object, "spec", "secretName");
    if (object.kind === "Certificate" && groupOf(object.apiVersion) === "cert-manager.io" && secret !== undefined) {
      found.set(`${object.metadata.namespace ?? ""}/${secret}`, objectKey(object));
    }
  }
  return found;
}

/** A webhook waits for the workloads that answer it, and what it intercepts waits for the webhook. */
function addWebhooks(builder: GraphBuilder, objects: readonly KubernetesObject[], crds: readonly RenderedCrd[]): void {
  const plurals = new Map(
    crds.map((crd) => [`${crd.kind}.${crd.group}`, crd.name.slice(0, crd.name.length - crd.group.length - 1)]),
  );
  const namespaces = new Map(
    objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
  );
  const configurations = objects.filter(isWebhookConfiguration);
  for (const configuration of configurations) {
    const key = objectKey(configuration);
    const certificate = configuration.metadata.annotations?.["cert-manager.io/inject-ca-from"];
    if (certificate !== undefined) builder.need(key, `Certificate.cert-manager.io/${certificate}`, "certificate");
    for (const service of servicesOf(configuration)) addBackend(builder, key, service, objects);
  }
  const webhooks = configurations.flatMap((configuration) => failingWebhooksOf(configuration));
  for (const object of objects) {
    const hits = interceptorsOf(object, webhooks, namespaces, plurals);
    for (const hit of new Set(hits.map(({ configuration }) => objectKey(configuration)))) {
      builder.want(objectKey(object), hit, "webhook");
    }
  }
  for (const { conversionService, group, kind } of crds) {
    if (conversionService === undefined) continue;
    for (const object of objects) {
      if (object.kind !== kind || groupOf(object.apiVersion) !== group) continue;
      for (const workload of workloadsBehind(conversionService, objects)) {
        builder.want(objectKey(object), objectKey(workload), "conversion");
      }
    }
  }
}

function servicesOf(configuration: KubernetesObject): NonNullable<Webhook["service"]>[] {
  return failingWebhooksOf(configuration).flatMap(({ service }) => (service === undefined ? [] : [service]));
}

function addBackend(
  builder: GraphBuilder,
  configuration: string,
  service: NonNullable<Webhook["service"]>,
  objects: readonly KubernetesObject[],
): void {
  builder.need(configuration, `Service/${service.namespace}/${service.name}`, "backend");
  for (const workload of workloadsBehind(service, objects)) {
    builder.need(configuration, objectKey(workload), "backend");
  }
}

/** Collects edges between known objects, then checks and reduces them. */
class GraphBuilder {
  private readonly graph = new Graph({ directed: true });
  private readonly edges = new Map<string, Edge>();
  private readonly wanted: Edge[] = [];

  constructor(keys: readonly string[]) {
    for (const key of keys) this.graph.setNode(key);
  }

  /** An edge that must hold. An unknown `to` (made by a controller, or not part of the release) is no edge. */
  need(from: string, to: string | undefined, reason: EdgeReason): void {
    if (to !== undefined && to !== from && this.graph.hasNode(to)) this.add({ from, to, reason });
  }

  /** An edge that holds unless it closes a circle. */
  want(from: string, to: string, reason: EdgeReason): void {
    if (from !== to && this.graph.hasNode(to)) this.wanted.push({ from, to, reason });
  }

  finish(): Order {
    const [circle] = alg.findCycles(this.graph);
    if (circle !== undefined) {
      throw new Error(`These objects need each other in a circle, so none can be first: ${circle.join(" -> ")}`);
    }
    const dropped: Edge[] = [];
    // Sorted, so that the edge which a circle loses does not depend on the order of the objects.
    this.wanted.sort((a, b) => (`${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1));
    for (const edge of this.wanted) {
      if (this.reaches(edge.to, edge.from)) dropped.push(edge);
      else this.add(edge);
    }
    return { dependencies: this.reduce(), edges: [...this.edges.values()], dropped };
  }

  private add(edge: Edge): void {
    const name = `${edge.from} ${edge.to}`;
    if (this.edges.has(name)) return;
    this.edges.set(name, edge);
    this.graph.setEdge(edge.from, edge.to);
  }

  private reaches(start: string, goal: string): boolean {
    const seen = new Set<string>([start]);
    const open = [start];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node === goal) return true;
      for (const next of this.graph.successors(node) ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        open.push(next);
      }
    }
    return false;
  }

  /** Transitive reduction: state and previews carry an edge only where no other path says the same. */
  private reduce(): ReadonlyMap<string, readonly string[]> {
    const below = new Map<string, ReadonlySet<string>>();
    const reduced = new Map<string, readonly string[]>();
    for (const node of alg.topsort(this.graph).reverse()) {
      const direct = this.graph.successors(node) ?? [];
      const implied = new Set(direct.flatMap((next) => [...(below.get(next) ?? [])]));
      below.set(node, new Set([...direct, ...implied]));
      reduced.set(node, direct.filter((next) => !implied.has(next)).sort());
    }
    return reduced;
  }
}
