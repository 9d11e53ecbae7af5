import path from "node:path";
import { cacheDir, projectRoot } from "../shared/paths.ts";
import { toolVersions, type ToolName } from "./versions.ts";

/** Tools that are built and kept together. */
export interface Bundle {
  readonly title: string;
  readonly tools: readonly ToolName[];
  /** Name of the folder in the cache: with every version in it, so that a new pin is a new folder. */
  readonly folder: string;
  readonly build: Build;
}

/** How to make the bundle's executables with Go. */
interface Build {
  /**
   * Packages to install (`path@version`); a main package of this project to build; or main packages of others, each named
   * as its path ends, with the versions of a module of this project: what replaces modules cannot be installed.
   */
  readonly source:
    | readonly string[]
    | { readonly folder: string; readonly executable: string; readonly embed?: Embedded }
    | { readonly folder: string; readonly packages: readonly string[] };
  /** Linker flags beside `-s -w`. */
  readonly linkerFlags: readonly string[];
  /** What to expect, for people: the first time, with nothing in Go's build cache. */
  readonly duration: string;
  readonly onlyLinux?: true;
}

/** Files of a module that a main package of this project has Go embed, as if they were in its own folder. */
export interface Embedded {
  readonly module: string;
  /** Of the module. */
  readonly folder: string;
  readonly files: readonly string[];
}

const {
  kustomize,
  helm,
  kwok,
  etcd,
  "kube-apiserver": kubernetes,
  "cert-manager-controller": certManager,
  velero,
  versitygw,
  actionlint,
  pulumi,
  "pulumi-resource-kubernetes": pulumiKubernetes,
} = toolVersions;
const [major, minor] = kubernetes.pinned.split(".");
const kubernetesVersion = "k8s.io/component-base/version";

const bundles: readonly Bundle[] = [
  {
    title: `Kubernetes ${kubernetes.pinned} and etcd ${etcd.pinned}`,
    tools: ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"],
    folder: `kubernetes-${kubernetes.pinned}-etcd-${etcd.pinned}`,
    build: {
      source: { folder: path.join(projectRoot, "sandbox", "control-plane"), executable: "control-plane" },
      // As an importer of its modules, the binary does not know its own version.
      linkerFlags: [
        `-X ${kubernetesVersion}.gitVersion=v${kubernetes.pinned}`,
        `-X ${kubernetesVersion}.gitMajor=${major}`,
        `-X ${kubernetesVersion}.gitMinor=${minor}`,
      ],
      duration: "7 minutes on two cores",
      onlyLinux: true,
    },
  },
  {
    title: `cert-manager's controller ${certManager.pinned}`,
    tools: ["cert-manager-controller"],
    folder: `cert-manager-${certManager.pinned}`,
    build: {
      source: { folder: path.join(projectRoot, "sandbox", "cert-manager"), executable: "cert-manager" },
      linkerFlags: [`-X github.com/cert-manager/cert-manager/pkg/util.AppVersion=v${certManager.pinned}`],
      duration: "2 minutes",
    },
  },
  {
    title: `Versity S3 Gateway ${versitygw.pinned}`,
    tools: ["versitygw"],
    folder: `versitygw-${versitygw.pinned}`,
    build: {
      source: [`github.com/versity/versitygw/cmd/versitygw@v${versitygw.pinned}`],
      // Built from its module it would not know its version.
      linkerFlags: [`-X main.Version=v${versitygw.pinned}`],
      duration: "2 minutes",
    },
  },
  {
    title: `Velero ${velero.pinned}`,
    tools: ["velero"],
    folder: `velero-${velero.pinned}`,
    build: {
      source: {
        folder: path.join(projectRoot, "sandbox", "velero"),
        packages: [
          "github.com/vmware-tanzu/velero/cmd/velero",
          // Its plugin for S3 is beside it, where whoever runs the server finds it.
          "github.com/vmware-tanzu/velero-plugin-for-aws/velero-plugin-for-aws",
        ],
      },
      linkerFlags: [`-X github.com/vmware-tanzu/velero/pkg/buildinfo.Version=v${velero.pinned}`],
      duration: "4 minutes",
    },
  },
  {
    title: `actionlint ${actionlint.pinned}`,
    tools: ["actionlint"],
    folder: `actionlint-${actionlint.pinned}`,
    build: {
      source: [`github.com/rhysd/actionlint/cmd/actionlint@v${actionlint.pinned}`],
      linkerFlags: [],
      duration: "1 minute",
    },
  },
  {
    title: `Pulumi CLI ${pulumi.pinned}`,
    tools: ["pulumi"],
    folder: `pulumi-${pulumi.pinned}`,
    build: {
      source: {
        folder: path.join(projectRoot, "tools", "pulumi"),
        packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
      },
      linkerFlags: [`-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pulumi.pinned}`],
      duration: "5 minutes",
    },
  },
  {
    // Upstream tags no version of this module: the newest commit that is served, which follows 4.24.
    title: `Pulumi's Kubernetes provider ${pulumiKubernetes.pinned}, or of January 2026 from its module`,
    tools: ["pulumi-resource-kubernetes"],
    folder: `pulumi-kubernetes-${pulumiKubernetes.pinned}-or-f47bc2d6f199`,
    build: {
      source: {
        folder: path.join(projectRoot, "tools", "pulumi-kubernetes"),
        executable: "pulumi-resource-kubernetes",
        embed: {
          module: "github.com/pulumi/pulumi-kubernetes/provider/v4",
          folder: "cmd/pulumi-resource-kubernetes",
          files: ["schema.json", "terraform-mapping.json"],
        },
      },
      linkerFlags: [
        "-X github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version=4.24.1-0.20260115033456-f47bc2d6f199",
      ],
      duration: "6 minutes",
    },
  },
  {
    title: `KWOK ${kwok.pinned}`,
    tools: ["kwok", "kwokctl"],
    folder: `kwok-${kwok.pinned}`,
    build: {
      source: ["kwok", "kwokctl"].map((name) => `sigs.k8s.io/kwok/cmd/${name}@v${kwok.pinned}`),
      linkerFlags: [],
      duration: "2 minutes",
    },
  },
  {
    title: `kustomize ${kustomize.pinned}`,
    tools: ["kustomize"],
    folder: `kustomize-${kustomize.pinned}`,
    build: {
      source: [`sigs.k8s.io/kustomize/kustomize/v5@v${kustomize.pinned}`],
      linkerFlags: [],
      duration: "1 minute",
    },
  },
  {
    title: `helm ${helm.pinned}`,
    tools: ["helm"],
    folder: `helm-${helm.pinned}`,
    build: {
      source: [`helm.sh/helm/v4/cmd/helm@v${helm.pinned}`],
      // Built from its module it would call itself "v4.3".
      linkerFlags: [`-X helm.sh/helm/v4/internal/version.version=v${helm.pinned}`],
      duration: "2 minutes",
    },
  },
];

export function bundleOf(name: ToolName): Bundle {
  const bundle = bundles.find(({ tools }) => tools.includes(name));
  if (bundle === undefined) throw new Error(`${name} is in no bundle`);
  return bundle;
}

/** Where the tool is kept once it is installed. */
export function installFolder(name: ToolName): string {
  return cacheDir("bin", bundleOf(name).folder);
}
