import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { AccessEntry } from "@pulumi/aws/eks/accessEntry.js";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation.js";
import { Cluster as AwsCluster } from "@pulumi/aws/eks/cluster.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import * as pulumi from "@pulumi/pulumi";
import { protectionOf } from "../shared/protection.ts";
import { managedPolicyArn, partitionOf } from "./aws-names.ts";
import { policyDocument } from "./policy-document.ts";
import type { EksSettings } from "./settings.ts";
import { serviceRange } from "./subnets.ts";

const TYPE = "kubeflow:eks:Cluster";

export interface ClusterArgs {
  readonly settings: Pick<
    EksSettings,
    "clusterName" | "region" | "authorizedNetworks" | "protection" | "deployerArn" | "adminArns" | "logRetentionDays"
  >;
  /** `1.35` */
  readonly version: string;
  /** Of two zones at least, for the control plane's interfaces. */
  readonly subnetIds: readonly pulumi.Output<string>[];
  readonly keyArn: pulumi.Output<string>;
  /** What the control plane's interfaces need to the end: the routes of their subnets. */
  readonly dependsOn: readonly pulumi.Resource[];
}

const logTypes = ["api", "audit", "authenticator", "controllerManager", "scheduler"] as const;

/**
 * An EKS control plane: private unless networks are authorized, Secrets encrypted with the cluster's own key, every log
 * kept, and access by IAM alone.
 *
 * ```ts
 * const cluster = new Cluster("eks", { settings, version: "1.35", subnetIds, keyArn, dependsOn: [...network.egress] });
 * ```
 *
 * Costs 73 USD a month, and logs. Upgrade hazard: EKS goes one minor version at a time, and never back.
 */
export class Cluster extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly endpoint: pulumi.Output<string>;
  readonly certificateAuthority: pulumi.Output<string>;
  /** Of the service accounts' tokens. */
  readonly tokenIssuer: pulumi.Output<string>;
  /** The group that EKS puts the control plane's interfaces and every node in. */
  readonly securityGroupId: pulumi.Output<string>;
  /** Kubernetes lets nobody in before these. */
  readonly access: readonly pulumi.Resource[];

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { clusterName, region, authorizedNetworks, protection, logRetentionDays } = args.settings;
    const { role, policies } = this.createRole(name, region);
    // Made here with an end to it: the one that EKS makes by itself keeps logs for ever, and outlives the cluster.
    const logs = new LogGroup(
      name,
      { name: `/aws/eks/${clusterName}/cluster`, retentionInDays: logRetentionDays, kmsKeyId: args.keyArn },
      { parent: this },
    );
    const isPublic = authorizedNetworks.length > 0;
    const cluster = new AwsCluster(
      name,
      {
        // Fixed, since the log group has to carry it before there is a cluster.
        name: clusterName,
        version: args.version,
        roleArn: role.arn,
        upgradePolicy: { supportType: "STANDARD" },
        accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
        bootstrapSelfManagedAddons: false,
        vpcConfig: {
          subnetIds: [...args.subnetIds],
          endpointPrivateAccess: true,
          endpointPublicAccess: isPublic,
          ...(isPublic ? { publicAccessCidrs: [...authorizedNetworks] } : {}),
        },
        kubernetesNetworkConfig: { ipFamily: "ipv4", serviceIpv4Cidr: serviceRange },
        encryptionConfig: { provider: { keyArn: args.keyArn }, resources: ["secrets"] },
        enabledClusterLogTypes: [...logTypes],
        deletionProtection: protectionOf(protection).deletion,
      },
      // Without its policies EKS could not take away its network interfaces, which would keep the network alive.
      { parent: this, dependsOn: [...policies, logs, ...args.dependsOn] },
    );
    this.name = cluster.name;
    this.arn = cluster.arn;
    this.endpoint = cluster.endpoint;
    this.certificateAuthority = cluster.certificateAuthority.data;
    // EKS always has one; a list of the SDK may be empty.
    this.tokenIssuer = cluster.identities.apply(([identity]) => identity?.oidcs[0]?.issuer ?? "");
    // EKS always has one; the SDK's type is that of what may be asked for, too.
    this.securityGroupId = cluster.vpcConfig.apply(({ clusterSecurityGroupId }) => clusterSecurityGroupId);
    this.access = this.createAccess(name, args.settings, cluster);
    this.registerOutputs({});
  }

  private createRole(name: string, region: string) {
    const role = new Role(
      name,
      {
        assumeRolePolicy: policyDocument([
          {
            Sid: "Eks",
            Effect: "Allow",
            Principal: { Service: "eks.amazonaws.com" },
            Action: ["sts:AssumeRole", "sts:TagSession"],
          },
        ]),
      },
      { parent: this },
    );
    const policy = new RolePolicyAttachment(
      name,
      { role: role.name, policyArn: managedPolicyArn({ region }, "AmazonEKSClusterPolicy") },
      { parent: this },
    );
    return { role, policies: [policy] };
  }

  private createAccess(
    name: string,
    { region, deployerArn, adminArns }: ClusterArgs["settings"],
    cluster: AwsCluster,
  ): readonly pulumi.Resource[] {
    return [deployerArn, ...adminArns].map((principalArn) => {
      const key = `${name}-${principalArn === deployerArn ? "deployer" : principalArn.replace(/^.*?:(?=role|user)/, "")}`;
      const entry = new AccessEntry(key, { clusterName: cluster.name, principalArn }, { parent: this });
      return new AccessPolicyAssociation(
        key,
        {
          clusterName: cluster.name,
          principalArn: entry.principalArn,
          policyArn: `arn:${partitionOf(region)}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`,
          accessScope: { type: "cluster" },
        },
        { parent: this },
      );
    });
  }
}
