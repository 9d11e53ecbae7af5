import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import { gpuTaint } from "../contracts/gpu-pool.ts";
import { chartSource } from "../shared/charts.ts";

const TYPE = "kubeflow:eks:FabricPlugin";

/**
 * The device plugin that lets pods ask for interfaces of the Elastic Fabric (`vpc.amazonaws.com/efa`).
 *
 * ```ts
 * new FabricPlugin("efa", { parent: this, dependsOn: [system.group] });
 * ```
 */
export class FabricPlugin extends pulumi.ComponentResource {
  /** @param opts with what it waits for in `dependsOn`. */
  constructor(name: string, dependsOn: readonly pulumi.Resource[], opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    new Release(
      name,
      {
        ...chartSource("aws-efa-k8s-device-plugin"),
        name: "aws-efa-k8s-device-plugin",
        namespace: "kube-system",
        values: { tolerations: [{ key: gpuTaint.key, operator: "Exists", effect: gpuTaint.effect }] },
      },
      // A daemon set on nodes that may come later; Helm puts it there and takes it away as a whole.
      { parent: this, dependsOn: [...dependsOn] },
    );
    this.registerOutputs({});
  }
}
