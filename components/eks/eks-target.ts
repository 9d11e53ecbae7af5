import { Provider as AwsProvider } from "@pulumi/aws/provider.js";
import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { CloudTargetArgs } from "../contracts/cloud-target.ts";
import type { ClusterAccess, ClusterTarget } from "../contracts/cluster-target.ts";
import type { Database } from "../contracts/database.ts";
import type { DnsZone } from "../contracts/dns-zone.ts";
import type { GpuPool } from "../contracts/gpu-pool.ts";
import type { IssuerOfLogins } from "../contracts/issuer-of-logins.ts";
import type { ObjectStore } from "../contracts/object-store.ts";
import type { Registry } from "../contracts/registry.ts";
import { GpuOperator } from "../gpu/gpu-operator.ts";
import { kubernetesProviderSettings } from "../shared/kubernetes-provider.ts";
import { standardLabels } from "../shared/labels.ts";
import type { Place } from "./aws-names.ts";
import { BucketIdentity } from "./bucket-identity.ts";
import { Cluster } from "./cluster.ts";
import { Compute } from "./compute.ts";
import { CostBudget } from "./cost-budget.ts";
import { dashboardHost } from "./dns.ts";
import { Encryption } from "./encryption.ts";
import { FlowLogs } from "./flow-logs.ts";
import { kubeconfigOf } from "./kubeconfig.ts";
import { Network } from "./network.ts";
import { nextSteps } from "./next-steps.ts";
import { planOf, type GpuPlan } from "./pools.ts";
import { PrivateEndpoints } from "./private-endpoints.ts";
import { Quotas } from "./quotas.ts";
import { eksProblems, minorOf } from "./rules.ts";
import type { EksSettings } from "./settings.ts";
import { Services } from "./services.ts";
import { SharedStorage } from "./shared-storage.ts";
import { defaultClass, sharedClass, StorageClasses } from "./storage-classes.ts";

const TYPE = "kubeflow:eks:EksTarget";

export interface EksTargetArgs extends CloudTargetArgs {
  readonly settings: EksSettings;
}

/** What everything else is put into, or encrypted with. */
interface Foundation {
  readonly network: Network;
  readonly keyArn: pulumi.Output<string>;
  readonly endpoints: readonly pulumi.Resource[];
}

/**
 * An EKS cluster of our own making, with all that Kubeflow needs of AWS around it.
 *
 * ```ts
 * const target = new EksTarget("cluster", {
 *   environment: "dev", kubernetesVersion: "1.35.0", admission: "enforced", oauthClientSecret: undefined, settings,
 * });
 * new KubeflowPlatform("kubeflow", { target, release });
 * ```
 *
 * `kf cost STACK` says what it costs. Upgrade hazard: EKS takes one minor version at a time; another `networkRange`,
 * `zones` or `clusterName` means another cluster.
 */
export class EksTarget extends pulumi.ComponentResource implements ClusterTarget {
  readonly contractVersion = 1;
  readonly kind = "eks";
  readonly name: string;
  readonly kubeconfig: pulumi.Output<string>;
  readonly clusterIdentifier: pulumi.Output<string>;
  readonly provider: KubernetesProvider;
  readonly ready: readonly pulumi.Resource[];
  readonly admission: ClusterTarget["admission"];
  readonly storage: ClusterTarget["storage"];
  readonly ingress = {
    serviceType: "LoadBalancer",
    // Made and deleted by EKS's own controller, which is there as long as the cluster.
    annotations: {
      "service.beta.kubernetes.io/aws-load-balancer-type": "nlb",
      "service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled": "true",
    },
    address: "hostname",
  } as const;
  readonly gpuPools: readonly GpuPool[];
  readonly identity: BucketIdentity;
  readonly access: ClusterAccess;
  readonly tokenIssuer: pulumi.Output<string>;
  /** Beside the contract: the zone and its certificate, the pool of users. */
  readonly services: Services;

