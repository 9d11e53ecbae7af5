/** external-dns: keeps the gateway's names in the target's zone, and takes them back when the gateway goes. */
import type { KubernetesObject } from "../../../kubernetes/objects.ts";
import type { DnsZone } from "../../contracts/dns-zone.ts";
import { annotated, gatewayNamespace } from "./entrance.ts";

const namespace = "external-dns";
const name = "external-dns";
const labels = { "app.kubernetes.io/name": name };
/** https://github.com/kubernetes-sigs/external-dns/releases */
const image = "registry.k8s.io/external-dns/external-dns:v0.21.0";
/** What external-dns looks for on Services. */
export const hostAnnotation = "external-dns.alpha.kubernetes.io/hostname";

/** @param domain of the dashboard: external-dns marks its records with it, and touches no others. */
export function externalDns(zone: DnsZone, domain: string): readonly KubernetesObject[] {
  const writer = zone.writers["external-dns/external-dns"];
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    annotated({ apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name, labels } }, writer.annotations),
    ...reader(),
    ...azureConfiguration(zone),
    deployment(zone, domain, writer.podLabels),
  ];
}

/** It reads the gateway's Service, and what a Service leads to. */
function reader(): readonly KubernetesObject[] {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const verbs = ["get", "list", "watch"];
  return [
    {
      apiVersion,
      kind: "ClusterRole",
      metadata: { name, labels },
      rules: [
        { apiGroups: [""], resources: ["services", "pods", "nodes"], verbs },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs },
      ],
    },
    {
      apiVersion,
      kind: "ClusterRoleBinding",
      metadata: { name, labels },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", namespace, name }],
    },
  ];
}

function azureConfiguration({ externalDns: { azureJson } }: DnsZone): readonly KubernetesObject[] {
  if (azureJson === undefined) return [];
  const data = { "azure.json": azureJson };
  return [{ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name, labels }, data }];
}

function deployment(
  { provider, domain: zoneDomain, externalDns: { arguments: own, environment = {}, azureJson } }: DnsZone,
  domain: string,
  podLabels: Readonly<Record<string, string>>,
): KubernetesObject {
  const flags = [
    ...["--source=service", `--namespace=${gatewayNamespace}`, "--service-type-filter=LoadBalancer"],
    ...[`--provider=${provider}`, `--domain-filter=${zoneDomain}`],
    ...["--registry=txt", `--txt-owner-id=kubeflow/${domain}`, "--txt-wildcard-replacement=wildcard"],
    ...["--policy=sync", "--interval=1m", "--log-format=json"],
    ...own,
  ];
  const configured = azureJson !== undefined;
  const container = {
    name,
    image,
    args: flags,
    env: Object.entries(environment).map(([variable, value]) => ({ name: variable, value })),
    ports: [{ name: "http", containerPort: 7979, protocol: "TCP" }],
    livenessProbe: { httpGet: { path: "/healthz", port: "http" }, periodSeconds: 10 },
    readinessProbe: { httpGet: { path: "/healthz", port: "http" }, periodSeconds: 10 },
    resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "256Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    ...(configured ? { volumeMounts: [{ name: "azure", mountPath: "/etc/kubernetes", readOnly: true }] } : {}),
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace, name, labels },
    spec: {
      replicas: 1,
      // Two at once would take back each other's records.
      strategy: { type: "Recreate" },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...labels, ...podLabels } },
        spec: {
          serviceAccountName: name,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65_532,
            fsGroup: 65_532,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [container],
          ...(configured ? { volumes: [{ name: "azure", configMap: { name } }] } : {}),
        },
      },
    },
  };
}
