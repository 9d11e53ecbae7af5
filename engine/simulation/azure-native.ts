/**
 * Azure as far as an AKS target uses it. Inputs are those of @pulumi/azure-native 3.28; what cannot be changed in place, and
 * what is answered, is from its documentation.
 */
import { userCredentials } from "./azure/answers.ts";
import { cluster } from "./azure/cluster.ts";
import { data } from "./azure/data.ts";
import { identity } from "./azure/identity.ts";
import { network } from "./azure/network.ts";
import type { SimulatedFunctions } from "./functions.ts";
import type { SimulationTable } from "./table.ts";

export const azureNativeTable: SimulationTable = { ...network, ...cluster, ...data, ...identity };

export const azureNativeFunctions: SimulatedFunctions = {
  "azure-native:containerservice:listManagedClusterUserCredentials": userCredentials,
};
