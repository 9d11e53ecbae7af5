import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import * as pulumi from "@pulumi/pulumi";
import { dnsSuffixOf } from "./aws-names.ts";
import type { Network } from "./network.ts";

const TYPE = "kubeflow:eks:PrivateEndpoints";

export interface PrivateEndpointsArgs {
  readonly network: Network;
  readonly networkRange: string;
  readonly region: string;
  /** Whether APIs other than S3's are reached inside the network too; S3's costs nothing. */
  readonly interfaces: boolean;
}

/** What nodes, Karpenter and the add-ons call. */
const services = [
  "autoscaling",
  "ec2",
  "ecr.api",
  "ecr.dkr",
  "eks",
  "eks-auth",
  "elasticloadbalancing",
  "logs",
  "sqs",
  "ssm",
  "sts",
] as const;

/**
 * Ways to the AWS APIs that stay inside the network.
 *
 * ```ts
 * new PrivateEndpoints("endpoints", { network, networkRange, region, interfaces: true }, { parent: this });
 * ```
 *
 * Costs about 7 USD a month per API and zone with `interfaces`, nothing without.
 */
export class PrivateEndpoints extends pulumi.ComponentResource {
  /** Nodes need these to the end. */
  readonly endpoints: readonly pulumi.Resource[];

  constructor(name: string, args: PrivateEndpointsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { network, region } = args;
    const prefix = region.startsWith("cn-") ? "cn.com.amazonaws" : "com.amazonaws";
    const storage = new VpcEndpoint(
      `${name}-s3`,
      {
        vpcId: network.vpcId,
        serviceName: `com.amazonaws.${region}.s3`,
        vpcEndpointType: "Gateway",
        routeTableIds: [...network.routeTableIds],
        tags: { Name: "s3" },
      },
      { parent: this },
    );
    if (!args.interfaces) {
      this.endpoints = [storage];
      this.registerOutputs({});
      return;
    }
    const access = new SecurityGroup(
      name,
      { vpcId: network.vpcId, description: `HTTPS to the ${dnsSuffixOf(region)} endpoints of the network` },
      { parent: this },
    );
    const rule = new SecurityGroupIngressRule(
      `${name}-https`,
      { securityGroupId: access.id, cidrIpv4: args.networkRange, ipProtocol: "tcp", fromPort: 443, toPort: 443 },
      { parent: this },
    );
    const interfaces = services.map(
      (service) =>
        new VpcEndpoint(
          `${name}-${service}`,
          {
            vpcId: network.vpcId,
            serviceName: `${prefix}.${region}.${service}`,
            vpcEndpointType: "Interface",
            privateDnsEnabled: true,
            subnetIds: network.subnetIds("private"),
            securityGroupIds: [access.id],
            tags: { Name: service },
          },
          { parent: this },
        ),
    );
    this.endpoints = [storage, rule, ...interfaces];
    this.registerOutputs({});
  }
}
