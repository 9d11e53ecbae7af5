/** Clusters, nodes, identities and what surrounds them, as calls. */
import { isMap, type PropertyMap, type Value } from "../../../engine/values.ts";
import { isList, type AwsType } from "./translate.ts";

export const computeTypes: Readonly<Record<string, AwsType>> = {
  "aws:eks/cluster:Cluster": {
    calls: [
      {
        operation: "eks.CreateCluster",
        deprecated: { "encryptionConfig[0].resources": "the SDK requires it" },
        renames: { vpcConfig: "resourcesVpcConfig" },
        reshape: ({ enabledClusterLogTypes, ...rest }) => ({
          ...rest,
          ...(enabledClusterLogTypes === undefined
            ? {}
            : { logging: { clusterLogging: [{ types: enabledClusterLogTypes, enabled: true }] } }),
        }),
      },
    ],
  },
  "aws:eks/accessEntry:AccessEntry": { calls: [{ operation: "eks.CreateAccessEntry" }] },
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": { calls: [{ operation: "eks.AssociateAccessPolicy" }] },
  "aws:eks/addon:Addon": {
    calls: [
      { operation: "eks.CreateAddon", renames: { resolveConflictsOnCreate: "resolveConflicts" } },
      {
        // Of the next change.
        operation: "eks.UpdateAddon",
        takes: ["resolveConflictsOnUpdate"],
        shares: ["clusterName", "addonName"],
        renames: { resolveConflictsOnUpdate: "resolveConflicts" },
      },
    ],
  },
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
    calls: [{ operation: "eks.CreatePodIdentityAssociation" }],
  },
  "aws:eks/nodeGroup:NodeGroup": {
    calls: [{ operation: "eks.CreateNodegroup", renames: { nodeRoleArn: "nodeRole", subnetIds: "subnets" } }],
  },
  "aws:ec2/launchTemplate:LaunchTemplate": {
    calls: [
      {
        operation: "ec2.CreateLaunchTemplate",
        renames: { "networkInterfaces.securityGroups": "groups", vpcSecurityGroupIds: "securityGroupIds" },
        reshape: ({ name, tags, ...launchTemplateData }) => ({
          launchTemplateName: name ?? null,
          // The machines' own tags are in the data.
          tagSpecifications: [{ resourceType: "launch-template", tags: tags ?? null }],
          launchTemplateData,
        }),
      },
    ],
    dropped: { updateDefaultVersion: "the provider's own: it makes a new version the default by ModifyLaunchTemplate" },
  },
  "aws:iam/role:Role": {
    calls: [
      { operation: "iam.CreateRole", renames: { name: "roleName", assumeRolePolicy: "assumeRolePolicyDocument" } },
    ],
  },
  "aws:iam/rolePolicy:RolePolicy": {
    calls: [
      {
        operation: "iam.PutRolePolicy",
        renames: { name: "policyName", role: "roleName", policy: "policyDocument" },
      },
    ],
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    calls: [{ operation: "iam.AttachRolePolicy", renames: { role: "roleName" } }],
  },
  "aws:iam/instanceProfile:InstanceProfile": {
    calls: [
      { operation: "iam.CreateInstanceProfile", renames: { name: "instanceProfileName" } },
      {
        operation: "iam.AddRoleToInstanceProfile",
        takes: ["role"],
        shares: ["name"],
        renames: { name: "instanceProfileName", role: "roleName" },
      },
    ],
  },
  "aws:sqs/queue:Queue": {
    calls: [
      {
        operation: "sqs.CreateQueue",
        renames: { messageRetentionSeconds: "messageRetentionPeriod" },
        reshape: ({ name, tags, ...attributes }) => ({
          queueName: name ?? null,
          ...(tags === undefined ? {} : { tags }),
          attributes: texts(attributes),
        }),
      },
    ],
  },
  "aws:sqs/queuePolicy:QueuePolicy": {
    calls: [
      {
        operation: "sqs.SetQueueAttributes",
        reshape: ({ queueUrl, ...attributes }) => ({ queueUrl: queueUrl ?? null, attributes }),
      },
    ],
  },
  "aws:cloudwatch/eventRule:EventRule": { calls: [{ operation: "events.PutRule" }] },
  "aws:cloudwatch/eventTarget:EventTarget": {
    calls: [
      {
        operation: "events.PutTargets",
        reshape: ({ rule, ...target }, { outputs }) => ({
          rule: rule ?? null,
          targets: [{ ...target, id: outputs["targetId"] ?? null }],
        }),
      },
    ],
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    calls: [
      { operation: "logs.CreateLogGroup", renames: { name: "logGroupName" } },
      {
        operation: "logs.PutRetentionPolicy",
        takes: ["retentionInDays"],
        shares: ["name"],
        renames: { name: "logGroupName" },
      },
    ],
  },
  "aws:servicequotas/serviceQuota:ServiceQuota": {
    calls: [{ operation: "service-quotas.RequestServiceQuotaIncrease", renames: { value: "desiredValue" } }],
  },
  "aws:budgets/budget:Budget": {
    calls: [
      {
        operation: "budgets.CreateBudget",
        deprecated: { "Budget.CostFilters": "says all that one tag needs, and works without a list of metrics" },
        renames: { name: "budgetName" },
        reshape: ({ tags, limitAmount, limitUnit, costFilters, ...budget }, { provider }) => ({
          accountId: accountOf(provider),
          ...(tags === undefined ? {} : { resourceTags: tags }),
          budget: {
            ...budget,
            budgetLimit: { amount: limitAmount ?? null, unit: limitUnit ?? null },
            ...(isList(costFilters)
              ? {
                  costFilters: Object.fromEntries(
                    costFilters.filter(isMap).map(({ name, values }) => [textOf(name), values ?? null]),
                  ),
                }
              : {}),
          },
        }),
      },
      {
        operation: "budgets.CreateNotification",
        takes: ["notifications"],
        shares: ["name"],
        reshape: ({ name, notifications }, { provider }) =>
          (isList(notifications) ? notifications.filter(isMap) : []).map(
            ({ subscriberEmailAddresses, ...notification }) => ({
              ...{ accountId: accountOf(provider), budgetName: name ?? null, notification },
              subscribers: (isList(subscriberEmailAddresses) ? subscriberEmailAddresses : []).map((address) => ({
                subscriptionType: "EMAIL",
                address,
              })),
            }),
          ),
      },
    ],
  },
};

function accountOf({ allowedAccountIds }: PropertyMap): string {
  const accounts: unknown = typeof allowedAccountIds === "string" ? JSON.parse(allowedAccountIds) : allowedAccountIds;
  return Array.isArray(accounts) ? String(accounts[0]) : "";
}

const textOf = (value: Value | undefined): string => (typeof value === "string" ? value : JSON.stringify(value));

/** All of a queue's attributes are texts. */
function texts(map: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, textOf(value)]));
}
