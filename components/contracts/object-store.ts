import type * as pulumi from "@pulumi/pulumi";

/** A private bucket; those that a cloud's target makes are versioned and encrypted. */
export interface ObjectStore {
  /** Which protocol its clients speak. */
  readonly kind: "gcs" | "s3" | "azure-blob";
  readonly bucket: pulumi.Output<string>;
  /** `gs://bucket`, `s3://bucket`, `https://account.blob.core.windows.net/container` */
  readonly url: pulumi.Output<string>;
  readonly region: string;
  /** Days for which it keeps old versions of an object that was replaced or deleted. @default - not known, so none */
  readonly versionsKeptDays?: number;
  /** The storage account that holds it, on Azure. */
  readonly account?: pulumi.Output<string>;
  /** Of its S3 API, for a store that is not a cloud's own: `https://s3.example.com:9000`. @default - the cloud's */
  readonly endpoint?: string;
  /** Secret. A key to the whole bucket, for a store that knows no workload identities. @default - none */
  readonly credentials?: { readonly accessKey: pulumi.Output<string>; readonly secretKey: pulumi.Output<string> };
  /** Certificates in PEM that vouch for the endpoint. @default - public authorities */
  readonly caCertificate?: string;
}
