/** What a cluster target gives the platform: facts, not brands. No cloud SDK is imported here. */
import type * as pulumi from "@pulumi/pulumi";

/** For labels and messages only: the platform must not branch on it. */
export type TargetKind = "sandbox" | "kubeconfig";

interface GpuPool {
  readonly name: string;
  /** Extended resource that pods ask for, e.g. `nvidia.com/gpu`. */
  readonly resourceName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** Who brings the driver: the node's image, or the GPU operator that the platform installs. */
  readonly driver: "preinstalled" | "operator";
  readonly sharing: "none" | "time-slicing" | "mps" | "mig";
}

/**
 * | field | |
 * | --- | --- |
 * | contractVersion, kind, name, kubeconfig, provider, ready, admission, storage, ingress, gpuPools | MUST |
 * | objectStore, database, registry, identity, oidc | MAY; what needs an absent one says so at preview, with a remedy |
 *
 * Facts known at plan time are plain values, so that what gets installed shows in a preview; ids and endpoints are
 * Outputs.
 */
export interface ClusterTarget {
  readonly contractVersion: 1;
  readonly kind: TargetKind;
  readonly name: string;
  /** Contents of a kubeconfig for the cluster; secret. */
  readonly kubeconfig: pulumi.Output<string>;
  readonly context?: string;
  /** The `@pulumi/kubernetes` provider of the cluster, with an explicit `clusterIdentifier`; usable once `ready`. */
  readonly provider: pulumi.ProviderResource;
  /** What everything in the cluster waits for: system nodes and access. */
  readonly ready: readonly pulumi.Resource[];
  /** `inert`: pods do not run, so no webhook backend answers. Webhooks are then registered so that they match nothing. */
  readonly admission: "enforced" | "inert";
  readonly storage: { readonly defaultClass: string | undefined; readonly sharedClass?: string };
  readonly ingress: {
    readonly serviceType: "LoadBalancer" | "NodePort" | "ClusterIP";
    readonly annotations: Readonly<Record<string, string>>;
    readonly address: "ip" | "hostname" | "none";
  };
  readonly gpuPools: readonly GpuPool[];
}
