import { EventRule } from "@pulumi/aws/cloudwatch/eventRule.js";
import { EventTarget } from "@pulumi/aws/cloudwatch/eventTarget.js";
import { Queue } from "@pulumi/aws/sqs/queue.js";
import { QueuePolicy } from "@pulumi/aws/sqs/queuePolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument } from "./policy-document.ts";

const TYPE = "kubeflow:eks:InterruptionQueue";

/** What AWS says of machines, by the name of ours for it. */
const events = {
  health: { source: ["aws.health"], "detail-type": ["AWS Health Event"] },
  spot: { source: ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"] },
  rebalance: { source: ["aws.ec2"], "detail-type": ["EC2 Instance Rebalance Recommendation"] },
  state: { source: ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"] },
  reservation: { source: ["aws.ec2"], "detail-type": ["EC2 Capacity Reservation Instance Interruption Warning"] },
} as const;

/**
 * Where AWS announces that a machine will go, so that Karpenter has its pods moved before.
 *
 * ```ts
 * const queue = new InterruptionQueue("interruptions", {}, { parent: this });
 * ```
 *
 * Costs next to nothing.
 */
export class InterruptionQueue extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    // An announcement is worth nothing after the two minutes that a spot machine has left.
    const queue = new Queue(name, { messageRetentionSeconds: 300, sqsManagedSseEnabled: true }, { parent: this });
    const rules = Object.entries(events).map(([key, pattern]) => {
      const rule = new EventRule(`${name}-${key}`, { eventPattern: JSON.stringify(pattern) }, { parent: this });
      new EventTarget(`${name}-${key}`, { rule: rule.name, arn: queue.arn }, { parent: this });
      return rule;
    });
    new QueuePolicy(
      name,
      {
        queueUrl: queue.url,
        policy: policyDocument([
          {
            Sid: "Announce",
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: queue.arn,
            Condition: { ArnEquals: { "aws:SourceArn": rules.map(({ arn }) => arn) } },
          },
          {
            Sid: "OnlyOverTls",
            Effect: "Deny",
            Principal: "*",
            Action: "sqs:*",
            Resource: queue.arn,
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ]),
      },
      { parent: this },
    );
    this.name = queue.name;
    this.arn = queue.arn;
    this.registerOutputs({});
  }
}
