import type * as pulumi from "@pulumi/pulumi";

/** A container registry that the cluster's nodes may pull from. */
export interface Registry {
  /** What image names begin with, without a slash at the end. */
  readonly url: pulumi.Output<string>;
  /** By upstream registry (`docker.io`): what image names begin with to come through the mirror. Empty where there is none. */
  readonly pullThrough: Readonly<Record<string, pulumi.Output<string>>>;
}
