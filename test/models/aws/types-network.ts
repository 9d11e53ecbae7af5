/** Networks, names and certificates, as calls. */
import { isMap, type PropertyMap, type Value } from "../../../engine/values.ts";
import type { CloudResource } from "../recorded-stack.ts";
import { isList, type AwsType } from "./translate.ts";

const idOf = ({ outputs }: CloudResource): Value => outputs["id"] ?? null;

const mapsOf = (value: Value | undefined): readonly PropertyMap[] => (isList(value) ? value.filter(isMap) : []);

/** EC2 takes one attribute at a time, each as `{Value}`. */
function attributes(id: string) {
  return (inputs: PropertyMap, resource: CloudResource): readonly PropertyMap[] =>
    Object.entries(inputs).map(([key, value]) => ({ [id]: idOf(resource), [key]: { value } }));
}

const permission = ({
  securityGroupId,
  referencedSecurityGroupId,
  cidrIpv4,
  tagSpecifications,
  ...rest
}: PropertyMap) => ({
  groupId: securityGroupId ?? null,
  ...(tagSpecifications === undefined ? {} : { tagSpecifications }),
  ipPermissions: [
    {
      ...rest,
      ...(referencedSecurityGroupId === undefined
        ? {}
        : { userIdGroupPairs: [{ groupId: referencedSecurityGroupId }] }),
      ...(cidrIpv4 === undefined ? {} : { ipRanges: [{ cidrIp: cidrIpv4 }] }),
    },
  ],
});

export const networkTypes: Readonly<Record<string, AwsType>> = {
  "aws:ec2/vpc:Vpc": {
    calls: [
      { operation: "ec2.CreateVpc", tagged: "vpc" },
      {
        operation: "ec2.ModifyVpcAttribute",
        takes: ["enableDnsHostnames", "enableDnsSupport"],
        reshape: attributes("vpcId"),
      },
    ],
  },
  "aws:ec2/subnet:Subnet": {
    calls: [
      { operation: "ec2.CreateSubnet", tagged: "subnet" },
      {
        operation: "ec2.ModifySubnetAttribute",
        takes: ["mapPublicIpOnLaunch"],
        reshape: attributes("subnetId"),
      },
    ],
  },
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
    calls: [
      // It is there with the VPC: it is found, and loses its rules.
      {
        operation: "ec2.DescribeSecurityGroups",
        reshape: ({ vpcId, ...rest }) => ({ ...rest, filters: [{ name: "vpc-id", values: [vpcId ?? null] }] }),
      },
      {
        operation: "ec2.CreateTags",
        takes: ["tags"],
        reshape: (tags, resource) => ({ ...tags, resources: [idOf(resource)] }),
      },
      { operation: "ec2.RevokeSecurityGroupIngress", takes: ["ingress"], reshape: revoked("ingress") },
      { operation: "ec2.RevokeSecurityGroupEgress", takes: ["egress"], reshape: revoked("egress") },
    ],
  },
  "aws:ec2/eip:Eip": { calls: [{ operation: "ec2.AllocateAddress", tagged: "elastic-ip" }] },
  "aws:ec2/internetGateway:InternetGateway": {
    calls: [
      { operation: "ec2.CreateInternetGateway", tagged: "internet-gateway" },
      {
        operation: "ec2.AttachInternetGateway",
        takes: ["vpcId"],
        reshape: (inputs, resource) => ({ ...inputs, internetGatewayId: idOf(resource) }),
      },
    ],
  },
  "aws:ec2/natGateway:NatGateway": { calls: [{ operation: "ec2.CreateNatGateway", tagged: "natgateway" }] },
  "aws:ec2/routeTable:RouteTable": {
    calls: [
      { operation: "ec2.CreateRouteTable", tagged: "route-table" },
      {
        operation: "ec2.CreateRoute",
        takes: ["routes"],
        renames: { "routes.cidrBlock": "destinationCidrBlock" },
        reshape: ({ routes }, resource) => mapsOf(routes).map((route) => ({ ...route, routeTableId: idOf(resource) })),
      },
    ],
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": { calls: [{ operation: "ec2.AssociateRouteTable" }] },
  "aws:ec2/securityGroup:SecurityGroup": {
    calls: [{ operation: "ec2.CreateSecurityGroup", tagged: "security-group", renames: { name: "groupName" } }],
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    calls: [{ operation: "ec2.AuthorizeSecurityGroupIngress", tagged: "security-group-rule", reshape: permission }],
  },
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
    calls: [{ operation: "ec2.AuthorizeSecurityGroupEgress", tagged: "security-group-rule", reshape: permission }],
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": { calls: [{ operation: "ec2.CreateVpcEndpoint", tagged: "vpc-endpoint" }] },
  "aws:ec2/flowLog:FlowLog": {
    calls: [
      {
        operation: "ec2.CreateFlowLogs",
        tagged: "vpc-flow-log",
        renames: { iamRoleArn: "deliverLogsPermissionArn", vpcId: "resourceIds" },
        reshape: (inputs) => ({ ...inputs, resourceType: "VPC" }),
      },
    ],
  },
  "aws:route53/zone:Zone": {
    calls: [
      {
        operation: "route53.CreateHostedZone",
        reshape: ({ comment, ...rest }) => ({
          ...rest,
          callerReference: "made-by-the-provider",
          ...(comment === undefined ? {} : { hostedZoneConfig: { comment } }),
        }),
      },
      {
        operation: "route53.ChangeTagsForResource",
        takes: ["tags"],
        renames: { tags: "addTags" },
        reshape: (tags, resource) => ({ ...tags, resourceType: "hostedzone", resourceId: idOf(resource) }),
      },
    ],
    dropped: { forceDestroy: "the provider's own: it deletes the records of a zone before the zone" },
  },
  "aws:route53/record:Record": {
    calls: [
      {
        operation: "route53.ChangeResourceRecordSets",
        reshape: ({ zoneId, records, ...set }) => {
          const resourceRecords = isList(records) ? records.map((value) => ({ value })) : [];
          const changes = [{ action: "CREATE", resourceRecordSet: { ...set, resourceRecords } }];
          return { hostedZoneId: zoneId ?? null, changeBatch: { changes } };
        },
      },
    ],
  },
  "aws:acm/certificate:Certificate": { calls: [{ operation: "acm.RequestCertificate" }] },
};

/** A call for each rule; ours has none. */
function revoked(direction: string) {
  return (inputs: PropertyMap, resource: CloudResource): readonly PropertyMap[] =>
    mapsOf(inputs[direction]).map((rule) => ({ groupId: idOf(resource), ipPermissions: [rule] }));
}
