import type * as pulumi from "@pulumi/pulumi";

/** A DNS zone whose records the cluster may write, keyless: for certificates by ACME and for the gateway's own name. */
export interface DnsZone {
  /** As external-dns calls it. */
  readonly provider: "google" | "aws" | "azure";
  /** Name of the zone: the dashboard's and the models' are in it. */
  readonly domain: string;
  /** cert-manager's `dns01` solver for the zone; values that only the apply knows are outputs inside it. */
  readonly dns01Solver: Readonly<Record<string, unknown>>;
  readonly externalDns: {
    /** Flags beside `--provider` and `--domain-filter`. */
    readonly arguments: readonly pulumi.Input<string>[];
    /** Variables of its container. @default - none */
    readonly environment?: Readonly<Record<string, string>>;
    /** Contents of `/etc/kubernetes/azure.json`, without a secret; only Azure's provider reads it. */
    readonly azureJson?: pulumi.Output<string>;
  };
  /** What the service accounts that write the zone carry, by `namespace/name`: cert-manager's and external-dns's. */
  readonly writers: Readonly<Record<"cert-manager/cert-manager" | "external-dns/external-dns", ZoneWriter>>;
}

interface ZoneWriter {
  /** Of the service account. */
  readonly annotations: Readonly<Record<string, pulumi.Output<string>>>;
  readonly podLabels: Readonly<Record<string, string>>;
}
