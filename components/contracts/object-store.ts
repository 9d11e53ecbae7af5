import type * as pulumi from "@pulumi/pulumi";

/** A private, versioned and encrypted bucket. */
export interface ObjectStore {
  /** Which protocol its clients speak. */
  readonly kind: "gcs" | "s3" | "azure-blob";
  readonly bucket: pulumi.Output<string>;
  /** `gs://bucket`, `s3://bucket`, `https://account.blob.core.windows.net/container` */
  readonly url: pulumi.Output<string>;
  readonly region: string;
  /** The storage account that holds it, on Azure. */
  readonly account?: pulumi.Output<string>;
}
