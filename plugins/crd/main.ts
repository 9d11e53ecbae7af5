/**
 * The CRD provider as a plugin of the Pulumi CLI, which starts `pulumi-resource-kubeflow` in this folder
 * (`plugins.providers` in Pulumi.yaml; `getPluginPath` and `ExecPlugin` in pulumi/pulumi), reads a port from the first
 * line of its stdout and speaks `ResourceProvider` to it. On Windows the CLI looks for an .exe and finds none: use WSL there.
 */
import { ClientPool } from "../../kubernetes/pool.ts";
import { servePlugin } from "../resource-provider.ts";
import { crdProviderFactory } from "./provider.ts";

const clients = new ClientPool();
const { port } = await servePlugin({
  packageName: "kubeflow",
  version: "0.1.0",
  // The name that `kf` applies under too, so that a stack may go from one engine to the other.
  factory: (stack) =>
    crdProviderFactory({
      fieldManager: `pulumi-kubeflow-${stack}`,
      clients,
      progress: (message) => process.stderr.write(`${message}\n`),
    }),
});
process.stdout.write(`${port}\n`);
