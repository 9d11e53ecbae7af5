import { IAMMember } from "@pulumi/gcp/projects/iammember.js";
import { Account } from "@pulumi/gcp/serviceaccount/account.js";
import * as pulumi from "@pulumi/pulumi";

const TYPE = "kubeflow:gke:GkeNodeIdentity";

export interface GkeNodeIdentityArgs {
  readonly project: string;
  readonly clusterName: string;
  /** APIs that have to be on. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The account that nodes run as: it may write logs and metrics, and nothing of the project besides. */
export class GkeNodeIdentity extends pulumi.ComponentResource {
  readonly email: pulumi.Output<string>;
  /** `serviceAccount:EMAIL` */
  readonly member: pulumi.Output<string>;
  /** A node whose account lacks the role never becomes ready: pools wait for it. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: GkeNodeIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const account = new Account(
      name,
      { displayName: `Nodes of ${args.clusterName}`, description: "Writes logs and metrics, pulls images" },
      { parent: this, dependsOn: [...args.dependsOn] },
    );
    this.email = account.email;
    this.member = pulumi.interpolate`serviceAccount:${account.email}`;
    const role = new IAMMember(
      `${name}-role`,
      { project: args.project, role: "roles/container.defaultNodeServiceAccount", member: this.member },
      { parent: this },
    );
    this.ready = [role];
    this.registerOutputs({});
  }
}
