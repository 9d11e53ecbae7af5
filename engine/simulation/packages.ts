/** The simulated clouds by package. Each is loaded when it is asked for: one cloud's stack does not load the others. */
import type { SimulatedFunctions } from "./functions.ts";
import type { SimulationTable } from "./table.ts";

export interface SimulatedPackage {
  readonly table: SimulationTable;
  /** What the table cannot tell. @default - no function */
  readonly functions?: SimulatedFunctions;
}

export const simulatedPackages: Readonly<Record<string, () => Promise<SimulatedPackage>>> = {
  gcp: async () => ({ table: (await import("./gcp.ts")).gcpTable }),
  aws: async () => ({ table: (await import("./aws.ts")).awsTable }),
  azuread: async () => ({ table: (await import("./azuread.ts")).azureadTable }),
  "azure-native": async () => {
    const { azureNativeTable, azureNativeFunctions } = await import("./azure-native.ts");
    return { table: azureNativeTable, functions: azureNativeFunctions };
  },
};
