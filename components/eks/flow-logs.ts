import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { FlowLog } from "@pulumi/aws/ec2/flowLog.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, trustOf } from "./policy-document.ts";

const TYPE = "kubeflow:eks:FlowLogs";

export interface FlowLogsArgs {
  readonly vpcId: pulumi.Input<string>;
  readonly keyArn: pulumi.Input<string>;
  readonly retentionDays: number;
}

/**
 * Who talked to whom in a network, accepted or not.
 *
 * ```ts
 * new FlowLogs("flows", { vpcId: network.vpcId, keyArn, retentionDays: 90 }, { parent: this });
 * ```
 *
 * Costs about 0.5 USD per GB of log.
 */
export class FlowLogs extends pulumi.ComponentResource {
  constructor(name: string, args: FlowLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const group = new LogGroup(name, { retentionInDays: args.retentionDays, kmsKeyId: args.keyArn }, { parent: this });
    const role = new Role(name, { assumeRolePolicy: trustOf("vpc-flow-logs.amazonaws.com") }, { parent: this });
    const policy = new RolePolicy(
      name,
      {
        role: role.name,
        policy: policyDocument([
          {
            Sid: "WriteToTheOneGroup",
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            Resource: [group.arn, pulumi.interpolate`${group.arn}:log-stream:*`],
          },
        ]),
      },
      { parent: this },
    );
    new FlowLog(
      name,
      {
        vpcId: args.vpcId,
        trafficType: "ALL",
        logDestinationType: "cloud-watch-logs",
        logDestination: group.arn,
        iamRoleArn: role.arn,
        maxAggregationInterval: 600,
      },
      // Without its policy the role cannot write, and AWS drops what it could not.
      { parent: this, dependsOn: [policy] },
    );
    this.registerOutputs({});
  }
}
