import { unknown, type Properties } from "../../../policy/values.ts";
import { kept, labels, resource } from "./resource.ts";

const bucketUrn = "urn:pulumi:gcp-prod::kubeflow::aws:s3/bucket:Bucket::s3";
const ofBucket = { propertyDependencies: { bucket: [bucketUrn] } };
const policy = (statement: Properties): string => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });

export const aws = {
  eks: resource("aws:eks/cluster:Cluster", "eks", {
    tags: labels,
    vpcConfig: { endpointPublicAccess: true, publicAccessCidrs: ["192.0.2.0/24"] },
    encryptionConfig: { provider: { keyArn: unknown }, resources: ["secrets"] },
  }),
  subnet: resource("aws:ec2/subnet:Subnet", "subnet", { tags: labels, mapPublicIpOnLaunch: false }),
  publicSubnet: resource("aws:ec2/subnet:Subnet", "publicSubnet", { tags: labels, mapPublicIpOnLaunch: true }),
  template: resource("aws:ec2/launchTemplate:LaunchTemplate", "template", {
    tags: labels,
    networkInterfaces: [{ associatePublicIpAddress: "false" }],
    blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: "true" } }, { virtualName: "ephemeral0" }],
  }),
  nodeGroup: resource(
    "aws:eks/nodeGroup:NodeGroup",
    "nodeGroup",
    {
      tags: labels,
      subnetIds: unknown,
      amiType: "AL2023_x86_64_NVIDIA",
      instanceTypes: ["p5.48xlarge"],
      scalingConfig: { minSize: 0, desiredSize: 0, maxSize: 2 },
      taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" }],
      launchTemplate: { id: unknown, version: unknown },
    },
    { propertyDependencies: { subnetIds: ["urn:pulumi:gcp-prod::kubeflow::aws:ec2/subnet:Subnet::subnet"] } },
  ),
  s3: resource(
    "aws:s3/bucket:Bucket",
    "s3",
    {},
    { ...kept, provider: { defaultTags: JSON.stringify({ tags: labels }) } },
  ),
  s3Block: resource(
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "s3Block",
    {
      bucket: unknown,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    ofBucket,
  ),
  s3Encryption: resource(
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "s3Encryption",
    {
      bucket: unknown,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: unknown } }],
    },
    ofBucket,
  ),
  s3Acl: resource("aws:s3/bucketAcl:BucketAcl", "s3Acl", { acl: "private" }),
  s3Policy: resource("aws:s3/bucketPolicy:BucketPolicy", "s3Policy", {
    policy: policy({
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: "*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    }),
  }),
  rds: resource(
    "aws:rds/instance:Instance",
    "rds",
    { tags: labels, storageEncrypted: true, kmsKeyId: unknown, deletionProtection: true, publiclyAccessible: false },
    kept,
  ),
  efs: resource("aws:efs/fileSystem:FileSystem", "efs", { tags: labels, encrypted: true }),
  awsKey: resource(
    "aws:kms/key:Key",
    "awsKey",
    {
      tags: labels,
      policy: policy({
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::111122223333:root" },
        Action: "kms:*",
        Resource: "*",
      }),
    },
    kept,
  ),
  awsZone: resource("aws:route53/zone:Zone", "awsZone", { tags: labels }, kept),
  awsPrivateZone: resource("aws:route53/zone:Zone", "awsPrivateZone", { tags: labels, vpcs: [{ vpcId: unknown }] }),
  role: resource("aws:iam/role:Role", "role", {
    tags: labels,
    assumeRolePolicy: policy({
      Effect: "Allow",
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
    }),
    inlinePolicies: [
      { name: "read", policy: policy({ Effect: "Allow", Action: "ec2:DescribeSubnets", Resource: "*" }) },
    ],
    managedPolicyArns: [],
  }),
  awsPolicy: resource("aws:iam/policy:Policy", "awsPolicy", {
    policy: policy({ Sid: "Read", Effect: "Allow", Action: ["s3:GetObject"], Resource: "arn:aws:s3:::artifacts/*" }),
  }),
  attachment: resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "attachment", {
    role: unknown,
    policyArn: "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
  }),
};
