import { Provider as AzureProvider } from "@pulumi/azure-native/provider.js";
import { Provider as EntraProvider } from "@pulumi/azuread/provider.js";
import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { CloudTargetArgs } from "../contracts/cloud-target.ts";
import type { ClusterAccess, ClusterTarget } from "../contracts/cluster-target.ts";
import type { DnsZone as ZoneFacts } from "../contracts/dns-zone.ts";
import type { GpuPool } from "../contracts/gpu-pool.ts";
import { kubernetesProviderSettings } from "../shared/kubernetes-provider.ts";

import { GpuOperator } from "../gpu/gpu-operator.ts";
import { AgentPools } from "./agent-pools.ts";
import { ArtifactStore } from "./artifact-store.ts";
import { createBudgetAlert, firstOfMonth } from "./budget.ts";
import { Cluster } from "./cluster.ts";
import { DnsZone } from "./dns.ts";
import { Foundation } from "./foundation.ts";
import { ImageRegistry } from "./image-registry.ts";
import { kubeconfigOf } from "./kubeconfig.ts";
import { LoginApplication } from "./login-application.ts";
import { nextSteps } from "./next-steps.ts";
import { PipelinesDatabase } from "./pipelines-database.ts";
import { grantRole } from "./roles.ts";
import { settingsProblems } from "./settings-rules.ts";
import type { AksSettings } from "./settings.ts";
import { StorageClasses } from "./storage-classes.ts";
import { AksWorkloadIdentity } from "./workload-identity.ts";

const TYPE = "kubeflow:aks:AksTarget";

export interface AksTargetArgs extends CloudTargetArgs {
  readonly settings: AksSettings;
}

/**
 * An AKS cluster with what Kubeflow wants of a cloud, in one resource group.
 *
 * ```ts
 * const target = new AksTarget("cluster", { environment: "dev", settings, kubernetesVersion: "1.35.0", ... });
 * new KubeflowPlatform("kubeflow", { target, release });
 * ```
 *
 * Who runs it needs Owner of the subscription, or Contributor and Role Based Access Control Administrator, and in Entra
 * Application Administrator. Cost: machines, and the standing parts that the components name. Upgrade hazard: what would
 * replace the cluster is named in `Cluster` and `Network`.
 */
export class AksTarget extends pulumi.ComponentResource implements ClusterTarget {
  readonly contractVersion = 1;
  readonly kind = "aks";
  readonly name: string;
  readonly kubeconfig: pulumi.Output<string>;
  readonly clusterIdentifier: pulumi.Output<string>;
  readonly provider: KubernetesProvider;
  readonly ready: readonly pulumi.Resource[];
  readonly admission: ClusterTarget["admission"];
  readonly storage: { readonly defaultClass: string; readonly sharedClass: string };
  readonly ingress = {
    serviceType: "LoadBalancer",
    // Else Azure asks the gateway for `/`, which it answers with 404, and sends it nothing.
    annotations: { "service.beta.kubernetes.io/azure-load-balancer-health-probe-protocol": "tcp" },
    address: "ip",
  } as const;
  readonly gpuPools: readonly GpuPool[];
  readonly objectStore: ArtifactStore;
  readonly database: PipelinesDatabase;
  readonly registry: ImageRegistry;
  readonly identity: AksWorkloadIdentity;
  readonly oidc: LoginApplication;
  readonly tokenIssuer: pulumi.Output<string>;
  readonly access: ClusterAccess;
  /** What writes DNS records needs. */
  readonly dns: DnsZone;

