/** The only switch on where Kubeflow runs. */
import * as pulumi from "@pulumi/pulumi";
import type { ClusterTarget, TargetKind } from "../components/contracts/cluster-target.ts";
import { KubeconfigTarget } from "../components/onprem/kubeconfig-target.ts";
import type { LoadedConfig } from "./load-config.ts";

/** Makes the target that the stack's configuration names. */
export const targets: Readonly<Record<TargetKind, (config: LoadedConfig) => ClusterTarget>> = {
  sandbox: (config) => kubeconfigTarget("sandbox", config, "inert"),
  kubeconfig: (config) => kubeconfigTarget("kubeconfig", config, "enforced"),
};

function kubeconfigTarget(
  kind: TargetKind,
  config: LoadedConfig,
  admission: ClusterTarget["admission"],
): ClusterTarget {
  if (config.kubeconfig === undefined) {
    throw new pulumi.RunError(
      "kubeflow:kubeconfig: not set; allowed: the contents of a kubeconfig. Set it with: " +
        "pulumi config set --secret kubeconfig < FILE" +
        (kind === "sandbox" ? ", or run the stack with kf, which takes the sandbox's" : ""),
    );
  }
  const { kubeconfig, context, clusterIdentifier } = config;
  return new KubeconfigTarget("cluster", { kind, kubeconfig, context, clusterIdentifier, admission });
}
