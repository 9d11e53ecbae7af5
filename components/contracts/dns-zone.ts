import type * as pulumi from "@pulumi/pulumi";

/** A DNS zone whose records the cluster may write, keyless: for certificates by ACME and for the gateway's own name. */
export interface DnsZone {
  /** As external-dns and cert-manager know the provider. */
  readonly provider: "google" | "aws" | "azure";
  /** `kubeflow.example.com` */
  readonly domain: string;
  /** cert-manager's `dns01` solver for the zone. */
  readonly dns01Solver: pulumi.Input<Readonly<Record<string, unknown>>>;
  /** What external-dns is told beside its provider: values of its chart. */
  readonly externalDnsValues: pulumi.Input<Readonly<Record<string, unknown>>>;
  /** What the service accounts that write the zone carry, by `namespace/name`: cert-manager's and external-dns's. */
  readonly writers: Readonly<
    Record<
      string,
      {
        readonly annotations: Readonly<Record<string, pulumi.Output<string>>>;
        readonly podLabels: Readonly<Record<string, string>>;
      }
    >
  >;
}