  constructor(name: string, args: AksTargetArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { settings } = args;
    const problems = settingsProblems(settings);
    if (problems.length > 0) throw new pulumi.ResourceError(`${name}:\n${problems.join("\n")}`, this, true);
    const { clusterName, subscriptionId, tenantId, location } = settings;
    this.name = clusterName;
    this.admission = args.admission;
    const azure = new AzureProvider(`${name}-azure`, { subscriptionId, tenantId, location }, { parent: this });
    const cloud = { parent: this, providers: [azure] };

    const foundation = new Foundation(clusterName, args, cloud);
    const { place, network, encryption, protection } = foundation;
    const common = { ...place, subscriptionId, network, encryption, settings, protection };
    const nodeResourceGroup = pulumi.interpolate`${place.resourceGroupName}-nodes`;
    const { cluster, admission } = this.createCluster(args, foundation, nodeResourceGroup, cloud);
    const puller = foundation.identities.kubelet.principalId;
    this.registry = new ImageRegistry(clusterName, { ...common, puller }, cloud);
    const pools = this.createPools(args, foundation, cluster, cloud);
    this.gpuPools = pools.gpuPools;
    const nodes = [cluster.cluster, admission, ...pools.ready];

    this.kubeconfig = kubeconfigOf(cluster.cluster, place.resourceGroupName, settings, {
      parent: this,
      provider: azure,
    });
    // Its name is made up anew when the cluster is replaced, and so is its id.
    this.clusterIdentifier = cluster.cluster.id;
    this.provider = this.createProvider(`${name}-kubernetes`);
    const { classes, software } = this.createSoftware(settings, nodes);
    this.storage = classes;

    const { oidcIssuerUrl: issuerUrl } = cluster;
    this.tokenIssuer = issuerUrl;
    const { artifactCopies: copies, artifacts, domain } = settings;
    this.objectStore = new ArtifactStore(clusterName, { ...common, copies, ...artifacts }, cloud);
    this.database = new PipelinesDatabase(clusterName, common, cloud);
    this.identity = new AksWorkloadIdentity(
      clusterName,
      {
        ...{ ...place, subscriptionId, issuerUrl, provider: azure },
        ...{ containerId: this.objectStore.containerId, resourceGroupId: foundation.group.id },
        dependsOn: this.objectStore.ready,
      },
      cloud,
    );
    this.dns = new DnsZone(clusterName, { ...place, subscriptionId, tenantId, domain, issuerUrl, protection }, cloud);
    this.ready = [...nodes, ...this.registry.ready, ...classes.ready, ...software, ...this.dns.ready];
    this.oidc = this.createLogin(settings, this);
    this.createBudget(settings, [place.resourceGroupName, nodeResourceGroup], { parent: this, provider: azure });
    this.access = this.describeAccess(settings, foundation, cluster);
    this.registerOutputs({});
  }

  get zone(): ZoneFacts {
    return this.dns.facts;
  }

  private createCluster(
    { settings, kubernetesVersion }: AksTargetArgs,
    foundation: Foundation,
    nodeResourceGroup: pulumi.Output<string>,
    cloud: pulumi.ComponentResourceOptions,
  ) {
    const { place, group, network, identities, encryption, observability, protection } = foundation;
    const { clusterName, subscriptionId, deployer, adminGroupIds } = settings;
    // Of the group, and before the cluster, whose creation takes longer than Azure needs to let a new role be known.
    const admission = grantRole(
      `${clusterName}-deployer`,
      {
        ...{ subscriptionId, role: "aksRbacClusterAdmin", scope: group.id },
        ...{ principalId: deployer.objectId, principalType: deployer.type },
      },
      { parent: foundation },
    );
    const cluster = new Cluster(
      clusterName,
      {
        ...{ ...place, network, identities, encryption, observability, protection, settings, nodeResourceGroup },
        ...{ kubernetesVersion: minorOf(kubernetesVersion), dependsOn: [admission] },
      },
      cloud,
    );
    for (const principalId of adminGroupIds) {
      grantRole(
        `${clusterName}-admins-${principalId}`,
        {
          ...{ subscriptionId, role: "aksClusterUser", scope: cluster.cluster.id },
          ...{ principalId, principalType: "Group" },
        },
        { parent: cluster },
      );
    }
    return { cluster, admission };
  }

