import { parseAllDocuments, stringify } from "yaml";
import type { SandboxTool } from "../tools/tools.ts";

/** In the order in which they start. */
export const componentNames = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok-controller",
] as const;
export type ComponentName = (typeof componentNames)[number];

/** kwokctl's option for every port, and the component that listens there. */
export const portOptions = {
  etcdPort: "etcd",
  etcdPeerPort: "etcd",
  kubeApiserverPort: "kube-apiserver",
  kubeControllerManagerPort: "kube-controller-manager",
  kubeSchedulerPort: "kube-scheduler",
  kwokControllerPort: "kwok-controller",
} as const satisfies Record<string, ComponentName>;
export type PortOption = keyof typeof portOptions;
export type Ports = Readonly<Record<PortOption, number>>;
export const portOptionNames = Object.keys(portOptions) as readonly PortOption[];

const extraArguments: Partial<Record<ComponentName, Readonly<Record<string, string>>>> = {
  // A crash of the machine may cost the last writes, which is fine for a sandbox. It is the disk that decides what this
  // saves: on a quick one nothing could be measured.
  etcd: { "unsafe-no-fsync": "true" },
  "kube-apiserver": {
    // Found by itself from the default route, which a machine without network lacks. Nobody connects to it.
    "advertise-address": "192.0.2.1",
    // The default has room for 254 Services.
    "service-cluster-ip-range": "10.96.0.0/16",
  },
  // There is one of each. Electing a leader makes a restarted one wait until the lease of the killed one ends.
  "kube-controller-manager": { "leader-elect": "false" },
  "kube-scheduler": { "leader-elect": "false" },
  // No leases: a restarted kwok would leave the nodes alone until those of the killed one end (30 s). Without them a
  // node has a heartbeat every ten minutes, and must not be given up before that (`kwokctlConfig`).
  "kwok-controller": { "node-lease-duration-seconds": "0" },
};

const environment: Partial<Record<ComponentName, Readonly<Record<string, string>>>> = {
  // Garbage collection is a third of what 74 CRDs cost it. So it takes up to 1.5 GiB in place of 1 GiB, and needs a
  // quarter less CPU for them (measured: 14 s in place of 19 s).
  "kube-apiserver": { GOGC: "400", GOMEMLIMIT: "1536MiB" },
};

/**
 * Stages for what no controller does here. Nodes and Pods have kwok's built-in stages: every Pod runs at once, and the
 * Pod of a Job completes.
 */
const stages = [
  {
    name: "volume-released",
    resourceRef: { apiGroup: "v1", kind: "PersistentVolume" },
    selector: { matchExpressions: [{ key: ".status.phase", operator: "In", values: ["Released"] }] },
    // A volume whose claim is gone can be claimed again.
    next: { patches: [{ root: "spec", type: "merge", template: "claimRef: null" }] },
  },
  {
    name: "load-balancer-address",
    resourceRef: { apiGroup: "v1", kind: "Service" },
    selector: {
      matchExpressions: [
        { key: ".spec.type", operator: "In", values: ["LoadBalancer"] },
        { key: ".status.loadBalancer.ingress", operator: "DoesNotExist" },
      ],
    },
    next: {
      patches: [
        {
          subresource: "status",
          root: "status",
          type: "merge",
          template: "loadBalancer: {ingress: [{ip: {{ .spec.clusterIP | Quote }}}]}",
        },
      ],
    },
  },
] as const;

/** What kwokctl makes the sandbox from. */
export function kwokctlConfig(tools: Readonly<Record<SandboxTool, string>>, ports: Ports): string {
  const configuration = {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: {
      runtime: "binary",
      // The default, every address, would offer an etcd without password to the network.
      bindAddress: "127.0.0.1",
      ...ports,
      etcdBinary: tools.etcd,
      kubeApiserverBinary: tools["kube-apiserver"],
      kubeControllerManagerBinary: tools["kube-controller-manager"],
      kubeSchedulerBinary: tools["kube-scheduler"],
      kwokControllerBinary: tools.kwok,
      kubeControllerManagerNodeMonitorGracePeriodMilliseconds: 24 * 60 * 60 * 1000,
      heartbeatFactor: 1,
      disableQPSLimits: true,
    },
    componentsPatches: componentNames.map((name) => ({
      name,
      extraArgs: Object.entries(extraArguments[name] ?? {}).map(([key, value]) => ({ key, value })),
      extraEnvs: Object.entries(environment[name] ?? {}).map(([variable, value]) => ({ name: variable, value })),
    })),
  };
  const documents = [
    configuration,
    ...stages.map(({ name, ...spec }) => ({
      apiVersion: "kwok.x-k8s.io/v1alpha1",
      kind: "Stage",
      metadata: { name },
      spec,
    })),
  ];
  return documents.map((document) => stringify(document)).join("---\n");
}

/** The ports of a configuration that `kwokctlConfig` wrote. */
export function portsOf(config: string): Partial<Ports> {
  const first: unknown = parseAllDocuments(config)[0]?.toJS();
  const options = field(first, "options");
  const ports = portOptionNames.map((name) => [name, field(options, name)] as const);
  return Object.fromEntries(ports.filter(([, port]) => typeof port === "number"));
}

/** The API server's version, `v1.34.4`, from the configuration that kwokctl keeps. */
export function kubernetesVersionOf(clusterConfig: string): string | undefined {
  const components = field(parseAllDocuments(clusterConfig)[0]?.toJS(), "components");
  if (!Array.isArray(components)) return undefined;
  const server = components.find((component: unknown) => field(component, "name") === "kube-apiserver") as unknown;
  const version = field(server, "version");
  return typeof version === "string" ? `v${version}` : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && name in value
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
