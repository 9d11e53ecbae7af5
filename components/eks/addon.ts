import { Addon as AwsAddon } from "@pulumi/aws/eks/addon.js";
import * as pulumi from "@pulumi/pulumi";
import type { Place } from "./aws-names.ts";
import { PodRole } from "./pod-identity.ts";
import type { EksSettings } from "./settings.ts";

const TYPE = "kubeflow:eks:Addon";

export type AddonName = keyof typeof identities;

export interface AddonArgs {
  readonly addon: AddonName;
  readonly place: Place;
  readonly clusterName: pulumi.Input<string>;
  readonly versions: EksSettings["addonVersions"];
  /** What the add-on waits for: nodes, for those whose pods have to run before it counts as installed. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The service account whose pods call AWS, and the policy that AWS keeps for it. */
const identities = {
  "vpc-cni": { serviceAccount: "aws-node", policy: "AmazonEKS_CNI_Policy" },
  "eks-pod-identity-agent": undefined,
  "kube-proxy": undefined,
  coredns: undefined,
  "aws-ebs-csi-driver": { serviceAccount: "ebs-csi-controller-sa", policy: "service-role/AmazonEBSCSIDriverPolicy" },
  "aws-efs-csi-driver": { serviceAccount: "efs-csi-controller-sa", policy: "service-role/AmazonEFSCSIDriverPolicy" },
} as const;

const configurations: Partial<Record<AddonName, object>> = {
  // Whole prefixes per interface, or small nodes run out of addresses long before they run out of CPU.
  "vpc-cni": { enableNetworkPolicy: "true", env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" } },
};

/**
 * An add-on that EKS installs and keeps, with a role of its own where it calls AWS.
 *
 * ```ts
 * new Addon("cni", { addon: "vpc-cni", place, clusterName: cluster.name, versions: {}, dependsOn: [] });
 * ```
 */
export class Addon extends pulumi.ComponentResource {
  readonly resource: pulumi.Resource;

  constructor(name: string, args: AddonArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { addon, place } = args;
    const identity = identities[addon];
    const role =
      identity === undefined
        ? undefined
        : new PodRole(
            name,
            {
              place,
              serviceAccount: { namespace: "kube-system", name: identity.serviceAccount },
              managedPolicies: [identity.policy],
            },
            { parent: this },
          );
    const version = args.versions[addon];
    const configuration = configurations[addon];
    this.resource = new AwsAddon(
      name,
      {
        clusterName: args.clusterName,
        addonName: addon,
        // What is ours to say is said here; all else in the add-on's objects is EKS's.
        resolveConflictsOnCreate: "OVERWRITE",
        resolveConflictsOnUpdate: "OVERWRITE",
        ...(version === undefined ? {} : { addonVersion: version }),
        ...(configuration === undefined ? {} : { configurationValues: JSON.stringify(configuration) }),
        ...(role === undefined || identity === undefined
          ? {}
          : { podIdentityAssociations: [{ serviceAccount: identity.serviceAccount, roleArn: role.arn }] }),
      },
      // The role's policies outlive the add-on: it gives back addresses and disks when it goes.
      { parent: this, dependsOn: [...(role?.policies ?? []), ...args.dependsOn] },
    );
    this.registerOutputs({});
  }
}
