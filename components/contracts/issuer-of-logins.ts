import type * as pulumi from "@pulumi/pulumi";

/** An OIDC issuer with a client of ours: one shape for every cloud, which Dex or oauth2-proxy is set up from. */
export interface IssuerOfLogins {
  readonly issuerUrl: pulumi.Output<string>;
  readonly clientId: pulumi.Output<string>;
  /** Secret. */
  readonly clientSecret: pulumi.Output<string>;
  /** The claim that lists the groups of a user; undefined when the issuer has none. */
  readonly groupsClaim: string | undefined;
  /** Beyond `openid email profile`. */
  readonly extraScopes: readonly string[];
}
