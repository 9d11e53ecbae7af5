/** The two classes of our own provider package `kubeflow` (plugins/crd). */
import * as pulumi from "@pulumi/pulumi";
import type { RenderedCrd } from "../../release/types.ts";

/** The provider that applies CRDs; its plugin is named in Pulumi.yaml. */
export class CrdProvider extends pulumi.ProviderResource {
  constructor(
    name: string,
    args: {
      readonly kubeconfig: pulumi.Input<string>;
      readonly context?: string;
      /** As the cluster's own provider has it: with another one every CRD is made anew. */
      readonly clusterIdentifier: pulumi.Input<string>;
    },
    opts?: pulumi.ResourceOptions,
  ) {
    super("kubeflow", name, { ...args }, opts);
  }
}

/**
 * One CustomResourceDefinition. State and previews carry the digest of its body, which is in the render cache: 74 CRDs
 * are 7.8 of the 10 MB that the state would have otherwise (docs/adr/0002-crds-by-digest.md).
 */
export class CustomResourceDefinition extends pulumi.CustomResource {
  constructor(crd: RenderedCrd, opts: pulumi.CustomResourceOptions) {
    const { name, digest, group, kind, scope, versions } = crd;
    super("kubeflow:index:CustomResourceDefinition", name, { name, digest, group, kind, scope, versions }, opts);
  }
}
