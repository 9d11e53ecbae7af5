/** What each Kubernetes distribution has where, and what its owner has to switch on. Data, and pure. */
import type { OnpremSettings } from "./settings.ts";

export interface ProfileFacts {
  /** The class that the distribution brings; its volumes are folders of one node. */
  readonly localClass?: {
    readonly name: string;
    /** Whether it takes claims that many nodes want to write to, which works while there is one node. */
    readonly takesManyWriters: boolean;
  };
  readonly ingress?: NonNullable<OnpremSettings["ingress"]["kind"]>;
  /** Undefined where the nodes have it where Kubernetes expects it. */
  readonly cni?: { readonly binDir: string; readonly confDir: string };
  /** What the GPU operator's container toolkit has to know of the container runtime. */
  readonly toolkitEnv: readonly { readonly name: string; readonly value: string }[];
  readonly gpuOperator: "install" | "existing";
  /** What charts of storage drivers call the kubelet's folder. */
  readonly kubeletDir: string;
  readonly tokenIssuer?: string;
}

const kubeletDir = "/var/lib/kubelet";
/** kubeadm's default. */
const tokenIssuer = "https://kubernetes.default.svc.cluster.local";

export const profiles: Readonly<Record<OnpremSettings["profile"], ProfileFacts>> = {
  generic: { toolkitEnv: [], gpuOperator: "install", kubeletDir },
  // https://minikube.sigs.k8s.io/docs/tutorials/nvidia/: `--gpus` switches on its own device plugin.
  minikube: {
    localClass: { name: "standard", takesManyWriters: true },
    ingress: "node-port",
    toolkitEnv: [],
    gpuOperator: "existing",
    kubeletDir,
    tokenIssuer,
  },
  microk8s: {
    localClass: { name: "microk8s-hostpath", takesManyWriters: true },
    ingress: "node-port",
    // https://istio.io/latest/docs/ambient/install/platform-prerequisites/
    cni: { binDir: "/var/snap/microk8s/current/opt/cni/bin", confDir: "/var/snap/microk8s/current/args/cni-network" },
    // https://docs.nvidia.com/datacenter/cloud-native/gpu-operator/latest/getting-started.html
    toolkitEnv: [
      { name: "CONTAINERD_CONFIG", value: "/var/snap/microk8s/current/args/containerd-template.toml" },
      { name: "CONTAINERD_SOCKET", value: "/var/snap/microk8s/common/run/containerd.sock" },
      { name: "RUNTIME_CONFIG_SOURCE", value: "file=/var/snap/microk8s/current/args/containerd.toml" },
    ],
    gpuOperator: "install",
    kubeletDir: "/var/snap/microk8s/common/var/lib/kubelet",
    tokenIssuer: "https://kubernetes.default.svc",
  },
  k3s: {
    // Its provisioner refuses any claim but those of one node.
    localClass: { name: "local-path", takesManyWriters: false },
    ingress: "load-balancer",
    // Since K3s 1.31.2, 1.30.6 and 1.29.10; before, the folder was `data/current/bin`.
    cni: { binDir: "/var/lib/rancher/k3s/data/cni", confDir: "/var/lib/rancher/k3s/agent/etc/cni/net.d" },
    // No CONTAINERD_CONFIG: K3s writes its own, and one written by the toolkit loses the CNI's. K3s finds the toolkit's
    // runtime by itself when it starts.
    toolkitEnv: [{ name: "CONTAINERD_SOCKET", value: "/run/k3s/containerd/containerd.sock" }],
    gpuOperator: "install",
    kubeletDir,
    tokenIssuer,
  },
};

export function ingressKindOf({ profile, ingress }: Pick<OnpremSettings, "profile" | "ingress">) {
  return ingress.kind ?? profiles[profile].ingress;
}

export const dashboardUrlOf = ({ domain }: Pick<OnpremSettings, "domain">): string => `https://kubeflow.${domain}`;

/** Undefined where neither the stack nor its profile knows one. */
export function defaultClassOf({ profile, storage }: Pick<OnpremSettings, "profile" | "storage">): string | undefined {
  return storage.defaultClass ?? profiles[profile].localClass?.name;
}

export function installsGpuOperator({
  profile,
  gpuPools,
  gpuOperator,
}: Pick<OnpremSettings, "profile" | "gpuPools" | "gpuOperator">): boolean {
  return gpuPools.length > 0 && (gpuOperator ?? profiles[profile].gpuOperator) === "install";
}
