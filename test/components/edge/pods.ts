/** Who reaches which pods, as network policies, the mesh and its authorization say together. */
import type { CustomisedRelease } from "../../../components/kubeflow/customisation.ts";
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import { podTemplateOf } from "../../../release/order/references.ts";
import { at, of } from "./support.ts";

type Labels = Readonly<Record<string, string>>;

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: string[];
  }[];
}

interface PolicyPort {
  readonly port: number;
}

interface IngressRule {
  readonly from?: readonly { readonly namespaceSelector?: Selector; readonly podSelector?: Selector }[];
  readonly ports?: readonly PolicyPort[];
}

interface Workload {
  readonly key: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly containerPorts: readonly number[];
  /** Whether Istio gives its pods a sidecar. */
  readonly inMesh: boolean;
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator !== "In") throw new Error(`${operator} is not understood here`);
      return values.includes(labels[key] ?? "");
    })
  );
}

export function workloads(customised: CustomisedRelease): readonly Workload[] {
  const injected = new Set(
    of(customised, "Namespace")
      .filter(({ metadata }) => metadata.labels?.["istio-injection"] === "enabled")
      .map(({ metadata }) => metadata.name),
  );
  return customised.release.objects.flatMap((object) => {
    const template = podTemplateOf(object);
    const { namespace = "" } = object.metadata;
    if (template === undefined) return [];
    const own = (at(template, "metadata.labels") ?? {}) as Labels;
    const annotations = (at(template, "metadata.annotations") ?? {}) as Labels;
    const wish = own["sidecar.istio.io/inject"] ?? annotations["sidecar.istio.io/inject"];
    const containers = (at(template, "spec.containers") ?? []) as { readonly ports?: readonly Port[] }[];
    const containerPorts = containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));
    const inMesh = wish === "true" || (wish !== "false" && injected.has(namespace));
    // What the sidecar injector adds, and two network policies of the release go by.
    const canonical = own["app.kubernetes.io/name"] ?? own["app"] ?? object.metadata.name;
    const labels: Labels = inMesh ? { "service.istio.io/canonical-name": canonical, ...own } : own;
    return [
      {
        key: `${object.kind} ${namespace}/${object.metadata.name}`,
        namespace,
        labels,
        annotations,
        containerPorts,
        inMesh,
      },
    ];
  });
}

interface Port {
  readonly containerPort: number;
}

/** Ports of the workload that its network policies open to those whom `counts` says; every port where none is named. */
export function openTo(
  customised: CustomisedRelease,
  { namespace, labels, containerPorts }: Workload,
  counts: (from: IngressRule["from"]) => boolean,
): ReadonlySet<number> {
  const rules = of(customised, "NetworkPolicy")
    .filter((policy) => policy.metadata.namespace === namespace)
    .filter((policy) => selects(at(policy, "spec.podSelector") as Selector, labels))
    .flatMap((policy) => at(policy, "spec.ingress") as readonly IngressRule[]);
  return new Set(
    rules
      .filter(({ from }) => counts(from))
      .flatMap(({ ports }) => (ports === undefined ? containerPorts : ports.map(({ port }) => port))),
  );
}

export const everybody = (from: IngressRule["from"]): boolean => from === undefined;

/** Namespaces of tenants, whose pods are not all in the mesh. */
export const tenants = (from: IngressRule["from"]): boolean =>
  from?.some(({ namespaceSelector }) => JSON.stringify(namespaceSelector ?? {}).includes("kubeflow-profile")) ?? false;

/** Whether a plain connection to the port gets to the container: the sidecar lets it by, or takes it. */
export function takesPlain(customised: CustomisedRelease, workload: Workload, port: number): boolean {
  if (!workload.inMesh || isExcluded(workload, port)) return true;
  const own = of(customised, "PeerAuthentication").filter(
    (each) =>
      each.metadata.namespace === workload.namespace &&
      selects((at(each, "spec.selector") ?? {}) as Selector, workload.labels),
  );
  const modes = own.map((each) => at(each, `spec.portLevelMtls.${String(port)}.mode`) ?? at(each, "spec.mtls.mode"));
  const mesh = of(customised, "PeerAuthentication").find(
    ({ metadata }) => metadata.namespace === "istio-system" && metadata.name === "default",
  );
  const mode = modes.find((each) => each !== undefined) ?? at(mesh, "spec.mtls.mode") ?? "PERMISSIVE";
  return mode === "PERMISSIVE";
}

/** Under the release's mesh-wide denial, only who is let in by an ALLOW of the workload's own. */
export function isAuthorised(customised: CustomisedRelease, workload: Workload, port: number): boolean {
  if (!workload.inMesh || isExcluded(workload, port)) return true;
  return of(customised, "AuthorizationPolicy").some((policy) => allows(policy, workload));
}

function allows(policy: KubernetesObject, { namespace, labels }: Workload): boolean {
  const selector = at(policy, "spec.selector") as Selector | undefined;
  if (policy.metadata.namespace !== namespace || selector === undefined || !selects(selector, labels)) return false;
  return (at(policy, "spec.action") ?? "ALLOW") === "ALLOW" && Array.isArray(at(policy, "spec.rules"));
}

function isExcluded({ annotations }: Workload, port: number): boolean {
  const excluded = annotations["traffic.sidecar.istio.io/excludeInboundPorts"] ?? "";
  return excluded.split(",").includes(String(port));
}

interface Webhook {
  readonly clientConfig?: {
    readonly service?: { readonly namespace: string; readonly name: string; readonly port?: number };
  };
}

/** The pods and ports behind every webhook of the release. */
export function webhookBackends(customised: CustomisedRelease): readonly (readonly [Workload, number])[] {
  const kinds = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
  const named = kinds.flatMap((kind) => of(customised, kind)).flatMap((each) => at(each, "webhooks") as Webhook[]);
  const found = new Map<string, readonly [Workload, number]>();
  for (const { clientConfig } of named) {
    const reference = clientConfig?.service;
    if (reference === undefined) continue;
    const service = of(customised, "Service").find(
      ({ metadata }) => metadata.name === reference.name && metadata.namespace === reference.namespace,
    );
    const ports = (at(service, "spec.ports") ?? []) as { port: number; targetPort?: number | string }[];
    const port = ports.find((each) => each.port === (reference.port ?? 443));
    const pods = workloads(customised).find(
      ({ namespace, labels }) =>
        namespace === reference.namespace && selects({ matchLabels: at(service, "spec.selector") as Labels }, labels),
    );
    if (pods === undefined || port === undefined)
      throw new Error(`nothing behind ${reference.namespace}/${reference.name}`);
    found.set(pods.key, [pods, numberOf(customised, pods, port.targetPort ?? port.port)]);
  }
  return [...found.values()];
}

function numberOf(customised: CustomisedRelease, { key }: Workload, port: number | string): number {
  if (typeof port === "number") return port;
  const object = customised.release.objects.find(
    ({ kind, metadata }) => key === `${kind} ${metadata.namespace ?? ""}/${metadata.name}`,
  );
  const containers = (at(object, "spec.template.spec.containers") ?? []) as {
    ports?: { name?: string; containerPort: number }[];
  }[];
  const found = containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === port);
  if (found === undefined) throw new Error(`${key} has no port ${port}`);
  return found.containerPort;
}
