/** Which call of Azure's API a resource of @pulumi/azure-native is, and what its name may be. */
import type { TextSchema } from "./schema.ts";
import type { Sdk } from "./sdks.ts";

export interface AzureType {
  readonly sdk: Sdk;
  /** As the SDK calls it. */
  readonly operation: string;
  /** Inputs that are parts of the URL under another name there. */
  readonly url?: Readonly<Record<string, string>>;
  /** What the inputs in the URL may be, where the SDK leaves it unsaid. */
  readonly names?: Readonly<Record<string, TextSchema>>;
  /** Problems that are none, by the path that they are at, and why. */
  readonly accepted?: Readonly<Record<string, string>>;
}

// https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
const networkPart: TextSchema = {
  kind: "text",
  minLength: 1,
  maxLength: 80,
  pattern: /^[a-z0-9]([a-z0-9_.-]*[a-z0-9_])?$/i,
};
const networkName: TextSchema = { ...networkPart, minLength: 2, maxLength: 64 };
const zoneName: TextSchema = {
  kind: "text",
  minLength: 1,
  maxLength: 63,
  pattern: /^[a-z0-9_-]+(\.[a-z0-9_-]+){1,33}$/i,
};
const identityName: TextSchema = { kind: "text", minLength: 3, maxLength: 128, pattern: /^[a-z0-9][a-z0-9_-]*$/i };
const clusterName: TextSchema = {
  kind: "text",
  minLength: 1,
  maxLength: 63,
  pattern: /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$/i,
};
const vaultName: TextSchema = {
  kind: "text",
  minLength: 3,
  maxLength: 24,
  pattern: /^[a-z](-?[a-z0-9])*$/i,
};
const serverName: TextSchema = {
  kind: "text",
  minLength: 3,
  maxLength: 63,
  pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
};
const workspaceName: TextSchema = {
  kind: "text",
  minLength: 4,
  maxLength: 63,
  pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i,
};
const containerName: TextSchema = { kind: "text", minLength: 3, maxLength: 63, pattern: /^[a-z0-9](-?[a-z0-9])*$/ };
const groupName: TextSchema = { kind: "text", minLength: 1, maxLength: 90, pattern: /^[\w().-]*[\w()-]$/ };
const lockName: TextSchema = { kind: "text", minLength: 1, maxLength: 260, pattern: /^[^<>%&:\\?/#]+$/ };
// https://learn.microsoft.com/rest/api/consumption/budgets/create-or-update, of the portal's form
const budgetName: TextSchema = { kind: "text", minLength: 1, maxLength: 63, pattern: /^[\w-]+$/ };
const settingName: TextSchema = { kind: "text", minLength: 1, maxLength: 260, pattern: /^[^<>*%&:\\?+/#]+$/ };
const guid: TextSchema = { kind: "text", pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i };
const resourceId: TextSchema = { kind: "text", pattern: /^\/subscriptions\/[0-9a-f-]{36}(\/.+)?$/i };
const onlyDefault: TextSchema = { kind: "text", values: ["default"] };
// https://learn.microsoft.com/azure/aks/planned-maintenance
const maintenanceName: TextSchema = {
  kind: "text",
  values: ["default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"],
};

/** By type token, of `azure-native:`. */
const types: Readonly<Record<string, AzureType>> = {
  "authorization:ManagementLockByScope": {
    sdk: "locks",
    operation: "managementLocks.createOrUpdateByScope",
    names: { scope: resourceId, lockName },
  },
  "authorization:RoleAssignment": {
    sdk: "authorization",
    operation: "roleAssignments.create",
    names: { scope: resourceId, roleAssignmentName: guid },
  },
  "authorization:RoleDefinition": {
    sdk: "authorization",
    operation: "roleDefinitions.createOrUpdate",
    names: { scope: resourceId, roleDefinitionId: guid },
  },
  "consumption:Budget": {
    sdk: "consumption",
    operation: "budgets.createOrUpdate",
    names: { scope: resourceId, budgetName },
  },
  "containerregistry:Registry": { sdk: "containerregistry", operation: "registries.beginCreate" },
  "containerregistry:CacheRule": { sdk: "containerregistry", operation: "cacheRules.beginCreate" },
  "containerregistry:CredentialSet": { sdk: "containerregistry", operation: "credentialSets.beginCreate" },
  "containerservice:ManagedCluster": {
    sdk: "containerservice",
    operation: "managedClusters.beginCreateOrUpdate",
    names: { resourceName: clusterName },
  },
  "containerservice:AgentPool": { sdk: "containerservice", operation: "agentPools.beginCreateOrUpdate" },
  "containerservice:MaintenanceConfiguration": {
    sdk: "containerservice",
    operation: "maintenanceConfigurations.createOrUpdate",
    names: { configName: maintenanceName },
  },
  "dbformysql:Server": {
    sdk: "mysql-flexible",
    operation: "servers.beginCreate",
    names: { serverName },
    accepted: {
      "storage.storageRedundancy": "azure-native adds it as a default of its own; it is newer than the newest SDK",
    },
  },
  "dbformysql:Configuration": { sdk: "mysql-flexible", operation: "configurations.beginCreateOrUpdate" },
  "dns:Zone": { sdk: "dns", operation: "zones.createOrUpdate", names: { zoneName } },
  "keyvault:Key": { sdk: "keyvault", operation: "keys.createIfNotExist" },
  "keyvault:Vault": { sdk: "keyvault", operation: "vaults.beginCreateOrUpdate", names: { vaultName } },
  "managedidentity:FederatedIdentityCredential": {
    sdk: "msi",
    operation: "federatedIdentityCredentials.createOrUpdate",
    names: { resourceName: identityName },
  },
  "managedidentity:UserAssignedIdentity": {
    sdk: "msi",
    operation: "userAssignedIdentities.createOrUpdate",
    names: { resourceName: identityName },
  },
  "monitor:DiagnosticSetting": {
    sdk: "monitor",
    operation: "diagnosticSettings.createOrUpdate",
    names: { resourceUri: resourceId, name: settingName },
  },
  "network:FlowLog": {
    sdk: "network",
    operation: "flowLogs.beginCreateOrUpdate",
    names: { networkWatcherName: networkPart, flowLogName: networkPart },
  },
  "network:NatGateway": {
    sdk: "network",
    operation: "natGateways.beginCreateOrUpdate",
    names: { natGatewayName: networkPart },
  },
  "network:NetworkSecurityGroup": {
    sdk: "network",
    operation: "networkSecurityGroups.beginCreateOrUpdate",
    names: { networkSecurityGroupName: networkPart },
  },
  "network:PrivateDnsZoneGroup": {
    sdk: "network",
    operation: "privateDnsZoneGroups.beginCreateOrUpdate",
    names: { privateDnsZoneGroupName: networkPart },
  },
  "network:PrivateEndpoint": {
    sdk: "network",
    operation: "privateEndpoints.beginCreateOrUpdate",
    names: { privateEndpointName: networkName },
  },
  "network:PublicIPAddress": {
    sdk: "network",
    operation: "publicIPAddresses.beginCreateOrUpdate",
    names: { publicIpAddressName: networkPart },
  },
  "network:Subnet": { sdk: "network", operation: "subnets.beginCreateOrUpdate", names: { subnetName: networkPart } },
  "network:VirtualNetwork": {
    sdk: "network",
    operation: "virtualNetworks.beginCreateOrUpdate",
    names: { virtualNetworkName: networkName },
  },
  "operationalinsights:Workspace": {
    sdk: "operationalinsights",
    operation: "workspaces.beginCreateOrUpdate",
    names: { workspaceName },
  },
  "privatedns:PrivateZone": {
    sdk: "privatedns",
    operation: "privateZones.createOrUpdate",
    names: { privateZoneName: zoneName },
  },
  "privatedns:VirtualNetworkLink": {
    sdk: "privatedns",
    operation: "virtualNetworkLinks.createOrUpdate",
    names: { virtualNetworkLinkName: networkPart },
  },
  "resources:ResourceGroup": {
    sdk: "resources",
    operation: "resourceGroups.createOrUpdate",
    names: { resourceGroupName: groupName },
  },
  "storage:BlobContainer": { sdk: "storage", operation: "blobContainers.create", names: { containerName } },
  "storage:BlobServiceProperties": {
    sdk: "storage",
    operation: "blobServices.setServiceProperties",
    url: { BlobServicesName: "blobServicesName" },
    names: { blobServicesName: onlyDefault },
  },
  "storage:ManagementPolicy": {
    sdk: "storage",
    operation: "managementPolicies.createOrUpdate",
    names: { managementPolicyName: onlyDefault },
  },
  "storage:StorageAccount": { sdk: "storage", operation: "storageAccounts.beginCreate" },
};

/** By type token. */
export const azureTypes: Readonly<Record<string, AzureType>> = Object.fromEntries(
  Object.entries(types).map(([token, type]) => [`azure-native:${token}`, type]),
);
