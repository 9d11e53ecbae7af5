import type * as pulumi from "@pulumi/pulumi";

/** A managed MySQL that only the cluster's network reaches. */
export interface Database {
  readonly engine: "mysql";
  /** `8.0`, `8.4` */
  readonly version: string;
  readonly host: pulumi.Output<string>;
  readonly port: 3306;
  readonly username: string;
  /** Secret: encrypted in state, shown nowhere. */
  readonly password: pulumi.Output<string>;
  /** Whether clients have to use TLS. */
  readonly tls: "required" | "offered";
}
