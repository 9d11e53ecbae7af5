import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import { chartSource } from "../shared/charts.ts";
import { operatorValues, type OperatorChoices } from "./operator-values.ts";

const TYPE = "kubeflow:gpu:GpuOperator";

export interface GpuOperatorArgs extends OperatorChoices {
  /** The cluster's `@pulumi/kubernetes` provider. */
  readonly provider: pulumi.ProviderResource;
  /** What the operator waits for, and is uninstalled before: the cluster's nodes. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/**
 * NVIDIA's GPU operator: device plugin, metrics, node labels, and as asked driver and container toolkit.
 *
 * ```ts
 * new GpuOperator("gpu", { provider, driver: true, toolkit: true, pools: target.gpuPools, dependsOn: [nodes] });
 * ```
 *
 * Pools that share GPUs need `sharingLabels(pool)` on their nodes. Upgrade hazard: a new driver restarts the pods that
 * use a GPU, one node at a time.
 */
export class GpuOperator extends pulumi.ComponentResource {
  /** What pods that ask for a GPU wait for. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: GpuOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { provider } = args;
    const namespace = new Namespace(
      `${name}-operator-namespace`,
      {
        metadata: {
          name: "gpu-operator",
          // Its pods load kernel modules and write the container runtime's configuration.
          labels: { "pod-security.kubernetes.io/enforce": "privileged" },
        },
      },
      { parent: this, provider, dependsOn: [...args.dependsOn] },
    );
    const release = new Release(
      `${name}-operator`,
      {
        ...chartSource("gpu-operator"),
        name: "gpu-operator",
        namespace: namespace.metadata.name,
        values: operatorValues(args),
        // Pools may have no node yet, so what is waited for is the operator, not its daemon sets.
        timeout: 900,
      },
      // The chart creates its own resources through CRDs and hooks that keep them in step, so Helm runs it.
      { parent: this, provider, dependsOn: [...args.dependsOn] },
    );
    this.ready = [release];
    this.registerOutputs({});
  }
}
