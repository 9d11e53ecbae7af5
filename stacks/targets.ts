/** The only switch on where Kubeflow runs. Each cloud's SDK is loaded by its own targets only. */
import * as pulumi from "@pulumi/pulumi";
import type { CloudTargetArgs } from "../components/contracts/cloud-target.ts";
import type { ClusterTarget, TargetKind } from "../components/contracts/cluster-target.ts";
import type { LoadedConfig } from "./load-config.ts";

/** Makes the target that the stack's configuration names. */
export const targets: Readonly<Record<TargetKind, (config: LoadedConfig) => Promise<ClusterTarget>>> = {
  sandbox: (config) => kubeconfigTarget("sandbox", config, "inert"),
  kubeconfig: (config) => kubeconfigTarget("kubeconfig", config, "enforced"),
  gke: async (config) => {
    const { GkeTarget } = await import("../components/gke/gke-target.ts");
    return new GkeTarget("cluster", { ...common(config), settings: described(config.gke) });
  },
  eks: async (config) => {
    const { EksTarget } = await import("../components/eks/eks-target.ts");
    return new EksTarget("cluster", { ...common(config), settings: described(config.eks) });
  },
  aks: async (config) => {
    const { AksTarget } = await import("../components/aks/aks-target.ts");
    return new AksTarget("cluster", { ...common(config), settings: described(config.aks) });
  },
};

/** What every cloud's target is told, beside its own settings. */
function common({ environment, kubernetesVersion, oauthClientSecret, simulated }: LoadedConfig): CloudTargetArgs {
  // No pod runs in the sandbox, which is the API of a simulated cluster.
  return { environment, kubernetesVersion, oauthClientSecret, admission: simulated ? "inert" : "enforced" };
}

/** The check of the configuration has seen to it. */
function described<T>(settings: T | undefined): T {
  if (settings === undefined) throw new Error("the target's settings are not there");
  return settings;
}

async function kubeconfigTarget(
  kind: TargetKind,
  config: LoadedConfig,
  admission: ClusterTarget["admission"],
): Promise<ClusterTarget> {
  const { KubeconfigTarget } = await import("../components/onprem/kubeconfig-target.ts");
  if (config.kubeconfig === undefined) {
    throw new pulumi.RunError(
      "kubeflow:kubeconfig: not set; allowed: the contents of a kubeconfig. Set it with: " +
        "pulumi config set --secret kubeconfig < FILE" +
        (kind === "sandbox" ? ", or run the stack with kf, which takes the sandbox's" : ""),
    );
  }
  const { kubeconfig, context, clusterIdentifier, environment, release, secrets, onprem: settings } = config;
  // The sandbox is no cluster of anybody's own.
  const isOnprem = kind === "kubeconfig" && settings !== undefined;
  const onprem = isOnprem ? { settings, environment, release, secrets } : undefined;
  return new KubeconfigTarget("cluster", { kind, kubeconfig, context, clusterIdentifier, admission, onprem });
}
