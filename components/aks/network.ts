import { NatGateway } from "@pulumi/azure-native/network/natGateway.js";
import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup.js";
import { PublicIPAddress } from "@pulumi/azure-native/network/publicIPAddress.js";
import { Subnet, type SubnetArgs } from "@pulumi/azure-native/network/subnet.js";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork.js";
import * as pulumi from "@pulumi/pulumi";
import { addressPlan } from "./address-plan.ts";
import { placeOf, type Place } from "./place.ts";

const TYPE = "kubeflow:aks:Network";

export interface NetworkArgs extends Place {
  /** Of the whole network; at least /20. */
  readonly networkRange: string;
  /** The address that everything leaves by is in these: in one, or in none in particular. */
  readonly zones: readonly string[];
}

/**
 * A network whose nodes have no public address: they leave through one NAT gateway, and what reaches them from the
 * internet is the dashboard's two ports.
 *
 * ```ts
 * const network = new Network("net", { ...place, networkRange: "10.0.0.0/16", zones: ["1"] });
 * ```
 *
 * Cost: the NAT gateway and what goes through it. Upgrade hazard: another range replaces the network and all in it.
 */
export class Network extends pulumi.ComponentResource {
  readonly network: VirtualNetwork;
  readonly nodes: Subnet;
  readonly endpoints: Subnet;
  /** Of the managed MySQL alone. */
  readonly database: Subnet;
  /** Of the control plane alone. */
  readonly apiServer: Subnet;
  /** What is not told apart by references: everything that runs in the network waits for it. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const plan = addressPlan(args.networkRange);
    this.network = new VirtualNetwork(
      `${name}-vnet`,
      { ...placeOf(args), addressSpace: { addressPrefixes: [args.networkRange] } },
      // Subnets are resources of their own; read back, they would look like a change of the network.
      { parent: this, ignoreChanges: ["subnets"] },
    );
    const gateway = this.createGateway(name, args);
    const firewall = this.createFirewall(name, args);
    // Nothing leaves but through the gateway. Subnets that are a service's own manage that themselves.
    const isPrivate = { defaultOutboundAccess: false };
    // Azure changes one subnet of a network at a time, so each waits for the one before.
    this.nodes = this.createSubnet(name, args, "nodes", [], {
      ...{ addressPrefix: plan.nodes, networkSecurityGroup: { id: firewall.id } },
      ...isPrivate,
      natGateway: { id: gateway.id },
    });
    this.endpoints = this.createSubnet(name, args, "endpoints", [this.nodes], {
      ...{ addressPrefix: plan.endpoints, networkSecurityGroup: { id: firewall.id } },
      ...isPrivate,
      privateEndpointNetworkPolicies: "NetworkSecurityGroupEnabled",
    });
    this.database = this.createSubnet(name, args, "mysql", [this.endpoints], {
      addressPrefix: plan.database,
      delegations: [{ name: "mysql", serviceName: "Microsoft.DBforMySQL/flexibleServers" }],
    });
    this.apiServer = this.createSubnet(name, args, "apiserver", [this.database], {
      addressPrefix: plan.apiServer,
      delegations: [{ name: "aks", serviceName: "Microsoft.ContainerService/managedClusters" }],
    });
    this.ready = [this.nodes, this.endpoints, this.database, this.apiServer];
    this.registerOutputs({});
  }

  private createGateway(name: string, args: NetworkArgs): NatGateway {
    // A gateway of this kind is in one zone at most.
    const zones = args.zones.length === 1 ? { zones: [...args.zones] } : {};
    const address = new PublicIPAddress(
      `${name}-egress`,
      { ...placeOf(args), sku: { name: "Standard" }, publicIPAllocationMethod: "Static", ...zones },
      { parent: this },
    );
    return new NatGateway(
      `${name}-nat`,
      { ...placeOf(args), sku: { name: "Standard" }, publicIpAddresses: [{ id: address.id }], ...zones },
      { parent: this },
    );
  }

  /** What Azure's own rules leave: the network among itself, and its load balancers' probes. */
  private createFirewall(name: string, args: NetworkArgs): NetworkSecurityGroup {
    return new NetworkSecurityGroup(
      `${name}-nsg`,
      {
        ...placeOf(args),
        securityRules: [
          {
            name: "dashboard",
            description: "HTTPS, and HTTP that is redirected to it",
            ...{ priority: 100, direction: "Inbound", access: "Allow", protocol: "Tcp" },
            ...{ sourceAddressPrefix: "Internet", sourcePortRange: "*" },
            ...{ destinationAddressPrefix: "*", destinationPortRanges: ["80", "443"] },
          },
        ],
      },
      { parent: this },
    );
  }

  private createSubnet(
    name: string,
    args: NetworkArgs,
    role: string,
    after: readonly Subnet[],
    rest: Omit<SubnetArgs, "resourceGroupName" | "virtualNetworkName">,
  ): Subnet {
    return new Subnet(
      `${name}-${role}`,
      {
        resourceGroupName: args.resourceGroupName,
        virtualNetworkName: this.network.name,
        subnetName: role,
        ...rest,
      },
      { parent: this, dependsOn: [...after] },
    );
  }
}
