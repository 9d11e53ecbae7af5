import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import { chartSource } from "../shared/charts.ts";
import { metallbObjects, metallbValues, namespace } from "./metallb-objects.ts";
import type { OnpremSettings } from "./settings.ts";

const TYPE = "kubeflow:onprem:MetalLb";

export interface MetalLbArgs {
  readonly settings: NonNullable<OnpremSettings["metallb"]>;
  /** The cluster's `@pulumi/kubernetes` provider. */
  readonly provider: pulumi.ProviderResource;
}

/**
 * MetalLB: gives Services of type LoadBalancer addresses out of the pools, and lets the network know where they are.
 *
 * ```ts
 * const metallb = new MetalLb("metallb", { settings: { pools, announce: "l2", ... }, provider });
 * ```
 *
 * Upgrade hazard: the addresses of a pool that is taken out are taken from the Services that have them.
 */
export class MetalLb extends pulumi.ComponentResource {
  /** Services get addresses once these are there, and keep them until these go. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: MetalLbArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { settings, provider } = args;
    const place = new Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: namespace,
          // Its speakers answer ARP in the nodes' own network.
          labels: { "pod-security.kubernetes.io/enforce": "privileged" },
        },
      },
      { parent: this, provider },
    );
    const release = new Release(
      name,
      {
        ...chartSource("metallb"),
        name: "metallb",
        namespace: place.metadata.name,
        values: metallbValues(settings),
        timeout: 600,
      },
      // Pools are refused until the chart's webhook answers, and Helm is who waits for that.
      { parent: this, provider },
    );
    const made = new Map<string, pulumi.Resource>();
    for (const { key, needs, object } of metallbObjects(settings)) {
      const before = needs.flatMap((need) => made.get(need) ?? []);
      const options = { parent: this, provider, dependsOn: [release, ...before] };
      made.set(key, new CustomResource(`${name}-${key}`, object, options));
    }
    this.ready = [release, ...made.values()];
    this.registerOutputs({});
  }
}
