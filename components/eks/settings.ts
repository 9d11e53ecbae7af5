/** What a stack says of its EKS cluster. Pure. */
import { z } from "zod";
import { cloudSettings } from "../shared/cloud-settings.ts";

const principal = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/.+$/, "the ARN of an IAM role or user");

/** CloudWatch keeps logs for one of these numbers of days. */
const logRetentionDays = [7, 14, 30, 60, 90, 120, 180, 365, 400, 545, 731, 1096, 1827, 3653] as const;

export const eksSettings = z.strictObject({
  ...cloudSettings,
  accountId: z
    .string()
    .regex(/^\d{12}$/, "12 digits")
    .describe("The account; the provider refuses any other"),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "a region such as eu-central-1")
    .describe("The region"),
  zones: z
    .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "a zone such as eu-central-1a"))
    .min(2)
    .max(3)
    .describe("Two or three zones of the region"),
  deployerArn: principal.describe(
    "IAM role or user that runs this program: it becomes an administrator of the cluster, since who creates a cluster is none by itself",
  ),
  adminArns: z.array(principal).default([]).describe("Further IAM roles or users that administer the cluster"),
  natGateways: z
    .enum(["one", "per-zone"])
    .default("one")
    .describe("`one`: cheap, and without it no zone reaches the internet; `per-zone`: each zone has its own"),
  privateEndpoints: z
    .boolean()
    .default(true)
    .describe(
      "Whether nodes reach the AWS APIs inside the network (an hourly price per API and zone) instead of through NAT",
    ),
  sharedStorage: z
    .boolean()
    .default(true)
    .describe("Whether there is an EFS file system for volumes that many nodes write to"),
  amiVersion: z
    .string()
    .regex(/^v\d{8}$/, "a release of the EKS images such as v20260714")
    // https://github.com/awslabs/amazon-eks-ami/releases; its list for Kubernetes 1.35 has the NVIDIA image too.
    .default("v20260714")
    .describe("Release of the Amazon Linux 2023 image that Karpenter's nodes start from"),
  addonVersions: z
    .partialRecord(
      z.enum([
        "vpc-cni",
        "eks-pod-identity-agent",
        "kube-proxy",
        "coredns",
        "aws-ebs-csi-driver",
        "aws-efs-csi-driver",
      ]),
      z.string().regex(/^v\d+\.\d+\.\d+-eksbuild\.\d+$/, "a version such as v1.20.4-eksbuild.2"),
    )
    .default({})
    .describe("Versions of the cluster's add-ons; AWS's default for the Kubernetes version when not set"),
  databaseVersion: z
    .enum(["8.0", "8.4"])
    .default("8.0")
    .describe(
      "Of MySQL. Kubeflow's ML Metadata needs 8.0's native passwords at the start of a connection; AWS bills 8.0 as extended support. 8.4 is for a Kubeflow without ML Metadata",
    ),
  logRetentionDays: z
    .literal([...logRetentionDays])
    .default(90)
    .describe("Days that the logs of control plane and network are kept"),
  loginGroups: z
    .array(z.string().regex(/^[\w-]{1,128}$/, "1 to 128 letters, digits, - and _"))
    .min(1)
    .default(["kubeflow-admins", "kubeflow-users"])
    .describe("Groups in the pool of users"),
  requireMfa: z.boolean().default(true).describe("Whether users need a second factor to log in"),
  pullThroughCredentials: z
    .partialRecord(
      z.enum(["docker.io", "ghcr.io"]),
      z
        .string()
        .regex(
          /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:ecr-pullthroughcache\/.+$/,
          "the ARN of a secret in Secrets Manager whose name begins with ecr-pullthroughcache/",
        ),
    )
    .default({})
    .describe("By registry: the secret with the user name and access token that ECR mirrors it with"),
});

export type EksSettings = Readonly<z.infer<typeof eksSettings>>;
