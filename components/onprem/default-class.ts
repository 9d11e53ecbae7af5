import { StorageClassPatch } from "@pulumi/kubernetes/storage/v1/storageClassPatch.js";
import * as pulumi from "@pulumi/pulumi";

const TYPE = "kubeflow:onprem:DefaultClass";

export interface DefaultClassArgs {
  /** Existing class, which becomes the default. */
  readonly name: string;
  /** Existing classes, which are it no longer. */
  readonly others: readonly string[];
  /** The cluster's `@pulumi/kubernetes` provider. */
  readonly provider: pulumi.ProviderResource;
}

/**
 * Moves the mark of the default storage class; the classes stay their owner's.
 *
 * ```ts
 * new DefaultClass("storage", { name: "ceph-block", others: ["local-path"], provider });
 * ```
 *
 * Upgrade hazard: without it the marks are gone, and not as they were before.
 */
export class DefaultClass extends pulumi.ComponentResource {
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: DefaultClassArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { provider } = args;
    const patch = (className: string, isDefault: boolean, dependsOn: pulumi.Resource[]): pulumi.Resource =>
      new StorageClassPatch(
        `${name}-${className}`,
        {
          metadata: {
            name: className,
            annotations: {
              "storageclass.kubernetes.io/is-default-class": String(isDefault),
              // Whoever made the class has set its mark, too, and is not asked.
              "pulumi.com/patchForce": "true",
            },
          },
        },
        { parent: this, provider, dependsOn },
      );
    // First the others: of two defaults Kubernetes takes the youngest.
    const others = args.others.map((other) => patch(other, false, []));
    this.ready = [...others, patch(args.name, true, others)];
    this.registerOutputs({});
  }
}
