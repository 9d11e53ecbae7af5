/** What holds data, and the keys it is encrypted with. */
import type { SimulationTable } from "../table.ts";
import { below, guidOf, inGroup, keyOutputs, names, textOf, vaultOutputs } from "./answers.ts";

export const data: SimulationTable = {
  "azure-native:storage:StorageAccount": {
    required: names("kind resourceGroupName sku"),
    optional: names(`
      accessTier accountName allowBlobPublicAccess allowCrossTenantReplication allowSharedKeyAccess
      allowedCopyScope azureFilesIdentityBasedAuthentication customDomain defaultToOAuthAuthentication
      dnsEndpointType enableExtendedGroups enableHttpsTrafficOnly enableNfsV3 encryption extendedLocation
      identity immutableStorageWithVersioning isHnsEnabled isLocalUserEnabled isSftpEnabled keyPolicy
      largeFileSharesState location minimumTlsVersion networkRuleSet publicNetworkAccess routingPreference
      sasPolicy tags
    `),
    forceNew: names("accountName resourceGroupName location isHnsEnabled enableNfsV3"),
    autoName: { property: "accountName", maxLength: 24, separator: "" },
    answer: inGroup("Microsoft.Storage/storageAccounts", "accountName", (ask) => ({
      primaryEndpoints: { blob: `https://${textOf(ask, "accountName")}.blob.core.windows.net/` },
    })),
  },
  "azure-native:storage:BlobContainer": {
    required: names("accountName resourceGroupName"),
    optional: names(`
      containerName defaultEncryptionScope denyEncryptionScopeOverride enableNfsV3AllSquash
      enableNfsV3RootSquash immutableStorageWithVersioning metadata publicAccess
    `),
    forceNew: names("containerName resourceGroupName accountName"),
    autoName: { property: "containerName", maxLength: 80, separator: "" },
    answer: below("Microsoft.Storage/storageAccounts/containers", ["accountName"], "containerName"),
  },
  "azure-native:storage:BlobServiceProperties": {
    required: names("accountName resourceGroupName"),
    optional: names(`
      automaticSnapshotPolicyEnabled blobServicesName changeFeed containerDeleteRetentionPolicy cors
      defaultServiceVersion deleteRetentionPolicy isVersioningEnabled lastAccessTimeTrackingPolicy
      restorePolicy
    `),
    forceNew: names("blobServicesName resourceGroupName accountName"),
    autoName: { property: "blobServicesName", maxLength: 80, separator: "" },
    answer: below("Microsoft.Storage/storageAccounts/blobServices", ["accountName"], "blobServicesName"),
  },
  "azure-native:storage:ManagementPolicy": {
    required: names("accountName policy resourceGroupName"),
    optional: names("managementPolicyName"),
    forceNew: names("managementPolicyName resourceGroupName accountName"),
    autoName: { property: "managementPolicyName", maxLength: 80, separator: "" },
    answer: below("Microsoft.Storage/storageAccounts/managementPolicies", ["accountName"], "managementPolicyName"),
  },
  "azure-native:dbformysql:Server": {
    required: names("resourceGroupName"),
    optional: names(`
      administratorLogin administratorLoginPassword availabilityZone backup createMode dataEncryption
      highAvailability identity importSourceProperties location maintenanceWindow network replicationRole
      restorePointInTime serverName sku sourceServerResourceId storage tags version
    `),
    forceNew: names(`
      serverName resourceGroupName location administratorLogin createMode network version
    `),
    autoName: { property: "serverName", maxLength: 63, separator: "" },
    answer: inGroup("Microsoft.DBforMySQL/flexibleServers", "serverName", (ask) => ({
      fullyQualifiedDomainName: `${textOf(ask, "serverName")}.mysql.database.azure.com`,
    })),
  },
  "azure-native:dbformysql:Configuration": {
    required: names("resourceGroupName serverName"),
    optional: names("configurationName currentValue source value"),
    forceNew: names("configurationName resourceGroupName serverName"),
    autoName: { property: "configurationName", maxLength: 80, separator: "" },
    answer: below("Microsoft.DBforMySQL/flexibleServers/configurations", ["serverName"], "configurationName"),
  },
  "azure-native:keyvault:Vault": {
    required: names("properties resourceGroupName"),
    optional: names("location tags vaultName"),
    forceNew: names("vaultName resourceGroupName location"),
    autoName: { property: "vaultName", maxLength: 24, separator: "" },
    answer: inGroup("Microsoft.KeyVault/vaults", "vaultName", vaultOutputs),
  },
  "azure-native:keyvault:Key": {
    required: names("properties resourceGroupName vaultName"),
    optional: names("keyName tags"),
    forceNew: names("keyName resourceGroupName vaultName properties"),
    autoName: { property: "keyName", maxLength: 80, separator: "" },
    answer: below("Microsoft.KeyVault/vaults/keys", ["vaultName"], "keyName", keyOutputs),
  },
  "azure-native:operationalinsights:Workspace": {
    required: names("resourceGroupName"),
    optional: names(`
      defaultDataCollectionRuleResourceId features forceCmkForQuery identity location
      publicNetworkAccessForIngestion publicNetworkAccessForQuery retentionInDays sku tags
      workspaceCapping workspaceName
    `),
    forceNew: names("workspaceName resourceGroupName location"),
    autoName: { property: "workspaceName", maxLength: 63, separator: "" },
    answer: inGroup("Microsoft.OperationalInsights/workspaces", "workspaceName", ({ token }) => ({
      customerId: guidOf(token),
    })),
  },
};
