/** The project's CRD plugin, for the cluster that stands in for a simulated one. */
import { withStandIn } from "../../../engine/simulation/stand-in.ts";
import { readFile } from "node:fs/promises";
import { ClientPool } from "../../../kubernetes/pool.ts";
import { crdProviderFactory } from "../../../plugins/crd/provider.ts";
import { servePlugin } from "../../../plugins/resource-provider.ts";
import { setting } from "./settings.ts";

const clients = new ClientPool();
const { port } = await servePlugin({
  packageName: "kubeflow",
  version: "0.1.0",
  factory: (stack) =>
    withStandIn(crdProviderFactory({ fieldManager: `pulumi-kubeflow-${stack}`, clients }), () =>
      readFile(setting("cluster"), "utf8"),
    ),
});
process.stdout.write(`${port}\n`);
