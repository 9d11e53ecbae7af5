/** Networks and what is in them. */
import type { SimulationTable } from "../table.ts";
import { linkOf, named, names, pathOf, textOf, type Ask } from "./answers.ts";

const globally = (kind: string) => (ask: Ask) => {
  const path = pathOf(ask, `global/${kind}`);
  return { id: named(path, ask), outputs: { selfLink: linkOf(path, ask) } };
};
const regionally = (kind: string) => (ask: Ask) => {
  const region = textOf(ask, "region");
  const path = pathOf(ask, `regions/${region}/${kind}`);
  return { id: named(path, ask), outputs: { selfLink: linkOf(path, ask), region } };
};

export const compute: SimulationTable = {
  "gcp:compute/network:Network": {
    required: [],
    optional: names(`
      autoCreateSubnetworks bgpAlwaysCompareMed bgpBestPathSelectionMode bgpInterRegionCost
      deleteBgpAlwaysCompareMed deleteDefaultRoutesOnCreate deletionPolicy description
      enableUlaInternalIpv6 internalIpv6Range mtu name networkFirewallPolicyEnforcementOrder
      networkProfile params project routingMode
    `),
    forceNew: names("name autoCreateSubnetworks description networkProfile project"),
    autoName: { property: "name", maxLength: 63, separator: "-" },
    answer: globally("networks"),
  },
  "gcp:compute/subnetwork:Subnetwork": {
    required: ["network"],
    optional: names(`
      allowSubnetCidrRoutesOverlap deletionPolicy description externalIpv6Prefix internalIpv6Prefix
      ipCidrRange ipCollection ipv6AccessType logConfig name params privateIpGoogleAccess
      privateIpv6GoogleAccess project purpose region reservedInternalRange resolveSubnetMask role
      secondaryIpRanges sendSecondaryIpRangeIfEmpty stackType
    `),
    forceNew: names("name network region project description purpose"),
    autoName: { property: "name", maxLength: 63, separator: "-" },
    answer: (ask) => {
      const { id, outputs } = regionally("subnetworks")(ask);
      return { id, outputs: { ...outputs, gatewayAddress: "10.0.0.1", fingerprint: ask.token } };
    },
  },
  "gcp:compute/router:Router": {
    required: [],
    optional: names(`
      bgp deletionPolicy description encryptedInterconnectRouter md5AuthenticationKeys name nccGateway
      network params project region
    `),
    forceNew: names("name network region project"),
    autoName: { property: "name", maxLength: 63, separator: "-" },
    answer: regionally("routers"),
  },
  "gcp:compute/routerNat:RouterNat": {
    required: ["router", "sourceSubnetworkIpRangesToNat"],
    optional: names(`
      autoNetworkTier deletionPolicy drainNatIps enableDynamicPortAllocation
      enableEndpointIndependentMapping endpointTypes icmpIdleTimeoutSec initialNatIps logConfig
      maxPortsPerVm minPortsPerVm name nat64Subnetworks natIpAllocateOption natIps project region rules
      sourceSubnetworkIpRangesToNat64 subnetworks tcpEstablishedIdleTimeoutSec tcpTimeWaitTimeoutSec
      tcpTransitoryIdleTimeoutSec type udpIdleTimeoutSec
    `),
    forceNew: names("name router region project type"),
    autoName: { property: "name", maxLength: 63, separator: "-" },
    answer: (ask) => {
      const region = textOf(ask, "region");
      const path = `${textOf(ask, "project")}/${region}/${textOf(ask, "router")}`;
      return { id: named(path, ask), outputs: { region } };
    },
  },
  "gcp:compute/address:Address": {
    required: [],
    optional: names(`
      address addressType deletionPolicy description ipCollection ipVersion ipv6EndpointType labels name
      network networkTier prefixLength project purpose region subnetwork
    `),
    forceNew: names(`
      name address addressType description ipVersion network networkTier prefixLength purpose region
      subnetwork project
    `),
    autoName: { property: "name", maxLength: 63, separator: "-" },
    secretOutputs: ["effectiveLabels", "pulumiLabels"],
    answer: (ask) => {
      const { id, outputs } = regionally("addresses")(ask);
      return { id, outputs: { ...outputs, address: "10.0.0.10", users: [] } };
    },
  },
  "gcp:compute/forwardingRule:ForwardingRule": {
    required: [],
    optional: names(`
      allPorts allowGlobalAccess allowPscGlobalAccess backendService deletionPolicy description
      ipAddress ipCollection ipProtocol ipVersion isMirroringCollector labels loadBalancingScheme name
      network networkTier noAutomateDnsZone portRange ports project recreateClosedPsc region
      serviceDirectoryRegistrations serviceLabel sourceIpRanges subnetwork target
    `),
    forceNew: names(`
      name ipAddress ipProtocol loadBalancingScheme network subnetwork region ports portRange project
    `),
    autoName: { property: "name", maxLength: 63, separator: "-" },
    secretOutputs: ["effectiveLabels", "pulumiLabels"],
    answer: (ask) => {
      const { id, outputs } = regionally("forwardingRules")(ask);
      return { id, outputs: { ...outputs, pscConnectionId: ask.token, pscConnectionStatus: "ACCEPTED" } };
    },
  },
};
