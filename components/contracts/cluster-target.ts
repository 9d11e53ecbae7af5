/** What a cluster target gives the platform: facts, not brands. No cloud SDK is imported here. */
import type * as pulumi from "@pulumi/pulumi";
import type { Database } from "./database.ts";
import type { DnsZone } from "./dns-zone.ts";
import type { GpuPool } from "./gpu-pool.ts";
import type { IssuerOfLogins } from "./issuer-of-logins.ts";
import type { ObjectStore } from "./object-store.ts";
import type { Registry } from "./registry.ts";
import type { WorkloadIdentity } from "./workload-identity.ts";

/** For labels and messages only: the platform must not branch on it. */
export type TargetKind = "sandbox" | "kubeconfig" | "gke" | "eks" | "aks";

/**
 * | field | |
 * | --- | --- |
 * | contractVersion, kind, name, kubeconfig, clusterIdentifier, provider, ready, admission, storage, ingress, gpuPools | MUST |
 * | objectStore, database, registry, identity, oidc, access, zone, tokenIssuer, cni, existing | MAY; what needs an absent one says so at preview, with a remedy |
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
  /** What makes the cluster this one: with another one everything in the cluster is made anew, there. Not a secret. */
  readonly clusterIdentifier: pulumi.Output<string>;
  /** The `@pulumi/kubernetes` provider of the cluster, with the `clusterIdentifier`; usable once `ready`. */
  readonly provider: pulumi.ProviderResource;
  /**
   * What everything in the cluster waits for: system nodes, access, network. Everything in the cluster is deleted before
   * these, so that what owns load balancers, disks and nodes goes while its controllers still run.
   */
  readonly ready: readonly pulumi.Resource[];
  /** `inert`: pods do not run, so no webhook backend answers. Webhooks are then registered so that they match nothing. */
  readonly admission: "enforced" | "inert";
  readonly storage: {
    /** Class of the claims that name none. */
    readonly defaultClass: string | undefined;
    /** Class of volumes that many nodes write to. */
    readonly sharedClass?: string;
  };
  readonly ingress: {
    readonly serviceType: "LoadBalancer" | "NodePort" | "ClusterIP";
    readonly annotations: Readonly<Record<string, string>>;
    readonly address: "ip" | "hostname" | "none";
  };
  readonly gpuPools: readonly GpuPool[];
  /** Where artifacts go. */
  readonly objectStore?: ObjectStore;
  /** A managed MySQL for Pipelines and Katib. */
  readonly database?: Database;
  readonly registry?: Registry;
  /** Keyless access of service accounts to the object store. */
  readonly identity?: WorkloadIdentity;
  /** Who users log in with. */
  readonly oidc?: IssuerOfLogins;
  /** How people reach it. */
  readonly access?: ClusterAccess;
  /** The zone in which the dashboard's name is, when this program may write it. */
  readonly zone?: DnsZone;
  /** Issuer of the cluster's service account tokens, as their `iss` has it: who lets machines in needs it. */
  readonly tokenIssuer?: pulumi.Output<string>;
  /** Where the nodes keep CNI plugins and their configuration. @default - `/opt/cni/bin` and `/etc/cni/net.d` */
  readonly cni?: { readonly binDir: string; readonly confDir: string };
  /** What the cluster's owner runs already, by its version: the platform leaves its own out. */
  readonly existing?: { readonly istio?: string; readonly certManager?: string };
}

export interface ClusterAccess {
  /** The command that writes an entry for this cluster into a person's own kubeconfig; whoever owns the cluster knows. */
  readonly kubeconfigCommand?: pulumi.Output<string>;
  /** Address of the dashboard, once its name resolves. */
  readonly dashboardUrl: string;
  /** What is left to do by hand, in order; one sentence each. */
  readonly nextSteps: readonly pulumi.Input<string>[];
}
