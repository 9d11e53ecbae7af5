/**
 * Stands in for Pulumi's random provider where neither a network nor this machine has it (tools/pulumi.ts says when):
 * the one of the offline engine as a plugin of the Pulumi CLI, for the types that components of this project use.
 */
import { randomProviderFactory } from "../../engine/random/provider.ts";
import { servePlugin } from "../resource-provider.ts";

const { port } = await servePlugin({
  packageName: "random",
  version: "0.1.0",
  factory: () => randomProviderFactory(),
});
process.stdout.write(`${port}\n`);
