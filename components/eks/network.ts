import { DefaultSecurityGroup } from "@pulumi/aws/ec2/defaultSecurityGroup.js";
import { Eip } from "@pulumi/aws/ec2/eip.js";
import { InternetGateway } from "@pulumi/aws/ec2/internetGateway.js";
import { NatGateway } from "@pulumi/aws/ec2/natGateway.js";
import { RouteTable } from "@pulumi/aws/ec2/routeTable.js";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import * as pulumi from "@pulumi/pulumi";
import type { EksSettings } from "./settings.ts";
import { divide, type ZoneSubnets } from "./subnets.ts";

const TYPE = "kubeflow:eks:Network";

export interface NetworkArgs {
  readonly clusterName: string;
  readonly networkRange: string;
  readonly zones: readonly string[];
  readonly natGateways: EksSettings["natGateways"];
}

type Role = Exclude<keyof ZoneSubnets, "zone">;

/**
 * A VPC with four subnets per zone: public ones for load balancers and NAT, private ones for nodes and pods, and two
 * without a way out, for the control plane's interfaces and for databases.
 *
 * ```ts
 * const network = new Network("net", { clusterName, networkRange: "10.0.0.0/16", zones, natGateways: "one" });
 * new NodeGroup("nodes", { subnetIds: network.subnetIds("private") }, { dependsOn: [...network.egress] });
 * ```
 *
 * Costs about 33 USD a month per NAT gateway, and what goes through it. Upgrade hazard: other zones or another range
 * replace subnets.
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly routeTableIds: readonly pulumi.Output<string>[];
  /** Nodes need these to the end: without a route no node says goodbye, and what is in the network keeps it alive. */
  readonly egress: readonly pulumi.Resource[];
  private readonly subnets: ReadonlyMap<string, Subnet>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { clusterName, networkRange, zones } = args;
    const tags = { Name: clusterName };
    const vpc = new Vpc(
      name,
      { cidrBlock: networkRange, enableDnsHostnames: true, enableDnsSupport: true, tags },
      { parent: this },
    );
    // Without rules nothing that is put there by mistake reaches anything.
    new DefaultSecurityGroup(`${name}-default`, { vpcId: vpc.id, ingress: [], egress: [] }, { parent: this });
    const gateway = new InternetGateway(name, { vpcId: vpc.id, tags }, { parent: this });
    this.vpcId = vpc.id;
    this.subnets = new Map(
      divide(networkRange, zones).flatMap((ranges) =>
        subnetRoles.map(
          (role) => [`${role} ${ranges.zone}`, this.createSubnet(name, args, vpc, role, ranges)] as const,
        ),
      ),
    );

    const table = (
      suffix: string,
      route: { gatewayId?: pulumi.Output<string>; natGatewayId?: pulumi.Output<string> },
    ) =>
      new RouteTable(
        `${name}-${suffix}`,
        {
          vpcId: vpc.id,
          routes: suffix === "isolated" ? [] : [{ cidrBlock: "0.0.0.0/0", ...route }],
          tags: { Name: `${clusterName}-${suffix}` },
        },
        { parent: this },
      );
    const isolated = table("isolated", {});
    const outside = table("public", { gatewayId: gateway.id });
    const gateways = zones
      .slice(0, args.natGateways === "one" ? 1 : zones.length)
      .map((zone) => this.createNat(name, clusterName, zone, gateway));
    const nat = (index: number) => gateways[Math.min(index, gateways.length - 1)];
    const inside = zones.map((zone, index) => {
      const natGatewayId = nat(index)?.id;
      return table(`private-${zone}`, natGatewayId === undefined ? {} : { natGatewayId });
    });
    const associations = zones.flatMap((zone, index) => [
      this.associate(name, "public", zone, outside),
      this.associate(name, "private", zone, inside[index] ?? isolated),
      this.associate(name, "intra", zone, isolated),
      this.associate(name, "database", zone, isolated),
    ]);
    this.routeTableIds = [isolated, outside, ...inside].map(({ id }) => id);
    this.egress = [gateway, ...gateways, ...associations];
    this.registerOutputs({});
  }

  /** Of one role, in the zones if some are given. */
  subnetIds(role: Role, zones?: readonly string[]): pulumi.Output<string>[] {
    return [...this.subnets]
      .filter(([key]) => key.startsWith(`${role} `) && (zones?.includes(key.slice(role.length + 1)) ?? true))
      .map(([, { id }]) => id);
  }

  private createSubnet(name: string, { clusterName }: NetworkArgs, vpc: Vpc, role: Role, ranges: ZoneSubnets): Subnet {
    const { zone } = ranges;
    return new Subnet(
      `${name}-${role}-${zone}`,
      {
        vpcId: vpc.id,
        availabilityZone: zone,
        cidrBlock: ranges[role],
        // Nothing gets a public address but load balancers and NAT, which ask for theirs.
        mapPublicIpOnLaunch: false,
        tags: { Name: `${clusterName}-${role}-${zone}`, ...subnetTags(role) },
      },
      { parent: this },
    );
  }

  private createNat(name: string, clusterName: string, zone: string, gateway: InternetGateway): NatGateway {
    const tags = { Name: `${clusterName}-${zone}` };
    const [subnetId] = this.subnetIds("public", [zone]);
    const address = new Eip(`${name}-nat-${zone}`, { domain: "vpc", tags }, { parent: this });
    return new NatGateway(
      `${name}-${zone}`,
      { allocationId: address.id, ...(subnetId === undefined ? {} : { subnetId }), tags },
      // AWS wants the way out of the network first, and refuses to take it away under an address in use.
      { parent: this, dependsOn: [gateway] },
    );
  }

  private associate(name: string, role: Role, zone: string, table: RouteTable): RouteTableAssociation {
    const [subnetId] = this.subnetIds(role, [zone]);
    return new RouteTableAssociation(
      `${name}-${role}-${zone}`,
      { routeTableId: table.id, ...(subnetId === undefined ? {} : { subnetId }) },
      { parent: this },
    );
  }
}

const subnetRoles = ["public", "private", "intra", "database"] as const satisfies readonly Role[];

/** What Kubernetes' load balancers look for. */
function subnetTags(role: Role): Readonly<Record<string, string>> {
  if (role === "public") return { "kubernetes.io/role/elb": "1" };
  return role === "private" ? { "kubernetes.io/role/internal-elb": "1" } : {};
}
