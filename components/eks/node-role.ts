import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import * as pulumi from "@pulumi/pulumi";
import { arnOf, managedPolicyArn, type Place } from "./aws-names.ts";
import { policyDocument, trustOf } from "./policy-document.ts";

const TYPE = "kubeflow:eks:NodeRole";

export interface NodeRoleArgs {
  readonly place: Place;
}

/**
 * What nodes are to AWS: they join the cluster and pull images, no more. Pods have roles of their own.
 *
 * ```ts
 * const role = new NodeRole("nodes", { place }, { parent: this });
 * ```
 */
export class NodeRole extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /** Without these a node cannot join, or leave. */
  readonly policies: readonly pulumi.Resource[];

  constructor(name: string, { place }: NodeRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const role = new Role(name, { assumeRolePolicy: trustOf("ec2.amazonaws.com") }, { parent: this });
    const kept = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"].map(
      (policy) =>
        new RolePolicyAttachment(
          `${name}-${policy}`,
          { role: role.name, policyArn: managedPolicyArn(place, policy) },
          { parent: this },
        ),
    );
    const mirror = new RolePolicy(
      `${name}-mirror`,
      {
        role: role.name,
        policy: policyDocument([
          {
            // The first pull of a mirrored image makes its repository.
            Sid: "MakeMirroredRepositories",
            Effect: "Allow",
            Action: ["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"],
            Resource: arnOf(place, "ecr", `repository/${place.clusterName}/*`),
          },
        ]),
      },
      { parent: this },
    );
    this.name = role.name;
    this.arn = role.arn;
    this.policies = [...kept, mirror];
    this.registerOutputs({});
  }
}
