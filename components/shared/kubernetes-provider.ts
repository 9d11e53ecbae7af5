/** What Pulumi's Kubernetes provider is told of every cluster. */
export const kubernetesProviderSettings = {
  enableServerSideApply: true,
  // Else a change of their data is a replacement: of a fixed name, so it is deleted first, under the pods that use it.
  enableConfigMapMutable: true,
  enableSecretMutable: true,
  // Kubeflow is hundreds of objects, and by itself the provider asks for 50 in a second (120 at once: pulumi-kubernetes,
  // `makeKubeProvider`), which makes a destroy take twice as long. The timeout of a request is in seconds.
  kubeClientSettings: { qps: 400, burst: 800, timeout: 120 },
} as const;
