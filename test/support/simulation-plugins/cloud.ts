/** The simulation of one cloud as the provider plugin of the package that the executable is named after. */
import path from "node:path";
import { SimulatedCloud } from "../../../engine/simulation/cloud.ts";
import { Faults, parseFaults } from "../../../engine/simulation/faults.ts";
import { withFunctions, type SimulatedFunctions } from "../../../engine/simulation/functions.ts";
import { simulationProviderFactory } from "../../../engine/simulation/provider.ts";
import type { SimulationTable } from "../../../engine/simulation/table.ts";
import { servePlugin } from "../../../plugins/resource-provider.ts";
import { setting } from "./settings.ts";

interface CloudPackage {
  readonly table: SimulationTable;
  readonly functions?: SimulatedFunctions;
}

const packages: Readonly<Record<string, () => Promise<CloudPackage>>> = {
  gcp: async () => ({ table: (await import("../../../engine/simulation/gcp.ts")).gcpTable }),
  aws: async () => ({ table: (await import("../../../engine/simulation/aws.ts")).awsTable }),
  azuread: async () => ({ table: (await import("../../../engine/simulation/azuread.ts")).azureadTable }),
  "azure-native": async () => {
    const { azureNativeTable, azureNativeFunctions } = await import("../../../engine/simulation/azure-native.ts");
    return { table: azureNativeTable, functions: azureNativeFunctions };
  },
};

const packageName = path.basename(process.argv[1] ?? "").replace("pulumi-resource-", "");
const { table, functions = {} } = (await packages[packageName]?.()) ?? { table: {} };
const cloud = await SimulatedCloud.open(path.join(setting("clouds"), `${packageName}.json`));
const own = setting("faults")
  .split("\n")
  .filter((fault) => fault.startsWith(`${packageName}:`));
const faults = new Faults(parseFaults(own, [table]));
const factory = withFunctions(simulationProviderFactory(table, { cloud, faults }), functions);
const { port } = await servePlugin({ packageName, version: "0.1.0", factory: () => factory });
process.stdout.write(`${port}\n`);
