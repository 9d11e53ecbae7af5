import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceAccountRef } from "../contracts/workload-identity.ts";
import { clusterArn, managedPolicyArn, type Place } from "./aws-names.ts";
import { policyDocument, type Statement } from "./policy-document.ts";

const ROLE_TYPE = "kubeflow:eks:PodRole";
const TYPE = "kubeflow:eks:PodIdentity";

export interface PodRoleArgs {
  readonly place: Place;
  /** Whose pods the role is for, and nobody else's. */
  readonly serviceAccount: ServiceAccountRef;
  /** What they may do. */
  readonly statements?: readonly Statement[];
  /** Policies that AWS keeps for its own add-ons, e.g. `AmazonEKS_CNI_Policy`. */
  readonly managedPolicies?: readonly string[];
}

/**
 * A role for the pods of one service account of one cluster, by EKS Pod Identity. An add-on names it itself; see
 * `PodIdentity` for all else.
 *
 * ```ts
 * const { arn } = new PodRole("cni", { place, serviceAccount, managedPolicies: ["AmazonEKS_CNI_Policy"] });
 * ```
 */
export class PodRole extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  /** Without these the role may do nothing. */
  readonly policies: readonly pulumi.Resource[];

  constructor(name: string, args: PodRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super(ROLE_TYPE, name, {}, opts);
    const { place, serviceAccount, statements = [], managedPolicies = [] } = args;
    const role = new Role(
      name,
      {
        description: `Pods of ${serviceAccount.namespace}/${serviceAccount.name} in ${place.clusterName}`,
        assumeRolePolicy: policyDocument([podTrust(place, serviceAccount)]),
      },
      { parent: this },
    );
    const own =
      statements.length === 0
        ? []
        : [new RolePolicy(name, { role: role.name, policy: policyDocument(statements) }, { parent: this })];
    const kept = managedPolicies.map(
      (policy) =>
        new RolePolicyAttachment(
          `${name}-${policy.replace(/^.*\//, "")}`,
          { role: role.name, policyArn: managedPolicyArn(place, policy) },
          { parent: this },
        ),
    );
    this.arn = role.arn;
    this.policies = [...own, ...kept];
    this.registerOutputs({});
  }
}

/**
 * Lets the pods of one service account take on a role of their own.
 *
 * ```ts
 * const identity = new PodIdentity("dns", { place, clusterName: cluster.name, serviceAccount, statements });
 * new Release("external-dns", args, { dependsOn: [...identity.ready] });
 * ```
 *
 * Pods get it at their start: those that run already do not.
 */
export class PodIdentity extends pulumi.ComponentResource {
  /** What pods of the service account wait for. */
  readonly ready: readonly pulumi.Resource[];

  constructor(
    name: string,
    args: PodRoleArgs & { readonly clusterName: pulumi.Input<string> },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(TYPE, name, {}, opts);
    const role = new PodRole(name, args, { parent: this });
    const { namespace, name: serviceAccount } = args.serviceAccount;
    const association = new PodIdentityAssociation(
      name,
      { clusterName: args.clusterName, namespace, serviceAccount, roleArn: role.arn },
      { parent: this },
    );
    this.ready = [...role.policies, association];
    this.registerOutputs({});
  }
}

/** Only EKS takes on the role, and only for this service account of this cluster. */
function podTrust(place: Place, { namespace, name }: ServiceAccountRef): Statement {
  return {
    Sid: "OneServiceAccount",
    Effect: "Allow",
    Principal: { Service: "pods.eks.amazonaws.com" },
    Action: ["sts:AssumeRole", "sts:TagSession"],
    Condition: {
      StringEquals: {
        "aws:SourceAccount": place.accountId,
        "aws:RequestTag/eks-cluster-arn": clusterArn(place),
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": name,
      },
    },
  };
}
