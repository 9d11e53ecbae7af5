import type * as pulumi from "@pulumi/pulumi";

/** A MySQL beside the cluster; a cloud's is managed and reached by the cluster's network only. */
export interface Database {
  readonly engine: "mysql";
  /** `8.0`, `8.4` */
  readonly version: string;
  readonly host: pulumi.Output<string>;
  readonly port: number;
  readonly username: string;
  /** Secret: encrypted in state, shown nowhere. */
  readonly password: pulumi.Output<string>;
  /** Whether clients have to use TLS. */
  readonly tls: "required" | "offered";
  /** Certificates in PEM that vouch for the server; public authorities when not set. */
  readonly caCertificate?: string;
}