  private createPools(
    { settings, kubernetesVersion }: AksTargetArgs,
    { place, network }: Foundation,
    { cluster }: Cluster,
    cloud: pulumi.ComponentResourceOptions,
  ): AgentPools {
    const { systemPool, cpuPools, gpuPools, zones, encryptionAtHost, clusterName } = settings;
    return new AgentPools(
      clusterName,
      {
        ...{ resourceGroupName: place.resourceGroupName, tags: place.tags, clusterName: cluster.name },
        ...{ subnetId: network.nodes.id, kubernetesVersion: minorOf(kubernetesVersion), zones, encryptionAtHost },
        ...{ systemPool, cpuPools, gpuPools },
      },
      cloud,
    );
  }

  private createProvider(name: string): KubernetesProvider {
    return new KubernetesProvider(
      name,
      {
        kubeconfig: this.kubeconfig,
        clusterIdentifier: this.clusterIdentifier,
        ...kubernetesProviderSettings,
      },
      { parent: this },
    );
  }

  /** What Kubeflow finds in the cluster beside what AKS puts there. */
  private createSoftware(settings: AksSettings, nodes: readonly pulumi.Resource[]) {
    const { provider, gpuPools: pools } = this;
    const { clusterName, volumes, protection } = settings;
    const classes = new StorageClasses(
      clusterName,
      {
        provider,
        volumes,
        keepVolumes: protection === "strict",
        driversRun: this.admission === "enforced",
        dependsOn: nodes,
      },
      { parent: this },
    );
    if (pools.length === 0) return { classes, software: [] };
    // Nodes whose image has the driver say so by labels.
    const isNeeded = pools.some(({ driver }) => driver === "operator");
    const operator = new GpuOperator(
      `${clusterName}-gpu`,
      { provider, driver: isNeeded, toolkit: isNeeded, pools, dependsOn: nodes },
      { parent: this },
    );
    return { classes, software: operator.ready };
  }

  private createLogin(settings: AksSettings, parent: pulumi.Resource): LoginApplication {
    const { tenantId, clusterName, loginGroupIds: groupIds, loginSecretExpires: expires } = settings;
    const entra = new EntraProvider(`${clusterName}-entra`, { tenantId }, { parent });
    return new LoginApplication(
      clusterName,
      {
        ...{ displayName: `Kubeflow ${settings.domain}`, tenantId, dashboardUrl: dashboardUrlOf(settings) },
        ...{ groupIds, expires },
      },
      { parent, providers: [entra] },
    );
  }

  private createBudget(
    { budget, subscriptionId, clusterName }: AksSettings,
    resourceGroups: readonly pulumi.Input<string>[],
    opts: pulumi.CustomResourceOptions,
  ): void {
    if (budget === undefined) return;
    const args = { ...budget, subscriptionId, resourceGroups };
    createBudgetAlert(`${clusterName}-budget`, args, firstOfMonth(new Date()), opts);
  }

  private describeAccess(settings: AksSettings, { place }: Foundation, { cluster }: Cluster): ClusterAccess {
    const names = pulumi.all([this.dns.nameServers, this.registry.dockerHubReader]);
    return {
      kubeconfigCommand: pulumi.interpolate`az aks get-credentials --subscription ${settings.subscriptionId} --resource-group ${place.resourceGroupName} --name ${cluster.name} && kubelogin convert-kubeconfig -l azurecli`,
      dashboardUrl: dashboardUrlOf(settings),
      nextSteps: nextSteps(settings, {
        nameServers: names.apply(([servers]) => servers.join(", ")),
        dockerHubReader: names.apply(([, reader]) => reader ?? ""),
      }),
    };
  }
}

const dashboardUrlOf = ({ domain }: Pick<AksSettings, "domain">): string => `https://kubeflow.${domain}`;

/** Azure chooses the patch. */
const minorOf = (version: string): string => version.split(".").slice(0, 2).join(".");
