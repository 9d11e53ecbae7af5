import { Zone } from "@pulumi/azure-native/dns/zone.js";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceAccountRef } from "../contracts/workload-identity.ts";
import type { Protection } from "../shared/protection.ts";
import { placeOf, type Place } from "./place.ts";
import { grantRole } from "./roles.ts";
import { createFederatedIdentity } from "./workload-identity.ts";

const TYPE = "kubeflow:aks:DnsZone";

export interface DnsZoneArgs extends Place {
  readonly subscriptionId: string;
  readonly domain: string;
  readonly issuerUrl: pulumi.Input<string>;
  readonly protection: Protection;
}

/** Who writes records: the dashboard's address, and the proofs that certificates are issued on. */
const writers: readonly ServiceAccountRef[] = [
  { namespace: "cert-manager", name: "cert-manager" },
  { namespace: "external-dns", name: "external-dns" },
];

/**
 * The zone of the cluster, and the identity that cert-manager and external-dns write its records as.
 *
 * ```ts
 * const dns = new DnsZone("dns", { ...place, subscriptionId, domain: "kubeflow.example.com", issuerUrl, protection });
 * ```
 *
 * Upgrade hazard: a new zone has new name servers, which the parent zone has to name.
 */
export class DnsZone extends pulumi.ComponentResource {
  readonly nameServers: pulumi.Output<readonly string[]>;
  /** What service accounts carry as `azure.workload.identity/client-id`. */
  readonly writerClientId: pulumi.Output<string>;

  constructor(name: string, args: DnsZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { resourceGroupName, tags, domain } = args;
    const zone = new Zone(
      `${name}-zone`,
      { resourceGroupName, tags, location: "global", zoneName: domain, zoneType: "Public" },
      { parent: this, ...args.protection.data },
    );
    const { identity } = createFederatedIdentity(
      `${name}-writer`,
      { ...placeOf(args), issuerUrl: args.issuerUrl, serviceAccounts: writers },
      { parent: this },
    );
    grantRole(
      `${name}-writer`,
      {
        subscriptionId: args.subscriptionId,
        role: "dnsZoneContributor",
        scope: zone.id,
        principalId: identity.principalId,
      },
      { parent: this },
    );
    this.nameServers = zone.nameServers;
    this.writerClientId = identity.clientId;
    this.registerOutputs({});
  }
}
