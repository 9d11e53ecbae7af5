/** What the test tells its plugins, which the Pulumi CLI starts: by the environment. */
export const settings = {
  /** Folder of what exists in the simulated clouds, a file a package: the processes do not share one. */
  clouds: "KF_TEST_SIMULATED_CLOUDS",
  /** Faults of the run, a line each, as `--fault` takes them. */
  faults: "KF_TEST_SIMULATED_FAULTS",
  /** The kubeconfig of the cluster that stands in for the simulated one. */
  cluster: "KF_TEST_SIMULATED_CLUSTER",
  /** Pulumi's own Kubernetes provider. */
  kubernetes: "KF_TEST_KUBERNETES_PROVIDER",
} as const;

export function setting(name: keyof typeof settings): string {
  const value = process.env[settings[name]];
  if (value === undefined) throw new Error(`${settings[name]} is not set`);
  return value;
}
