import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { FileSystem } from "@pulumi/aws/efs/fileSystem.js";
import { MountTarget } from "@pulumi/aws/efs/mountTarget.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import * as pulumi from "@pulumi/pulumi";
import { protectionOf } from "../shared/protection.ts";
import type { EksSettings } from "./settings.ts";

const TYPE = "kubeflow:eks:SharedStorage";

export interface SharedStorageArgs {
  readonly vpcId: pulumi.Input<string>;
  /** One per zone, by zone. */
  readonly subnets: readonly (readonly [zone: string, subnetId: pulumi.Input<string>])[];
  /** The one group whose members may mount it: the nodes'. */
  readonly nodeSecurityGroupId: pulumi.Input<string>;
  readonly keyArn: pulumi.Input<string>;
  readonly protection: EksSettings["protection"];
}

/**
 * An encrypted file system that many nodes write to.
 *
 * ```ts
 * const files = new SharedStorage("files", { vpcId, subnets, nodeSecurityGroupId, keyArn, protection: "standard" });
 * ```
 *
 * Costs 0.3 USD per GB and month, less for what nobody reads, and for what is read and written.
 */
export class SharedStorage extends pulumi.ComponentResource {
  readonly fileSystemId: pulumi.Output<string>;
  /** What mounts need. */
  readonly targets: readonly pulumi.Resource[];

  constructor(name: string, args: SharedStorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const files = new FileSystem(
      name,
      {
        encrypted: true,
        kmsKeyId: args.keyArn,
        throughputMode: "elastic",
        lifecyclePolicies: [{ transitionToIa: "AFTER_30_DAYS" }, { transitionToPrimaryStorageClass: "AFTER_1_ACCESS" }],
      },
      { parent: this, ...protectionOf(args.protection).data },
    );
    const access = new SecurityGroup(name, { vpcId: args.vpcId, description: "NFS from the nodes" }, { parent: this });
    const rule = new SecurityGroupIngressRule(
      name,
      {
        securityGroupId: access.id,
        referencedSecurityGroupId: args.nodeSecurityGroupId,
        ...{ ipProtocol: "tcp", fromPort: 2049, toPort: 2049 },
      },
      { parent: this },
    );
    const targets = args.subnets.map(
      ([zone, subnetId]) =>
        new MountTarget(
          `${name}-${zone}`,
          { fileSystemId: files.id, subnetId, securityGroups: [access.id] },
          { parent: this },
        ),
    );
    this.fileSystemId = files.id;
    this.targets = [...targets, rule];
    this.registerOutputs({});
  }
}
