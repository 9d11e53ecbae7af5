/** The Helm charts that targets install by themselves, each pinned: what drivers, nodes and controllers of a cloud need. */
interface Pinned {
  readonly version: string;
  /** Where its archive is: a repository's URL, or the chart's own `oci://` reference. */
  readonly from: string;
}

const pinned = {
  // https://github.com/NVIDIA/gpu-operator/releases
  "gpu-operator": { from: "https://helm.ngc.nvidia.com/nvidia", version: "v26.7.0" },
  // https://github.com/aws/karpenter-provider-aws/releases; the CRDs are a chart of their own, of the same version.
  karpenter: { from: "oci://public.ecr.aws/karpenter/karpenter", version: "1.14.1" },
  "karpenter-crd": { from: "oci://public.ecr.aws/karpenter/karpenter-crd", version: "1.14.1" },
  // https://github.com/aws/eks-charts/tree/master/stable/aws-efa-k8s-device-plugin
  "aws-efa-k8s-device-plugin": { from: "https://aws.github.io/eks-charts", version: "v0.5.30" },
  // https://github.com/metallb/metallb/releases
  metallb: { from: "https://metallb.github.io/metallb", version: "0.16.1" },
  // https://github.com/vmware-tanzu/helm-charts/tree/main/charts/velero
  velero: { from: "https://vmware-tanzu.github.io/helm-charts", version: "12.1.0" },
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