  constructor(name: string, args: EksTargetArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { settings, environment } = args;
    const problems = eksProblems(settings, args.kubernetesVersion);
    if (problems.length > 0) {
      const list = problems.map((problem) => `  ${problem}`).join("\n");
      throw new pulumi.ResourceError(`${name}: EKS would not take these settings\n${list}`, this, true);
    }
    const { accountId, region, clusterName } = settings;
    const place = { accountId, region, clusterName };
    const tags = standardLabels(settings, environment);
    const version = minorOf(args.kubernetesVersion);
    this.name = name;
    this.admission = args.admission;
    const aws = new AwsProvider(
      `${name}-aws`,
      // Whatever credentials are around, nothing is made in another account.
      { region, allowedAccountIds: [accountId], defaultTags: { tags } },
      { parent: this },
    );
    const onAws = { parent: this, providers: [aws] };
    const foundation = this.createFoundation(name, settings, place, onAws);
    const { network, keyArn } = foundation;
    const cluster = new Cluster(
      name,
      { settings, version, keyArn, subnetIds: network.subnetIds("intra"), dependsOn: network.egress },
      onAws,
    );
    this.tokenIssuer = cluster.tokenIssuer;
    this.kubeconfig = kubeconfigOf(clusterName, region, cluster);
    this.clusterIdentifier = cluster.arn;
    this.provider = new KubernetesProvider(
      `${name}-kubernetes`,
      { kubeconfig: this.kubeconfig, clusterIdentifier: cluster.arn, ...kubernetesProviderSettings },
      // Nobody is let in before, and whatever is in the cluster has to be deleted while somebody is.
      { parent: this, dependsOn: [...cluster.access] },
    );
    const inCluster = { parent: this, providers: [aws, this.provider] };
    const gpuPools = settings.gpuPools.map(planOf);
    this.gpuPools = gpuPools.map(({ pool }) => pool);
    const compute = new Compute(
      `${name}-compute`,
      { settings, place, version, cluster, network, keyArn, gpuPools, tags, dependsOn: foundation.endpoints },
      inCluster,
    );
    const classes = this.createStorage(name, settings, foundation, cluster, compute, inCluster);
    this.storage = { defaultClass, ...(settings.sharedStorage ? { sharedClass } : {}) };
    this.createGpuSoftware(name, compute, inCluster);
    this.services = new Services(name, { settings, place, network, cluster, keyArn }, onAws);
    const { objectStore, dns, logins } = this.services;
    this.identity = new BucketIdentity({ place, clusterName: cluster.name, store: objectStore, keyArn, provider: aws });
    this.createLimits(name, settings, gpuPools, onAws);
    this.ready = [...compute.ready, ...classes, ...dns.ready, ...cluster.access];
    this.access = {
      kubeconfigCommand: pulumi.interpolate`aws eks update-kubeconfig --region ${region} --name ${cluster.name}`,
      dashboardUrl: `https://${dashboardHost(settings.domain)}`,
      nextSteps: nextSteps({ settings, nameServers: dns.nameServers, userPoolId: logins.userPoolId }),
    };
    this.registerOutputs({});
  }

  get objectStore(): ObjectStore {
    return this.services.objectStore;
  }

  get database(): Database {
    return this.services.database;
  }

  get registry(): Registry {
    return this.services.registry;
  }

  get zone(): DnsZone {
    return this.services.dns.facts;
  }

  get oidc(): IssuerOfLogins {
    return this.services.logins;
  }

  private createFoundation(
    name: string,
    settings: EksSettings,
    place: Place,
    opts: pulumi.ComponentResourceOptions,
  ): Foundation {
    const { networkRange, region, protection, privateEndpoints, logRetentionDays } = settings;
    const { keyArn } = new Encryption(`${name}-key`, { place, protection }, opts);
    const network = new Network(`${name}-network`, settings, opts);
    new FlowLogs(`${name}-flows`, { vpcId: network.vpcId, keyArn, retentionDays: logRetentionDays }, opts);
    const { endpoints } = new PrivateEndpoints(
      `${name}-endpoints`,
      { network, networkRange, region, interfaces: privateEndpoints },
      opts,
    );
    return { network, keyArn, endpoints };
  }

  private createStorage(
    name: string,
    { zones, protection, sharedStorage }: EksSettings,
    { network, keyArn }: Foundation,
    cluster: Cluster,
    { drivers }: Compute,
    opts: pulumi.ComponentResourceOptions,
  ): readonly pulumi.Resource[] {
    const subnets = zones.flatMap((zone) =>
      network.subnetIds("private", [zone]).map((subnetId) => [zone, subnetId] as const),
    );
    const { vpcId } = network;
    const shared = sharedStorage
      ? new SharedStorage(
          `${name}-files`,
          { vpcId, subnets, keyArn, protection, nodeSecurityGroupId: cluster.securityGroupId },
          opts,
        )
      : undefined;
    return new StorageClasses(
      `${name}-storage`,
      { keyArn, shared, drivers, driversRun: this.admission === "enforced" },
      opts,
    ).classes;
  }

  private createGpuSoftware(name: string, compute: Compute, opts: pulumi.ComponentResourceOptions): void {
    if (this.gpuPools.length === 0) return;
    const { provider, gpuPools: pools } = this;
    // Amazon's NVIDIA image has driver and toolkit.
    new GpuOperator(`${name}-gpu`, { provider, driver: false, toolkit: false, pools, dependsOn: compute.ready }, opts);
  }

  private createLimits(
    name: string,
    settings: EksSettings,
    gpuPools: readonly GpuPlan[],
    opts: pulumi.ComponentResourceOptions,
  ): void {
    const { budget, clusterName, requestQuota } = settings;
    if (requestQuota) new Quotas(`${name}-quotas`, { settings, gpuPools }, opts);
    if (budget !== undefined) new CostBudget(`${name}-budget`, { budget, clusterName }, opts);
  }
}
