import { ManagedCluster, type ManagedClusterArgs } from "@pulumi/azure-native/containerservice/managedCluster.js";
import { MaintenanceConfiguration } from "@pulumi/azure-native/containerservice/maintenanceConfiguration.js";
import { DiagnosticSetting } from "@pulumi/azure-native/monitor/diagnosticSetting.js";
import * as pulumi from "@pulumi/pulumi";
import type { Protection } from "../shared/protection.ts";
import { hostOf } from "./address-plan.ts";
import type { Encryption } from "./encryption.ts";
import { ownPools } from "./gpu-rules.ts";
import type { Identities } from "./identities.ts";
import type { Network } from "./network.ts";
import type { Observability } from "./observability.ts";
import { placeOf, type Place } from "./place.ts";
import type { AksSettings } from "./settings.ts";

const TYPE = "kubeflow:aks:Cluster";

export interface ClusterArgs extends Place {
  readonly settings: AksSettings;
  /** `1.35`: AKS takes the newest patch of it. */
  readonly kubernetesVersion: string;
  readonly network: Network;
  readonly identities: Identities;
  readonly encryption: Encryption;
  readonly observability: Observability;
  readonly protection: Protection;
  /** Of the group that AKS makes for nodes, disks and load balancers. */
  readonly nodeResourceGroup: pulumi.Input<string>;
  /** What the cluster is made after. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** What audits read; `kube-audit` would add every read request, at many times the price. */
const logCategories = [
  ...["kube-apiserver", "kube-audit-admin", "kube-controller-manager", "cloud-controller-manager"],
  ...["cluster-autoscaler", "guard"],
];

/**
 * An AKS cluster with a control plane in the network and no node pool but a small one of its own.
 *
 * ```ts
 * new Cluster("cluster", { ...place, settings, kubernetesVersion: "1.35", network, identities, encryption, ... });
 * ```
 *
 * Cost: the control plane by `tier`, and a small node in each zone. Upgrade hazard: another network, identity or pod range
 * replaces the cluster.
 */
export class Cluster extends pulumi.ComponentResource {
  readonly cluster: ManagedCluster;
  readonly oidcIssuerUrl: pulumi.Output<string>;

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { network, identities } = args;
    this.cluster = new ManagedCluster(
      `${name}-aks`,
      {
        ...placeOf(args),
        dnsPrefix: args.settings.clusterName,
        kubernetesVersion: args.kubernetesVersion,
        sku: { name: "Base", tier: args.settings.tier },
        supportPlan: args.settings.tier === "Premium" ? "AKSLongTermSupport" : "KubernetesOfficial",
        nodeResourceGroup: args.nodeResourceGroup,
        // Nobody but AKS changes what is in it.
        nodeResourceGroupProfile: { restrictionLevel: "ReadOnly" },
        ...identityOf(identities),
        ...accessOf(args),
        ...networkOf(args),
        ...securityOf(args),
        ...upkeepOf(args),
        agentPoolProfiles: [systemPool(args)],
      },
      {
        parent: this,
        // AKS cannot make a cluster before its identity may use network and key.
        dependsOn: [...network.ready, ...identities.ready, ...args.dependsOn],
        // The autoscaler's.
        ignoreChanges: ["agentPoolProfiles[0].count"],
        // AKS has no flag against deletion, and a lock would also keep pools from going.
        protect: args.protection.deletion,
      },
    );
    this.oidcIssuerUrl = pulumi
      .all([this.cluster.oidcIssuerProfile, this.cluster.id])
      // Not known before the cluster is, though the rest of the profile is ours.
      .apply(([profile]) => profile?.issuerURL ?? "");
    this.schedule(name, args);
    new DiagnosticSetting(
      `${name}-audit`,
      {
        resourceUri: this.cluster.id,
        workspaceId: args.observability.workspace.id,
        logs: logCategories.map((category) => ({ category, enabled: true })),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }

  /** The names are those that AKS gives a meaning: upgrades of the cluster, of nodes' images, and of AKS itself. */
  private schedule(name: string, { settings, resourceGroupName }: ClusterArgs): void {
    const { day, startHour, hours } = settings.maintenance;
    const dayOfWeek = `${day.charAt(0).toUpperCase()}${day.slice(1)}`;
    const window = {
      schedule: { weekly: { dayOfWeek, intervalWeeks: 1 } },
      durationHours: hours,
      startTime: `${String(startHour).padStart(2, "0")}:00`,
      utcOffset: "+00:00",
    };
    for (const configName of ["aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule", "default"]) {
      const when =
        configName === "default"
          ? { timeInWeek: [{ day: dayOfWeek, hourSlots: hourSlots(startHour, hours) }] }
          : { maintenanceWindow: window };
      new MaintenanceConfiguration(
        `${name}-${configName}`,
        { resourceGroupName, resourceName: this.cluster.name, configName, ...when },
        { parent: this },
      );
    }
  }
}

/** Hours of the day itself: the slots of the next day would be under its own name. */
function hourSlots(start: number, hours: number): number[] {
  return Array.from({ length: Math.min(hours, 24 - start) }, (_, index) => start + index);
}

/** AKS cannot do without a pool in the cluster's own record. It is small and stays as it is; the others are resources. */
function systemPool({ settings, kubernetesVersion, network, tags }: ClusterArgs) {
  const nodes = settings.zones.length;
  return {
    name: ownPools.system,
    mode: "System",
    type: "VirtualMachineScaleSets",
    vmSize: "Standard_D2ds_v5",
    osSKU: "Ubuntu",
    // On the machine's own disk: nothing of it is kept, and it costs nothing.
    ...{ osDiskType: "Ephemeral", osDiskSizeGB: 64 },
    ...{ enableAutoScaling: true, count: nodes, minCount: nodes, maxCount: nodes + 2 },
    availabilityZones: [...settings.zones],
    vnetSubnetID: network.nodes.id,
    enableEncryptionAtHost: settings.encryptionAtHost,
    nodeTaints: ["CriticalAddonsOnly=true:NoSchedule"],
    orchestratorVersion: kubernetesVersion,
    upgradeSettings: { maxSurge: "1" },
    tags,
  };
}

function identityOf({ controlPlane, kubelet }: Identities) {
  return {
    identity: { type: "UserAssigned", userAssignedIdentities: [controlPlane.id] },
    identityProfile: {
      kubeletidentity: { resourceId: kubelet.id, clientId: kubelet.clientId, objectId: kubelet.principalId },
    },
  } satisfies Partial<ManagedClusterArgs>;
}

/** Who gets in, and from where. */
function accessOf({ settings, network }: ClusterArgs) {
  const { authorizedNetworks } = settings;
  return {
    enableRBAC: true,
    disableLocalAccounts: true,
    aadProfile: {
      managed: true,
      enableAzureRBAC: true,
      tenantID: settings.tenantId,
      adminGroupObjectIDs: [...settings.adminGroupIds],
    },
    apiServerAccessProfile: {
      enableVnetIntegration: true,
      subnetId: network.apiServer.id,
      // It would run commands in the cluster for whoever may write the cluster's record.
      disableRunCommand: true,
      ...(authorizedNetworks.length === 0
        ? { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: false, privateDNSZone: "system" }
        : { enablePrivateCluster: false, authorizedIPRanges: [...authorizedNetworks] }),
    },
  } satisfies Partial<ManagedClusterArgs>;
}

function networkOf({ settings }: ClusterArgs) {
  return {
    networkProfile: {
      ...{ networkPlugin: "azure", networkPluginMode: "overlay", networkDataplane: "cilium", networkPolicy: "cilium" },
      outboundType: "userAssignedNATGateway",
      loadBalancerSku: "standard",
      podCidr: settings.podRange,
      serviceCidr: settings.serviceRange,
      dnsServiceIP: hostOf(settings.serviceRange, 10),
    },
  } satisfies Partial<ManagedClusterArgs>;
}

function securityOf({ settings, encryption, observability }: ClusterArgs) {
  return {
    oidcIssuerProfile: { enabled: true },
    securityProfile: {
      workloadIdentity: { enabled: true },
      azureKeyVaultKms: {
        enabled: true,
        keyId: encryption.clusterKey.keyUriWithVersion,
        keyVaultNetworkAccess: "Private",
        keyVaultResourceId: encryption.vault.id,
      },
      imageCleaner: { enabled: true, intervalHours: 168 },
      ...(settings.defender
        ? {
            defender: {
              logAnalyticsWorkspaceResourceId: observability.workspace.id,
              securityMonitoring: { enabled: true },
            },
          }
        : {}),
    },
  } satisfies Partial<ManagedClusterArgs>;
}

function upkeepOf({ settings }: ClusterArgs) {
  return {
    autoUpgradeProfile: { upgradeChannel: "patch", nodeOSUpgradeChannel: "NodeImage" },
    autoScalerProfile: { expander: "least-waste", skipNodesWithLocalStorage: "false" },
    storageProfile: {
      diskCSIDriver: { enabled: true },
      fileCSIDriver: { enabled: true },
      blobCSIDriver: { enabled: true },
      snapshotController: { enabled: true },
    },
    // Free clusters have none.
    metricsProfile: { costAnalysis: { enabled: settings.tier !== "Free" } },
  } satisfies Partial<ManagedClusterArgs>;
}
