import { toolVersions, type ToolName } from "./versions.ts";

/** One file of an official release. */
export interface Download {
  readonly url: string;
  /** A file that holds its sha256: alone, or in lines of `<sha256> <file name>`. */
  readonly checksumUrl: string;
  /** The executable's path inside the archive; `undefined` when the file is the executable itself. */
  readonly member?: string;
  /** Executables beside the member that are kept beside it, by name without `.exe`. */
  readonly companions?: readonly string[];
}

export interface Platform {
  readonly os: "linux" | "darwin" | "windows";
  readonly arch: "amd64" | "arm64";
}

/** This machine's platform in the words of the release pages; `undefined` when there are no releases for it. */
export function thisPlatform(): Platform | undefined {
  const os = { linux: "linux", darwin: "darwin", win32: "windows" } as const;
  const arch = { x64: "amd64", arm64: "arm64" } as const;
  const found = { os: lookUp(os, process.platform), arch: lookUp(arch, process.arch) };
  return found.os === undefined || found.arch === undefined ? undefined : { os: found.os, arch: found.arch };
}

/** Where the publisher offers the pinned version for the platform, with a checksum; `undefined` when nowhere. */
export function downloadOf(name: ToolName, { os, arch }: Platform): Download | undefined {
  const version = toolVersions[name].pinned;
  const platform = `${os}-${arch}`;
  const exe = os === "windows" ? ".exe" : "";
  const archive = os === "windows" ? "zip" : "tar.gz";
  switch (name) {
    case "kubectl":
      return kubernetesBinary(`${platform.replace("-", "/")}/kubectl${exe}`);
    case "kube-apiserver":
    case "kube-controller-manager":
    case "kube-scheduler":
      // Kubernetes publishes its servers for Linux only.
      return os === "linux" ? kubernetesBinary(`linux/${arch}/${name}`) : undefined;
    case "etcd": {
      // Elsewhere it would have no API server to serve.
      if (os !== "linux") return undefined;
      const release = `https://github.com/etcd-io/etcd/releases/download/v${version}`;
      const folder = `etcd-v${version}-${platform}`;
      return { url: `${release}/${folder}.tar.gz`, checksumUrl: `${release}/SHA256SUMS`, member: `${folder}/etcd` };
    }
    case "helm": {
      const url = `https://get.helm.sh/helm-v${version}-${platform}.${archive}`;
      return { url, checksumUrl: `${url}.sha256sum`, member: `${platform}/helm${exe}` };
    }
    case "kustomize": {
      const release = `https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv${version}`;
      return {
        url: `${release}/kustomize_v${version}_${os}_${arch}.${archive}`,
        checksumUrl: `${release}/checksums.txt`,
        member: `kustomize${exe}`,
      };
    }
    case "pulumi": {
      // Both from one host, as its own documents list them: once the copies of two hosts differed (pulumi/pulumi#9416).
      const releases = "https://get.pulumi.com/releases/sdk";
      return {
        url: `${releases}/pulumi-v${version}-${os}-${arch === "amd64" ? "x64" : arch}.${archive}`,
        checksumUrl: `${releases}/pulumi-${version}-checksums.txt`,
        member: os === "windows" ? "pulumi/bin/pulumi.exe" : "pulumi/pulumi",
        companions: ["pulumi-language-nodejs"],
      };
    }
    case "pulumi-resource-kubernetes":
      return {
        url: `https://get.pulumi.com/releases/plugins/${name}-v${version}-${platform}.tar.gz`,
        checksumUrl: `https://github.com/pulumi/pulumi-kubernetes/releases/download/v${version}/pulumi-kubernetes_${version}_checksums.txt`,
        member: `${name}${exe}`,
      };
    case "kwok":
    case "kwokctl":
      // Released without checksums. Go modules have them, so these are always built.
      return undefined;
    case "cert-manager-controller":
      // Released as a container image only.
      return undefined;
    case "actionlint":
    case "velero":
    case "versitygw":
      // Tests alone need it: built from its module, whose checksum Go knows.
      return undefined;
  }
}

function kubernetesBinary(file: string): Download {
  const url = `https://dl.k8s.io/release/v${toolVersions["kube-apiserver"].pinned}/bin/${file}`;
  return { url, checksumUrl: `${url}.sha256` };
}

function lookUp<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return table[key];
}
