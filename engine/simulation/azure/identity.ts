/** Who may do what, and what it may cost. */
import type { SimulationTable } from "../table.ts";
import { below, groupAnswer, guidOf, inGroup, inScope, names } from "./answers.ts";

export const identity: SimulationTable = {
  "azure-native:resources:ResourceGroup": {
    required: [],
    optional: names("location managedBy resourceGroupName tags"),
    forceNew: names("resourceGroupName location"),
    autoName: { property: "resourceGroupName", maxLength: 90, separator: "" },
    answer: groupAnswer,
  },
  "azure-native:managedidentity:UserAssignedIdentity": {
    required: names("resourceGroupName"),
    optional: names("location resourceName tags"),
    forceNew: names("resourceName resourceGroupName location"),
    autoName: { property: "resourceName", maxLength: 128, separator: "" },
    answer: inGroup("Microsoft.ManagedIdentity/userAssignedIdentities", "resourceName", ({ token, config }) => ({
      clientId: guidOf(`${token} client`),
      principalId: guidOf(token),
      tenantId: config["tenantId"] ?? "",
    })),
  },
  "azure-native:managedidentity:FederatedIdentityCredential": {
    required: names("audiences issuer resourceGroupName resourceName subject"),
    optional: names("federatedIdentityCredentialResourceName"),
    forceNew: names("federatedIdentityCredentialResourceName resourceGroupName resourceName"),
    autoName: { property: "federatedIdentityCredentialResourceName", maxLength: 80, separator: "" },
    answer: below(
      "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
      ["resourceName"],
      "federatedIdentityCredentialResourceName",
    ),
  },
  "azure-native:authorization:RoleAssignment": {
    required: names("principalId roleDefinitionId scope"),
    optional: names(`
      condition conditionVersion delegatedManagedIdentityResourceId description principalType
      roleAssignmentName
    `),
    forceNew: names(`
      roleAssignmentName scope principalId principalType roleDefinitionId condition conditionVersion
      delegatedManagedIdentityResourceId description
    `),
    autoName: { property: "roleAssignmentName", maxLength: 64, separator: "" },
    answer: inScope("Microsoft.Authorization/roleAssignments", "roleAssignmentName"),
  },
  "azure-native:authorization:RoleDefinition": {
    required: names("scope"),
    optional: names("assignableScopes description permissions roleDefinitionId roleName roleType"),
    forceNew: names("roleDefinitionId scope"),
    autoName: { property: "roleDefinitionId", maxLength: 64, separator: "" },
    answer: inScope("Microsoft.Authorization/roleDefinitions", "roleDefinitionId"),
  },
  "azure-native:authorization:ManagementLockByScope": {
    required: names("level scope"),
    optional: names("lockName notes owners"),
    forceNew: names("lockName scope"),
    autoName: { property: "lockName", maxLength: 80, separator: "" },
    answer: inScope("Microsoft.Authorization/locks", "lockName"),
  },
  "azure-native:monitor:DiagnosticSetting": {
    required: names("resourceUri"),
    optional: names(`
      eventHubAuthorizationRuleId eventHubName logAnalyticsDestinationType logs marketplacePartnerId
      metrics name serviceBusRuleId storageAccountId workspaceId
    `),
    forceNew: names("name resourceUri"),
    autoName: { property: "name", maxLength: 80, separator: "" },
    answer: inScope("Microsoft.Insights/diagnosticSettings", "name", "resourceUri"),
  },
  "azure-native:consumption:Budget": {
    required: names("amount category scope timeGrain timePeriod"),
    optional: names("budgetName eTag filter notifications"),
    forceNew: names("budgetName scope"),
    autoName: { property: "budgetName", maxLength: 63, separator: "" },
    answer: inScope("Microsoft.Consumption/budgets", "budgetName"),
  },
};
