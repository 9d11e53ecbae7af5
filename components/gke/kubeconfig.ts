/** The kubeconfig of a GKE cluster. Pure. */

export interface KubeconfigFacts {
  readonly clusterName: string;
  /** DNS name of the control plane, whose certificate is a public one. */
  readonly endpoint: string;
}

/** JSON, which is YAML too. It holds no credential: the plugin gets a token for whoever runs it. */
export function gkeKubeconfig({ clusterName, endpoint }: KubeconfigFacts): string {
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    command: "gke-gcloud-auth-plugin",
    installHint: "Install it with: gcloud components install gke-gcloud-auth-plugin",
    provideClusterInfo: true,
    interactiveMode: "Never",
  };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: clusterName, cluster: { server: `https://${endpoint}` } }],
    users: [{ name: clusterName, user: { exec } }],
    contexts: [{ name: clusterName, context: { cluster: clusterName, user: clusterName } }],
    "current-context": clusterName,
  });
}
