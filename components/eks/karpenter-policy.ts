/** What Karpenter may do, from its own list for 1.14: machines with its own tags, and reading. Pure. */
import type * as pulumi from "@pulumi/pulumi";
import { clusterArn, partitionOf, type Place } from "./aws-names.ts";
import type { Statement } from "./policy-document.ts";

export interface KarpenterPolicyArgs {
  readonly place: Place;
  readonly queueArn: pulumi.Input<string>;
  readonly nodeRoleArn: pulumi.Input<string>;
  /** Its nodes' profile is ours, so that it needs no right to make some. */
  readonly instanceProfileArn: pulumi.Input<string>;
}

export function karpenterStatements(args: KarpenterPolicyArgs): readonly Statement[] {
  return [...machineStatements(args.place), ...readStatements(args), ...ownStatements(args)];
}

function machineStatements(place: Place): readonly Statement[] {
  const { region, accountId, clusterName } = place;
  const own = (...kinds: readonly string[]) =>
    kinds.map((kind) => `arn:${partitionOf(region)}:ec2:${region}:${accountId}:${kind}/*`);
  const isOurs = { [`aws:ResourceTag/kubernetes.io/cluster/${clusterName}`]: "owned" };
  const becomesOurs = {
    [`aws:RequestTag/kubernetes.io/cluster/${clusterName}`]: "owned",
    "aws:RequestTag/eks:eks-cluster-name": clusterName,
  };
  const ofAPool = { "aws:ResourceTag/karpenter.sh/nodepool": "*" };
  const forAPool = { "aws:RequestTag/karpenter.sh/nodepool": "*" };
  const made = ["fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request"];
  return [
    {
      Sid: "StartFrom",
      Effect: "Allow",
      Action: ["ec2:RunInstances", "ec2:CreateFleet"],
      Resource: [
        // Images and their disks are Amazon's.
        `arn:${partitionOf(region)}:ec2:${region}::image/*`,
        `arn:${partitionOf(region)}:ec2:${region}::snapshot/*`,
        ...own("security-group", "subnet"),
      ],
    },
    {
      Sid: "StartFromOwnTemplates",
      Effect: "Allow",
      Action: ["ec2:RunInstances", "ec2:CreateFleet"],
      Resource: own("launch-template"),
      Condition: { StringEquals: isOurs, StringLike: ofAPool },
    },
    {
      Sid: "StartTagged",
      Effect: "Allow",
      Action: ["ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"],
      Resource: own(...made),
      Condition: { StringEquals: becomesOurs, StringLike: forAPool },
    },
    {
      Sid: "TagWhatItStarts",
      Effect: "Allow",
      Action: "ec2:CreateTags",
      Resource: own(...made),
      Condition: {
        StringEquals: { ...becomesOurs, "ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"] },
        StringLike: forAPool,
      },
    },
    {
      Sid: "NameItsMachines",
      Effect: "Allow",
      Action: "ec2:CreateTags",
      Resource: own("instance"),
      Condition: {
        StringEquals: isOurs,
        StringLike: ofAPool,
        StringEqualsIfExists: { "aws:RequestTag/eks:eks-cluster-name": clusterName },
        "ForAllValues:StringEquals": { "aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"] },
      },
    },
    {
      Sid: "EndItsMachines",
      Effect: "Allow",
      Action: ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"],
      Resource: own("instance", "launch-template"),
      Condition: { StringEquals: isOurs, StringLike: ofAPool },
    },
  ];
}

/** Descriptions and prices have no ARN, so AWS takes `*` only. */
function readStatements({ place, instanceProfileArn }: KarpenterPolicyArgs): readonly Statement[] {
  const { region } = place;
  return [
    {
      Sid: "ReadTheRegion",
      Effect: "Allow",
      Action: [
        "ec2:DescribeCapacityReservations",
        "ec2:DescribeImages",
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstanceTypeOfferings",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribePlacementGroups",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSpotPriceHistory",
        "ec2:DescribeSubnets",
      ],
      Resource: "*",
      Condition: { StringEquals: { "aws:RequestedRegion": region } },
    },
    {
      Sid: "FindAmazonsImages",
      Effect: "Allow",
      Action: "ssm:GetParameter",
      Resource: `arn:${partitionOf(region)}:ssm:${region}::parameter/aws/service/*`,
    },
    { Sid: "ReadPrices", Effect: "Allow", Action: "pricing:GetProducts", Resource: "*" },
    { Sid: "ListProfiles", Effect: "Allow", Action: "iam:ListInstanceProfiles", Resource: "*" },
    { Sid: "ReadTheProfile", Effect: "Allow", Action: "iam:GetInstanceProfile", Resource: instanceProfileArn },
  ];
}

function ownStatements({ place, queueArn, nodeRoleArn }: KarpenterPolicyArgs): readonly Statement[] {
  return [
    { Sid: "ReadTheCluster", Effect: "Allow", Action: "eks:DescribeCluster", Resource: clusterArn(place) },
    {
      Sid: "HearOfInterruptions",
      Effect: "Allow",
      Action: ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
      Resource: queueArn,
    },
    {
      Sid: "GiveNodesTheirRole",
      Effect: "Allow",
      Action: "iam:PassRole",
      Resource: nodeRoleArn,
      Condition: { StringEquals: { "iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"] } },
    },
  ];
}
