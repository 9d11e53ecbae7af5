/** Who reaches the pods of a tenant, and what they reach. Pure. */
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { TenantSettings } from "./settings.ts";

/** Where Kubeflow's own parts run that talk to a tenant's pods, and that these talk to. */
const systemNamespaces = ["istio-system", "knative-serving", "kubeflow", "kubeflow-system"] as const;

/**
 * Where pods fetch the credentials of their cloud identity: the metadata servers of GKE and EKS's Pod Identity agent.
 * Sources: https://cloud.google.com/kubernetes-engine/docs/concepts/workload-identity,
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
 */
const identityAddresses = ["169.254.169.252/32", "169.254.169.254/32", "169.254.170.23/32"] as const;

/** One policy for all pods of the namespace: what it does not name is denied. Undefined for a tenant that is not isolated. */
export function networkPolicyOf(
  { name, network = {} }: TenantSettings,
  hasCloudIdentity: boolean,
): KubernetesObject | undefined {
  const { isolated = true, from = [], egress = "open" } = network;
  if (!isolated) return undefined;
  const restricted = egress === "restricted";
  const ownNamespace = { podSelector: {} };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "tenant-isolation", namespace: name },
    spec: {
      podSelector: {},
      policyTypes: restricted ? ["Ingress", "Egress"] : ["Ingress"],
      ingress: [{ from: [ownNamespace, namespaces([...systemNamespaces, ...from])] }],
      ...(restricted ? { egress: egressRules({ network }, hasCloudIdentity) } : {}),
    },
  };
}

function egressRules({ network = {} }: Pick<TenantSettings, "network">, hasCloudIdentity: boolean): readonly unknown[] {
  const { apiServer = [], to = [] } = network;
  const block = (cidr: string): unknown => ({ ipBlock: { cidr } });
  return [
    { to: [{ podSelector: {} }, namespaces(systemNamespaces)] },
    // To whichever address: a node-local resolver is no pod.
    { ports: [port(53, "UDP"), port(53, "TCP")] },
    // A rule that names no address would allow every one.
    ...(apiServer.length === 0 ? [] : [{ to: apiServer.map(block), ports: [port(443, "TCP"), port(6443, "TCP")] }]),
    ...(hasCloudIdentity ? [{ to: identityAddresses.map(block) }] : []),
    ...to.map(({ cidr, ports }) => ({
      to: [block(cidr)],
      ...(ports === undefined ? {} : { ports: ports.map((each) => port(each, "TCP")) }),
    })),
  ];
}

function namespaces(names: readonly string[]): unknown {
  return {
    namespaceSelector: {
      matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: [...new Set(names)] }],
    },
  };
}

function port(number: number, protocol: "TCP" | "UDP"): unknown {
  return { port: number, protocol };
}
