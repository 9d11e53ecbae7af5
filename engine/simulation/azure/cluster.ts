/** Clusters, their nodes and images. */
import type { SimulationTable } from "../table.ts";
import { below, clusterOutputs, identityOutputs, inGroup, names, registryOutputs } from "./answers.ts";

export const cluster: SimulationTable = {
  "azure-native:containerservice:ManagedCluster": {
    required: names("resourceGroupName"),
    optional: names(`
      aadProfile addonProfiles agentPoolProfiles aiToolchainOperatorProfile apiServerAccessProfile
      autoScalerProfile autoUpgradeProfile azureMonitorProfile bootstrapProfile disableLocalAccounts
      diskEncryptionSetID dnsPrefix enableRBAC extendedLocation fqdnSubdomain httpProxyConfig identity
      identityProfile ingressProfile kind kubernetesVersion linuxProfile location metricsProfile
      networkProfile nodeProvisioningProfile nodeResourceGroup nodeResourceGroupProfile oidcIssuerProfile
      podIdentityProfile privateLinkResources publicNetworkAccess resourceName securityProfile
      serviceMeshProfile servicePrincipalProfile sku storageProfile supportPlan tags upgradeSettings
      windowsProfile workloadAutoScalerProfile
    `),
    forceNew: names(`
      resourceName resourceGroupName location dnsPrefix fqdnSubdomain nodeResourceGroup linuxProfile
    `),
    autoName: { property: "resourceName", maxLength: 63, separator: "" },
    answer: inGroup("Microsoft.ContainerService/managedClusters", "resourceName", clusterOutputs),
  },
  "azure-native:containerservice:AgentPool": {
    required: names("resourceGroupName resourceName"),
    optional: names(`
      agentPoolName availabilityZones capacityReservationGroupID count creationData enableAutoScaling
      enableEncryptionAtHost enableFIPS enableNodePublicIP enableUltraSSD gatewayProfile
      gpuInstanceProfile gpuProfile hostGroupID kubeletConfig kubeletDiskType linuxOSConfig
      localDNSProfile maxCount maxPods messageOfTheDay minCount mode networkProfile nodeLabels
      nodePublicIPPrefixID nodeTaints orchestratorVersion osDiskSizeGB osDiskType osSKU osType
      podIPAllocationMode podSubnetID powerState proximityPlacementGroupID scaleDownMode
      scaleSetEvictionPolicy scaleSetPriority securityProfile spotMaxPrice tags type upgradeSettings
      virtualMachineNodesStatus virtualMachinesProfile vmSize vnetSubnetID windowsProfile workloadRuntime
    `),
    forceNew: names(`
      agentPoolName resourceGroupName resourceName vmSize availabilityZones gpuInstanceProfile gpuProfile
      osDiskType osDiskSizeGB kubeletDiskType scaleSetPriority scaleSetEvictionPolicy spotMaxPrice
      vnetSubnetID podSubnetID capacityReservationGroupID proximityPlacementGroupID enableEncryptionAtHost
      enableFIPS enableNodePublicIP enableUltraSSD osType type kubeletConfig linuxOSConfig
    `),
    autoName: { property: "agentPoolName", maxLength: 80, separator: "" },
    answer: below("Microsoft.ContainerService/managedClusters/agentPools", ["resourceName"], "agentPoolName"),
  },
  "azure-native:containerservice:MaintenanceConfiguration": {
    required: names("resourceGroupName resourceName"),
    optional: names("configName maintenanceWindow notAllowedTime timeInWeek"),
    forceNew: names("configName resourceGroupName resourceName"),
    autoName: { property: "configName", maxLength: 80, separator: "" },
    answer: below(
      "Microsoft.ContainerService/managedClusters/maintenanceConfigurations",
      ["resourceName"],
      "configName",
    ),
  },
  "azure-native:containerregistry:Registry": {
    required: names("resourceGroupName sku"),
    optional: names(`
      adminUserEnabled anonymousPullEnabled dataEndpointEnabled encryption identity location
      networkRuleBypassOptions networkRuleSet policies publicNetworkAccess registryName tags
      zoneRedundancy
    `),
    forceNew: names("registryName resourceGroupName location zoneRedundancy"),
    autoName: { property: "registryName", maxLength: 50, separator: "" },
    answer: inGroup("Microsoft.ContainerRegistry/registries", "registryName", registryOutputs),
  },
  "azure-native:containerregistry:CacheRule": {
    required: names("registryName resourceGroupName"),
    optional: names("cacheRuleName credentialSetResourceId sourceRepository targetRepository"),
    forceNew: names("cacheRuleName resourceGroupName registryName sourceRepository targetRepository"),
    autoName: { property: "cacheRuleName", maxLength: 80, separator: "" },
    answer: below("Microsoft.ContainerRegistry/registries/cacheRules", ["registryName"], "cacheRuleName"),
  },
  "azure-native:containerregistry:CredentialSet": {
    required: names("registryName resourceGroupName"),
    optional: names("authCredentials credentialSetName identity loginServer"),
    forceNew: names("credentialSetName resourceGroupName registryName loginServer"),
    autoName: { property: "credentialSetName", maxLength: 80, separator: "" },
    answer: below(
      "Microsoft.ContainerRegistry/registries/credentialSets",
      ["registryName"],
      "credentialSetName",
      identityOutputs,
    ),
  },
};
