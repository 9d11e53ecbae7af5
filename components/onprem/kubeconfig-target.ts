import * as kubernetes from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterAccess, ClusterTarget, TargetKind } from "../contracts/cluster-target.ts";
import type { Database } from "../contracts/database.ts";
import type { GpuPool } from "../contracts/gpu-pool.ts";
import type { IssuerOfLogins } from "../contracts/issuer-of-logins.ts";
import type { ObjectStore } from "../contracts/object-store.ts";
import { GpuOperator } from "../gpu/gpu-operator.ts";
import { clusterIdentifierOf } from "../shared/cluster-identifier.ts";
import { kubernetesProviderSettings } from "../shared/kubernetes-provider.ts";
import { DefaultClass } from "./default-class.ts";
import { bringsDriver } from "./gpu-pools.ts";
import { MetalLb } from "./metallb.ts";
import { defaultClassOf, installsGpuOperator, profiles } from "./profiles.ts";
import { onpremProblems, type StackFacts } from "./settings-rules.ts";
import type { OnpremSettings } from "./settings.ts";
import { factsOf, optionalFactsOf } from "./target-facts.ts";

const TYPE = "kubeflow:onprem:KubeconfigTarget";

export interface KubeconfigTargetArgs {
  readonly kind: TargetKind;
  /** Contents of the kubeconfig, not a path. */
  readonly kubeconfig: pulumi.Input<string>;
  /** @default - the kubeconfig's current context */
  readonly context?: string | undefined;
  /** @default - derived from the certificate authority and the address that the context leads to */
  readonly clusterIdentifier?: string | undefined;
  /** Whether webhook backends can answer; see the contract. */
  readonly admission: ClusterTarget["admission"];
  /** What its owner tells of the cluster. @default - nothing is known of it, and it is used as it is */
  readonly onprem?: OnpremArgs | undefined;
}

export interface OnpremArgs extends Omit<StackFacts, "secretNames"> {
  readonly settings: OnpremSettings;
  /** `kubeflow:secrets` by name. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
}

/**
 * Any cluster that a kubeconfig leads to. Nothing of it is provisioned; what its owner asks for beside it is installed:
 * MetalLB, the mark of the default storage class, the GPU operator.
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
  readonly clusterIdentifier: pulumi.Output<string>;
  readonly provider: kubernetes.Provider;
  readonly ready: readonly pulumi.Resource[] = [];
  readonly admission: ClusterTarget["admission"];
  readonly storage: ClusterTarget["storage"] = { defaultClass: undefined };
  readonly ingress: ClusterTarget["ingress"] = { serviceType: "ClusterIP", annotations: {}, address: "none" };
  readonly gpuPools: readonly GpuPool[] = [];
  readonly objectStore?: ObjectStore;
  readonly database?: Database;
  readonly oidc?: IssuerOfLogins;
  readonly access?: ClusterAccess;
  readonly tokenIssuer?: pulumi.Output<string>;
  readonly cni?: NonNullable<ClusterTarget["cni"]>;
  readonly existing?: NonNullable<ClusterTarget["existing"]>;

  constructor(name: string, args: KubeconfigTargetArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { onprem } = args;
    this.refuse(name, onprem);
    this.kind = args.kind;
    this.name = name;
    this.admission = args.admission;
    if (args.context !== undefined) this.context = args.context;
    this.kubeconfig = pulumi.secret(args.kubeconfig);
    this.clusterIdentifier =
      args.clusterIdentifier === undefined
        ? pulumi.unsecret(this.kubeconfig.apply((kubeconfig) => clusterIdentifierOf(kubeconfig, args.context)))
        : pulumi.output(args.clusterIdentifier);
    this.provider = new kubernetes.Provider(
      `${name}-kubernetes`,
      {
        kubeconfig: this.kubeconfig,
        clusterIdentifier: this.clusterIdentifier,
        ...kubernetesProviderSettings,
        ...(args.context === undefined ? {} : { context: args.context }),
      },
      { parent: this },
    );
    if (onprem !== undefined) {
      const { settings, release, secrets } = onprem;
      const facts = factsOf(settings, release);
      this.storage = facts.storage;
      this.ingress = facts.ingress;
      this.gpuPools = facts.gpuPools;
      this.access = facts.access;
      Object.assign(this, optionalFactsOf(settings, secrets));
      this.ready = this.createParts(settings);
    }
    this.registerOutputs({});
  }

  private refuse(name: string, onprem: OnpremArgs | undefined): void {
    if (onprem === undefined) return;
    const { settings, secrets, ...stack } = onprem;
    const problems = onpremProblems(settings, { ...stack, secretNames: Object.keys(secrets) });
    if (problems.length === 0) return;
    throw new pulumi.ResourceError(`${name}: this would not work\n  ${problems.join("\n  ")}`, this, true);
  }

  /** What is installed beside Kubeflow. @returns what Kubeflow waits for. */
  private createParts(settings: OnpremSettings): readonly pulumi.Resource[] {
    const { name, provider, gpuPools: pools } = this;
    const { metallb, storage, profile } = settings;
    const defaultClass = defaultClassOf(settings);
    const parts = [
      ...(metallb === undefined
        ? []
        : [new MetalLb(`${name}-metallb`, { settings: metallb, provider }, { parent: this })]),
      ...(storage.makeDefault && defaultClass !== undefined
        ? [
            new DefaultClass(
              `${name}-storage`,
              { name: defaultClass, others: storage.otherDefaults, provider },
              { parent: this },
            ),
          ]
        : []),
    ];
    if (installsGpuOperator(settings)) {
      const { toolkitEnv } = profiles[profile];
      new GpuOperator(
        `${name}-gpu`,
        { provider, driver: bringsDriver(settings), toolkit: true, toolkitEnv, pools, dependsOn: [] },
        { parent: this },
      );
    }
    return parts.flatMap(({ ready }) => ready);
  }
}
