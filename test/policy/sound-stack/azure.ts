import { unknown } from "../../../policy/values.ts";
import { kept, labels, resource } from "./resource.ts";

const accountUrn = "urn:pulumi:gcp-prod::kubeflow::azure-native:storage:StorageAccount::account";
const subscription = "/subscriptions/00000000-0000-4000-8000-000000000001";

export const azure = {
  aks: resource("azure-native:containerservice:ManagedCluster", "aks", {
    tags: labels,
    apiServerAccessProfile: { enablePrivateCluster: false, authorizedIPRanges: ["192.0.2.0/24"] },
    securityProfile: { azureKeyVaultKms: { enabled: true, keyId: unknown } },
    agentPoolProfiles: [{ name: "system", vmSize: "Standard_D4s_v6", enableEncryptionAtHost: true }],
  }),
  aksPool: resource("azure-native:containerservice:AgentPool", "aksPool", {
    tags: labels,
    vmSize: "Standard_NC40ads_H100_v5",
    enableAutoScaling: true,
    enableEncryptionAtHost: true,
    minCount: 0,
    maxCount: 4,
    nodeTaints: ["nvidia.com/gpu=present:NoSchedule"],
  }),
  account: resource(
    "azure-native:storage:StorageAccount",
    "account",
    { tags: labels, allowBlobPublicAccess: false, encryption: { keySource: "Microsoft.Keyvault" } },
    kept,
  ),
  container: resource(
    "azure-native:storage:BlobContainer",
    "container",
    { publicAccess: "None", accountName: unknown },
    { propertyDependencies: { accountName: [accountUrn] } },
  ),
  logsAccount: resource("azure-native:storage:StorageAccount", "logsAccount", {
    tags: labels,
    allowBlobPublicAccess: false,
  }),
  mySql: resource(
    "azure-native:dbformysql:Server",
    "mySql",
    { tags: labels, network: { delegatedSubnetResourceId: unknown }, dataEncryption: { type: "AzureKeyVault" } },
    kept,
  ),
  vault: resource(
    "azure-native:keyvault:Vault",
    "vault",
    { tags: labels, properties: { enablePurgeProtection: true } },
    kept,
  ),
  azureZone: resource("azure-native:dns:Zone", "azureZone", { tags: labels }, kept),
  assignment: resource("azure-native:authorization:RoleAssignment", "assignment", {
    scope: `${subscription}/resourceGroups/kubeflow`,
    roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c`,
  }),
  definition: resource("azure-native:authorization:RoleDefinition", "definition", {
    permissions: [{ actions: ["Microsoft.Network/virtualNetworks/read"] }],
  }),
};
