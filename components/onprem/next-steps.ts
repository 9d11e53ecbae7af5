/** What no program can do for the owner of a cluster, in order. Pure. */
import { gpuTaint } from "../contracts/gpu-pool.ts";
import { bringsDriver, gpuLabels } from "./gpu-pools.ts";
import { dashboardUrlOf, ingressKindOf, installsGpuOperator, profiles } from "./profiles.ts";
import { checkedReleases } from "./release-needs.ts";
import type { OnpremSettings } from "./settings.ts";

export function nextSteps(settings: OnpremSettings, release: string): readonly string[] {
  return [
    ...preparation[settings.profile](settings),
    ...nodeSteps(settings),
    ...storageSteps(settings),
    ...existingSteps(settings, release),
    ...nameSteps(settings),
  ];
}

const preparation: Readonly<Record<OnpremSettings["profile"], (settings: OnpremSettings) => readonly string[]>> = {
  generic: ({ metallb }) =>
    metallb === undefined
      ? []
      : ["Where kube-proxy runs in IPVS mode, set strictARP in its configuration: MetalLB needs it."],
  minikube: (settings) => [
    "Switch these on: minikube addons enable storage-provisioner default-storageclass metrics-server (one command each).",
    ...(ingressKindOf(settings) === "load-balancer"
      ? ["Keep `minikube tunnel` running: it is what gives the gateway its address."]
      : []),
    ...(settings.gpuPools.length > 0
      ? ["Start it with the GPUs: minikube start --driver docker --container-runtime docker --gpus all."]
      : []),
  ],
  microk8s: (settings) => [
    "Switch these on: microk8s enable dns hostpath-storage metrics-server rbac.",
    ...(settings.metallb === undefined
      ? []
      : ["Leave MicroK8s's own metallb off (microk8s disable metallb): two of them fight for the same addresses."]),
    ...(installsGpuOperator(settings)
      ? ["Leave MicroK8s's own nvidia off (microk8s disable nvidia): it would install the GPU operator a second time."]
      : []),
    `Storage drivers that you add need the kubelet's folder: ${profiles.microk8s.kubeletDir}.`,
  ],
  k3s: (settings) => [
    settings.metallb === undefined
      ? "Run K3s with --disable traefik: its ingress holds the ports 80 and 443 that the gateway gets from ServiceLB."
      : "Run K3s with --disable traefik --disable servicelb: the latter would take the addresses that MetalLB announces.",
    ...(installsGpuOperator(settings)
      ? [
          "Once the GPU operator's toolkit is on a node, restart K3s there with --default-runtime nvidia: K3s finds the runtime when it starts.",
        ]
      : []),
    ...(settings.existing.istio === undefined
      ? ["After an upgrade of K3s restart the daemon set istio-cni-node: K3s's folder of CNI plugins is a new one."]
      : []),
  ],
};

function nodeSteps(settings: OnpremSettings): readonly string[] {
  const { gpuPools } = settings;
  return gpuPools.flatMap((pool) => {
    const nodes = pool.nodes.join(" ");
    const labels = Object.entries(gpuLabels(pool, settings)).map(([key, value]) => `${key}=${value}`);
    const { key, value, effect } = gpuTaint;
    return [
      `Label the nodes of the pool ${pool.name}: kubectl label --overwrite node ${nodes} ${labels.join(" ")}`,
      ...(pool.dedicated
        ? [
            `Keep others off the nodes of the pool ${pool.name}: kubectl taint --overwrite nodes ${nodes} ${key}=${value}:${effect}`,
          ]
        : []),
      ...(pool.driver === "operator" && !bringsDriver(settings)
        ? [`Install NVIDIA's driver on the nodes of the pool ${pool.name}: without our GPU operator nobody brings it.`]
        : []),
    ];
  });
}

function storageSteps({ profile, storage }: OnpremSettings): readonly string[] {
  const { localClass } = profiles[profile];
  const { sharedClass, makeDefault, otherDefaults } = storage;
  return [
    ...(sharedClass === undefined
      ? [
          "Volumes that many nodes write to (ReadWriteMany) wait until storage.sharedClass in kubeflow:onprem names a class for them.",
        ]
      : []),
    ...(sharedClass !== undefined && sharedClass === localClass?.name
      ? [`Stay with one node, or take another storage.sharedClass: volumes of ${sharedClass} are folders of one node.`]
      : []),
    ...(profile === "k3s" && makeDefault && otherDefaults.includes("local-path")
      ? ["Run K3s with --disable local-storage, or it marks local-path as the default again when it starts."]
      : []),
  ];
}

function existingSteps({ existing }: OnpremSettings, release: string): readonly string[] {
  const { istio, certManager } = existing;
  if ((istio === undefined && certManager === undefined) || checkedReleases.includes(release)) return [];
  return [
    `See for yourself that the cluster's own Istio and cert-manager fit the release ${release}: only those of ${checkedReleases.join(", ")} are known here.`,
  ];
}

function nameSteps(settings: OnpremSettings): readonly string[] {
  const url = dashboardUrlOf(settings);
  const host = new URL(url).host;
  const where =
    ingressKindOf(settings) === "node-port"
      ? "the address of a node; its port: kubectl get service -n istio-system istio-ingressgateway"
      : `${settings.ingress.address ?? "the gateway's address"} (kubectl get service -n istio-system istio-ingressgateway)`;
  return [
    `Let the name ${host} lead to ${where}.`,
    ...(settings.oidc === undefined
      ? []
      : [
          `At ${settings.oidc.issuerUrl}, give the client ${settings.oidc.clientId} the redirect URIs ${url}/dex/callback and ${url}/oauth2/callback.`,
        ]),
  ];
}
