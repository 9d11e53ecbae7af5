/** One tool that we run: the version that we install, and the versions that we take from elsewhere. */
export interface ToolVersion {
  /** Installed when none is found. */
  readonly pinned: string;
  /** Semver range of what is taken from `KF_SANDBOX_BIN` and `PATH`. */
  readonly accepted: string;
  /** Arguments that make the tool print its version. `plugin`: it prints none, and is asked as a Pulumi plugin is. */
  readonly versionArguments: readonly string[] | "plugin";
  readonly why: string;
}

const kubernetes = {
  pinned: "1.34.4",
  accepted: "1.34.x",
  versionArguments: ["--version"],
  why: "a minor version that Kubeflow 26.03 supports; sandbox/control-plane/go.mod pins the same",
} as const;

const kwok = {
  pinned: "0.7.0",
  accepted: "0.7.x",
  versionArguments: ["--version"],
  why: "kwok and kwokctl share a configuration format that changes between minor versions",
} as const;

export const toolVersions = {
  kustomize: {
    pinned: "5.8.1",
    accepted: "5.8.x",
    versionArguments: ["version"],
    why: "minor versions render differently, and renders are pinned by digest",
  },
  helm: {
    pinned: "4.3.1",
    accepted: ">=3.16.0 <5",
    versionArguments: ["version", "--template", "{{.Version}}"],
    why: "from 3.16 on values schemas and OCI references are handled alike",
  },
  kubectl: {
    pinned: "1.34.4",
    accepted: ">=1.33.0 <1.37",
    versionArguments: ["version", "--client"],
    why: "kubectl may differ from the API server by one minor version; the clouds' are 1.34 and 1.35",
  },
  kwok,
  kwokctl: kwok,
  etcd: {
    pinned: "3.6.4",
    accepted: "3.6.x",
    versionArguments: ["--version"],
    why: "the etcd that Kubernetes 1.34 is released with; sandbox/control-plane/go.mod pins the same",
  },
  "kube-apiserver": kubernetes,
  "kube-controller-manager": kubernetes,
  "kube-scheduler": kubernetes,
  "cert-manager-controller": {
    pinned: "1.19.4",
    accepted: "1.19.x",
    versionArguments: ["--version"],
    why: "the minor version of Kubeflow 26.03's cert-manager; sandbox/cert-manager/go.mod pins the same",
  },
  versitygw: {
    pinned: "1.8.0",
    accepted: "1.8.x",
    versionArguments: ["--version"],
    why: "the S3 gateway of components/kubeflow/storage/gateway.ts, whose image has the same version",
  },
  velero: {
    pinned: "1.18.1",
    accepted: "1.18.x",
    versionArguments: ["version", "--client-only"],
    why: "the Velero of the chart in components/shared/charts.ts; sandbox/velero/go.mod pins the same",
  },
  actionlint: {
    pinned: "1.7.12",
    accepted: "1.7.x",
    versionArguments: ["-version"],
    why: "the linter of .github/workflows; what it finds changes with its minor version",
  },
  pulumi: {
    pinned: "3.276.0",
    accepted: ">=3.200.0 <4",
    versionArguments: ["version"],
    why: "pinned is the version of the SDK in package.json and of tools/pulumi/go.mod; much older engines lack parts of its protocol",
  },
  "pulumi-resource-kubernetes": {
    pinned: "4.34.2",
    accepted: ">=4.24.0 <5",
    versionArguments: "plugin",
    why: "pinned is the version of the SDK in package.json; 4.24 is the oldest that the tests ran with",
  },
} as const satisfies Record<string, ToolVersion>;

export type ToolName = keyof typeof toolVersions;
