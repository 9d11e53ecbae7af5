import { Zone } from "@pulumi/azure-native/dns/zone.js";
import * as pulumi from "@pulumi/pulumi";
import type { DnsZone as ZoneFacts } from "../contracts/dns-zone.ts";
import type { ServiceAccountRef } from "../contracts/workload-identity.ts";
import type { Protection } from "../shared/protection.ts";
import { placeOf, type Place } from "./place.ts";
import { grantRole } from "./roles.ts";
import { createFederatedIdentity } from "./workload-identity.ts";

const TYPE = "kubeflow:aks:DnsZone";

export interface DnsZoneArgs extends Place {
  readonly subscriptionId: string;
  readonly tenantId: string;
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
  /** What the platform is told of it. */
  readonly facts: ZoneFacts;
  /** What pods that write records wait for. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: DnsZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { resourceGroupName, tags, domain, subscriptionId, tenantId } = args;
    const zone = new Zone(
      `${name}-zone`,
      { resourceGroupName, tags, location: "global", zoneName: domain, zoneType: "Public" },
      { parent: this, ...args.protection.data },
    );
    const { identity, credentials } = createFederatedIdentity(
      `${name}-writer`,
      { ...placeOf(args), issuerUrl: args.issuerUrl, serviceAccounts: writers },
      { parent: this },
    );
    const grant = grantRole(
      `${name}-writer`,
      {
        subscriptionId,
        role: "dnsZoneContributor",
        scope: zone.id,
        principalId: identity.principalId,
      },
      { parent: this },
    );
    this.nameServers = zone.nameServers;
    this.ready = [...credentials, grant];
    const writer = {
      annotations: { "azure.workload.identity/client-id": identity.clientId },
      podLabels: { "azure.workload.identity/use": "true" },
    };
    this.facts = {
      provider: "azure",
      domain,
      dns01Solver: {
        azureDNS: {
          subscriptionID: subscriptionId,
          resourceGroupName,
          hostedZoneName: domain,
          environment: "AzurePublicCloud",
          managedIdentity: { clientID: identity.clientId },
        },
      },
      externalDns: {
        arguments: [],
        azureJson: pulumi.jsonStringify({
          tenantId,
          subscriptionId,
          resourceGroup: resourceGroupName,
          useWorkloadIdentityExtension: true,
        }),
      },
      writers: { "cert-manager/cert-manager": writer, "external-dns/external-dns": writer },
    };
    this.registerOutputs({});
  }
}
