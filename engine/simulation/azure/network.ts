/** Networks, what is in them, and names. */
import type { SimulationTable } from "../table.ts";
import { addressOf, below, inGroup, names } from "./answers.ts";

export const network: SimulationTable = {
  "azure-native:network:VirtualNetwork": {
    required: names("resourceGroupName"),
    optional: names(`
      addressSpace bgpCommunities ddosProtectionPlan dhcpOptions enableDdosProtection enableVmProtection
      encryption extendedLocation flowTimeoutInMinutes id ipAllocations location
      privateEndpointVNetPolicies subnets tags virtualNetworkName virtualNetworkPeerings
    `),
    forceNew: names("virtualNetworkName resourceGroupName location"),
    autoName: { property: "virtualNetworkName", maxLength: 64, separator: "" },
    answer: inGroup("Microsoft.Network/virtualNetworks", "virtualNetworkName"),
  },
  "azure-native:network:Subnet": {
    required: names("resourceGroupName virtualNetworkName"),
    optional: names(`
      addressPrefix addressPrefixes applicationGatewayIPConfigurations defaultOutboundAccess delegations
      id ipAllocations ipamPoolPrefixAllocations name natGateway networkSecurityGroup
      privateEndpointNetworkPolicies privateLinkServiceNetworkPolicies routeTable serviceEndpointPolicies
      serviceEndpoints sharingScope subnetName type
    `),
    forceNew: names("subnetName resourceGroupName virtualNetworkName"),
    autoName: { property: "subnetName", maxLength: 80, separator: "" },
    answer: below("Microsoft.Network/virtualNetworks/subnets", ["virtualNetworkName"], "subnetName"),
  },
  "azure-native:network:NatGateway": {
    required: names("resourceGroupName"),
    optional: names(`
      id idleTimeoutInMinutes location natGatewayName publicIpAddresses publicIpPrefixes sku tags zones
    `),
    forceNew: names("natGatewayName resourceGroupName location sku zones"),
    autoName: { property: "natGatewayName", maxLength: 80, separator: "" },
    answer: inGroup("Microsoft.Network/natGateways", "natGatewayName"),
  },
  "azure-native:network:PublicIPAddress": {
    required: names("resourceGroupName"),
    optional: names(`
      ddosSettings deleteOption dnsSettings extendedLocation id idleTimeoutInMinutes ipAddress ipTags
      linkedPublicIPAddress location migrationPhase natGateway publicIPAddressVersion
      publicIPAllocationMethod publicIPPrefix publicIpAddressName servicePublicIPAddress sku tags zones
    `),
    forceNew: names(`
      publicIpAddressName resourceGroupName location publicIPAllocationMethod sku zones
      publicIPAddressVersion
    `),
    autoName: { property: "publicIpAddressName", maxLength: 80, separator: "" },
    answer: inGroup("Microsoft.Network/publicIPAddresses", "publicIpAddressName", ({ token }) => ({
      ipAddress: addressOf(token),
    })),
  },
  "azure-native:network:NetworkSecurityGroup": {
    required: names("resourceGroupName"),
    optional: names("flushConnection id location networkSecurityGroupName securityRules tags"),
    forceNew: names("networkSecurityGroupName resourceGroupName location"),
    autoName: { property: "networkSecurityGroupName", maxLength: 80, separator: "" },
    answer: inGroup("Microsoft.Network/networkSecurityGroups", "networkSecurityGroupName"),
  },
  "azure-native:network:FlowLog": {
    required: names("networkWatcherName resourceGroupName storageId targetResourceId"),
    optional: names(`
      enabled enabledFilteringCriteria flowAnalyticsConfiguration flowLogName format id identity location
      retentionPolicy tags
    `),
    forceNew: names("flowLogName resourceGroupName networkWatcherName location targetResourceId"),
    autoName: { property: "flowLogName", maxLength: 80, separator: "" },
    answer: below("Microsoft.Network/networkWatchers/flowLogs", ["networkWatcherName"], "flowLogName"),
  },
  "azure-native:network:PrivateEndpoint": {
    required: names("resourceGroupName"),
    optional: names(`
      applicationSecurityGroups customDnsConfigs customNetworkInterfaceName extendedLocation id
      ipConfigurations location manualPrivateLinkServiceConnections privateEndpointName
      privateLinkServiceConnections subnet tags
    `),
    forceNew: names(`
      privateEndpointName resourceGroupName location subnet privateLinkServiceConnections
    `),
    autoName: { property: "privateEndpointName", maxLength: 64, separator: "" },
    answer: inGroup("Microsoft.Network/privateEndpoints", "privateEndpointName"),
  },
  "azure-native:network:PrivateDnsZoneGroup": {
    required: names("privateEndpointName resourceGroupName"),
    optional: names("id name privateDnsZoneConfigs privateDnsZoneGroupName"),
    forceNew: names("privateDnsZoneGroupName resourceGroupName privateEndpointName"),
    autoName: { property: "privateDnsZoneGroupName", maxLength: 80, separator: "" },
    answer: below(
      "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
      ["privateEndpointName"],
      "privateDnsZoneGroupName",
    ),
  },
  "azure-native:privatedns:PrivateZone": {
    required: names("resourceGroupName"),
    optional: names("location privateZoneName tags"),
    forceNew: names("privateZoneName resourceGroupName location"),
    autoName: { property: "privateZoneName", maxLength: 63, separator: "" },
    answer: inGroup("Microsoft.Network/privateDnsZones", "privateZoneName"),
  },
  "azure-native:privatedns:VirtualNetworkLink": {
    required: names("privateZoneName resourceGroupName"),
    optional: names(`
      location registrationEnabled resolutionPolicy tags virtualNetwork virtualNetworkLinkName
    `),
    forceNew: names(`
      virtualNetworkLinkName resourceGroupName privateZoneName location virtualNetwork
    `),
    autoName: { property: "virtualNetworkLinkName", maxLength: 80, separator: "" },
    answer: below(
      "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
      ["privateZoneName"],
      "virtualNetworkLinkName",
    ),
  },
  "azure-native:dns:Zone": {
    required: names("resourceGroupName"),
    optional: names(`
      location registrationVirtualNetworks resolutionVirtualNetworks tags zoneName zoneType
    `),
    forceNew: names("zoneName resourceGroupName location zoneType"),
    autoName: { property: "zoneName", maxLength: 63, separator: "" },
    answer: inGroup("Microsoft.Network/dnsZones", "zoneName", () => ({
      nameServers: ["ns1-01.azure-dns.com.", "ns2-01.azure-dns.net."],
    })),
  },
};
