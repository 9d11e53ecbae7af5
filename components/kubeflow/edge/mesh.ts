/** The mesh behind the gateway: mutual TLS, the webhooks that the API server has to reach, and the CNI's folders. */
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import { podTemplateOf, textAt } from "../../../release/order/references.ts";
import type { ClusterTarget } from "../../contracts/cluster-target.ts";
import { gatewayNamespace, isObject } from "./entrance.ts";

interface PlainPorts {
  readonly namespace: string;
  /** Of the pods, as their workload has them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
}

/**
 * Ports of pods in the mesh that are reached from outside it. What else is called so has its own exception in the release
 * (Knative's webhooks) or keeps the port out of the mesh (`excludeInboundPorts`).
 */
export const plainPorts: readonly PlainPorts[] = [
  // The API server calls webhooks, and is in no mesh.
  { namespace: "kubeflow", labels: { app: "cache-server" }, ports: [8443] },
  { namespace: "kubeflow", labels: { "control-plane": "llmisvc-controller-manager" }, ports: [9443] },
  // Steps of pipelines run without a sidecar, which would keep them from ending.
  { namespace: "kubeflow", labels: { app: "ml-pipeline" }, ports: [8888, 8887] },
  { namespace: "kubeflow", labels: { component: "metadata-grpc-server" }, ports: [8080] },
  // 8111: the profile controller of Pipelines, which has no sidecar either.
  { namespace: "kubeflow", labels: { app: "seaweedfs" }, ports: [8333, 8111] },
  { namespace: "kubeflow", labels: { component: "model-registry-server" }, ports: [8080] },
  { namespace: "kubeflow", labels: { component: "model-catalog-server" }, ports: [8080] },
];

export function strictMtls(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const exceptions = plainPorts.filter((each) => objects.some((object) => runs(object, each)));
  return [
    peerAuthentication(gatewayNamespace, "default", {}),
    ...exceptions.map(({ namespace, labels, ports }) =>
      peerAuthentication(namespace, `plain-${Object.values(labels).join("-")}`, {
        selector: { matchLabels: labels },
        portLevelMtls: Object.fromEntries(ports.map((port) => [String(port), { mode: "PERMISSIVE" }])),
      }),
    ),
  ];
}

function runs(object: KubernetesObject, { namespace, labels }: PlainPorts): boolean {
  const template = podTemplateOf(object);
  if (template === undefined || object.metadata.namespace !== namespace) return false;
  return Object.entries(labels).every(([key, value]) => textAt(template, "metadata", "labels", key) === value);
}

function peerAuthentication(namespace: string, name: string, rest: object): KubernetesObject {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
    metadata: { namespace, name },
    spec: { mtls: { mode: "STRICT" }, ...rest },
  };
}

const llmisvc = {
  name: "llmisvc-controller-manager",
  labels: { "control-plane": "llmisvc-controller-manager" },
} as const;

/** The one webhook of 26.03 that no network policy and no authorization lets the API server reach. */
export function webhookAdditions(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  if (!objects.some((object) => isObject(object, "Deployment", "kubeflow", llmisvc.name))) return [];
  const metadata = { namespace: "kubeflow", name: "llmisvc-webhook" };
  return [
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata,
      spec: {
        podSelector: { matchLabels: llmisvc.labels },
        policyTypes: ["Ingress"],
        ingress: [{ ports: [{ port: 9443, protocol: "TCP" }] }],
      },
    },
    {
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata,
      spec: {
        selector: { matchLabels: llmisvc.labels },
        action: "ALLOW",
        rules: [{ to: [{ operation: { ports: ["9443"] } }] }],
      },
    },
  ];
}

/** Knative probes the gateway on every port that serves, and it is HTTPS now. */
export function changedPolicy(object: KubernetesObject): KubernetesObject {
  if (!isObject(object, "NetworkPolicy", gatewayNamespace, "allow-knative-to-istio-gateways")) return object;
  const spec = object["spec"] as { readonly ingress: readonly { readonly ports?: readonly object[] }[] };
  const ingress = spec.ingress.map((rule) => ({
    ...rule,
    ports: [...(rule.ports ?? []), { port: 8443, protocol: "TCP" }],
  }));
  return { ...object, spec: { ...spec, ingress } };
}

/** Istio's CNI plugin where the nodes look for plugins. */
export function withCniFolders(object: KubernetesObject, cni: NonNullable<ClusterTarget["cni"]>): KubernetesObject {
  if (!isObject(object, "DaemonSet", "kube-system", "istio-cni-node")) return object;
  const folders: Readonly<Record<string, string>> = { "cni-bin-dir": cni.binDir, "cni-net-dir": cni.confDir };
  const spec = object["spec"] as {
    readonly template: { readonly spec: { readonly volumes: readonly { readonly name: string }[] } };
  };
  const volumes = spec.template.spec.volumes.map((volume) => {
    const folder = folders[volume.name];
    return folder === undefined ? volume : { ...volume, hostPath: { path: folder } };
  });
  return { ...object, spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, volumes } } } };
}
