import * as kubernetes from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterTarget, TargetKind } from "../contracts/cluster-target.ts";
import { clusterIdentifierOf } from "../shared/cluster-identifier.ts";

const TYPE = "kubeflow:onprem:KubeconfigTarget";

export interface KubeconfigTargetArgs {
  readonly kind: TargetKind;
  /** Contents of the kubeconfig, not a path. */
  readonly kubeconfig: pulumi.Input<string>;
  /** @default - the kubeconfig's current context */
  readonly context?: string | undefined;
  /** @default - derived from the address and certificate authority of the cluster */
  readonly clusterIdentifier?: string | undefined;
  /** Whether webhook backends can answer; see the contract. */
  readonly admission: ClusterTarget["admission"];
}

/**
 * Any cluster that a kubeconfig leads to, used as it is: nothing is provisioned.
 *
 * ```ts
 * const target = new KubeconfigTarget("cluster", { kind: "kubeconfig", kubeconfig, admission: "enforced" });
 * new KubeflowPlatform("kubeflow", { target, release });
 * ```
 *
 * Upgrade hazard: another `clusterIdentifier` means another cluster, so everything in it is planned anew.
 */
export class KubeconfigTarget extends pulumi.ComponentResource implements ClusterTarget {
  readonly contractVersion = 1;
  readonly kind: TargetKind;
  readonly name: string;
  readonly kubeconfig: pulumi.Output<string>;
  readonly context?: string;
  readonly provider: kubernetes.Provider;
  /** Nothing is provisioned, so there is nothing to wait for. */
  readonly ready = [];
  readonly admission: ClusterTarget["admission"];
  readonly storage = { defaultClass: undefined };
  readonly ingress = { serviceType: "ClusterIP", annotations: {}, address: "none" } as const;
  readonly gpuPools = [];

  constructor(name: string, args: KubeconfigTargetArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    this.kind = args.kind;
    this.name = name;
    this.admission = args.admission;
    if (args.context !== undefined) this.context = args.context;
    this.kubeconfig = pulumi.secret(args.kubeconfig);
    const identifier = args.clusterIdentifier ?? pulumi.unsecret(this.kubeconfig.apply(clusterIdentifierOf));
    this.provider = new kubernetes.Provider(
      `${name}-kubernetes`,
      {
        kubeconfig: this.kubeconfig,
        clusterIdentifier: identifier,
        enableServerSideApply: true,
        ...(args.context === undefined ? {} : { context: args.context }),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
