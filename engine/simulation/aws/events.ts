/** What AWS answers for queues, event rules, quotas and budgets. */
import type { SimulationTable } from "../table.ts";
import { accountOf, arn, named, regionOf, tagsAll, text, withName } from "./answers.ts";

export const awsEventsTable: SimulationTable = {
  "aws:sqs/queue:Queue": {
    required: [],
    optional: [
      "contentBasedDeduplication",
      "deduplicationScope",
      "delaySeconds",
      "fifoQueue",
      "fifoThroughputLimit",
      "kmsDataKeyReusePeriodSeconds",
      "kmsMasterKeyId",
      "maxMessageSize",
      "messageRetentionSeconds",
      "name",
      "namePrefix",
      "policy",
      "receiveWaitTimeSeconds",
      "redriveAllowPolicy",
      "redrivePolicy",
      "region",
      "sqsManagedSseEnabled",
      "tags",
      "visibilityTimeoutSeconds",
    ],
    forceNew: ["name", "namePrefix", "fifoQueue", "region"],
    autoName: named("name", 80),
    answer: (resource) => {
      const name = text(resource.inputs["name"]);
      const url = `https://sqs.${regionOf(resource)}.amazonaws.com/${accountOf(resource)}/${name}`;
      return { id: url, outputs: { id: url, url, arn: arn(resource, "sqs", name), ...tagsAll(resource) } };
    },
  },
  "aws:sqs/queuePolicy:QueuePolicy": withName(
    { required: ["policy", "queueUrl"], optional: ["region"], forceNew: ["queueUrl", "region"] },
    "queueUrl",
  ),
  "aws:cloudwatch/eventRule:EventRule": withName(
    {
      required: [],
      optional: [
        "description",
        "eventBusName",
        "eventPattern",
        "forceDestroy",
        "isEnabled",
        "name",
        "namePrefix",
        "region",
        "roleArn",
        "scheduleExpression",
        "state",
        "tags",
      ],
      forceNew: ["name", "namePrefix", "eventBusName", "region"],
      autoName: named("name", 64),
    },
    "name",
    (resource, name) => ({ arn: arn(resource, "events", `rule/${name}`) }),
  ),
  "aws:cloudwatch/eventTarget:EventTarget": {
    required: ["arn", "rule"],
    optional: [
      "appsyncTarget",
      "batchTarget",
      "deadLetterConfig",
      "ecsTarget",
      "eventBusName",
      "forceDestroy",
      "httpTarget",
      "input",
      "inputPath",
      "inputTransformer",
      "kinesisTarget",
      "redshiftTarget",
      "region",
      "retryPolicy",
      "roleArn",
      "runCommandTargets",
      "sagemakerPipelineTarget",
      "sqsTarget",
      "targetId",
    ],
    forceNew: ["rule", "targetId", "eventBusName", "region"],
    answer: (resource) => {
      const id = `${text(resource.inputs["rule"])}-${resource.token}`;
      return { id, outputs: { id, targetId: resource.token } };
    },
  },
  "aws:servicequotas/serviceQuota:ServiceQuota": {
    required: ["quotaCode", "serviceCode", "value"],
    optional: ["region"],
    forceNew: ["quotaCode", "serviceCode", "region"],
    answer: (resource) => {
      const id = `${text(resource.inputs["serviceCode"])}/${text(resource.inputs["quotaCode"])}`;
      return { id, outputs: { id, arn: arn(resource, "servicequotas", id), requestStatus: "PENDING" } };
    },
  },
  "aws:budgets/budget:Budget": {
    required: ["budgetType", "timeUnit"],
    optional: [
      "accountId",
      "autoAdjustData",
      "billingViewArn",
      "costFilters",
      "costTypes",
      "filterExpression",
      "limitAmount",
      "limitUnit",
      "metrics",
      "name",
      "namePrefix",
      "notifications",
      "plannedLimits",
      "tags",
      "timePeriodEnd",
      "timePeriodStart",
    ],
    forceNew: ["name", "namePrefix", "budgetType", "accountId"],
    autoName: named("name", 100),
    answer: (resource) => {
      const id = `${accountOf(resource)}:${text(resource.inputs["name"])}`;
      return {
        id,
        outputs: { id, arn: `arn:aws:budgets::${accountOf(resource)}:budget/${text(resource.inputs["name"])}` },
      };
    },
  },
};
