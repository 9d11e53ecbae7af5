/** The simulation of one cloud as the provider plugin of the package that the executable is named after. */
import path from "node:path";
import { SimulatedCloud } from "../../../engine/simulation/cloud.ts";
import { Faults, parseFaults } from "../../../engine/simulation/faults.ts";
import { withFunctions } from "../../../engine/simulation/functions.ts";
import { simulatedPackages } from "../../../engine/simulation/packages.ts";
import { simulationProviderFactory } from "../../../engine/simulation/provider.ts";
import { servePlugin } from "../../../plugins/resource-provider.ts";
import { setting } from "./settings.ts";

const packageName = path.basename(process.argv[1] ?? "").replace("pulumi-resource-", "");
const { table, functions = {} } = { table: {}, ...(await simulatedPackages[packageName]?.()) };
const cloud = await SimulatedCloud.open(path.join(setting("clouds"), `${packageName}.json`));
const own = setting("faults")
  .split("\n")
  .filter((fault) => fault.startsWith(`${packageName}:`));
const faults = new Faults(parseFaults(own, [table]));
const factory = withFunctions(simulationProviderFactory(table, { cloud, faults }), functions);
const { port } = await servePlugin({ packageName, version: "0.1.0", factory: () => factory });
process.stdout.write(`${port}\n`);
