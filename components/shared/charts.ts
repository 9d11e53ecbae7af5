/** The Helm charts that targets install by themselves, each pinned: what drivers, nodes and controllers of a cloud need. */
interface Pinned {
  readonly version: string;
  /** Where its archive is: a repository's URL, or the chart's own `oci://` reference. */
  readonly from: string;
}

const pinned = {
  // https://github.com/NVIDIA/gpu-operator/releases
  "gpu-operator": { from: "https://helm.ngc.nvidia.com/nvidia", version: "v26.7.0" },
} as const satisfies Readonly<Record<string, Pinned>>;

/** The part of a Helm release's arguments that says which chart it is. */
export interface ChartSource {
  readonly chart: string;
  readonly version: string;
  readonly repositoryOpts?: { readonly repo: string };
}

export function chartSource(name: keyof typeof pinned): ChartSource {
  const { from, version }: Pinned = pinned[name];
  return from.startsWith("oci://")
    ? { chart: from, version }
    : { chart: name, version, repositoryOpts: { repo: from } };
}
