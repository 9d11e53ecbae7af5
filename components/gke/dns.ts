import { DnsManagedZoneIamMember } from "@pulumi/gcp/dns/dnsManagedZoneIamMember.js";
import { ManagedZone } from "@pulumi/gcp/dns/managedZone.js";
import { IAMMember } from "@pulumi/gcp/projects/iammember.js";
import * as pulumi from "@pulumi/pulumi";
import type { DnsZone } from "../contracts/dns-zone.ts";
import type { ServiceAccountRef } from "../contracts/workload-identity.ts";
import type { Protection } from "../shared/protection.ts";
import { principalOf } from "./workload-identity.ts";

const TYPE = "kubeflow:gke:GkeDns";

export interface GkeDnsArgs {
  readonly project: string;
  readonly projectNumber: string;
  readonly domain: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly protection: Protection;
  /** APIs that have to be on. */
  readonly dependsOn: readonly pulumi.Resource[];
  /** The project's identity pool is not there before its first one. */
  readonly cluster: pulumi.Resource;
}

/** The service accounts that write records: proofs for certificates, and addresses of gateways. */
const dnsWriters: readonly ServiceAccountRef[] = [
  { namespace: "cert-manager", name: "cert-manager" },
  { namespace: "external-dns", name: "external-dns" },
];

/**
 * The zone of the cluster's domain, signed, and who in the cluster may write to it. The certificate of the dashboard is
 * cert-manager's, which proves the domain in this zone, as on every target.
 *
 * Once by hand: the parent domain has to name the zone's servers, and its DS record.
 */
export class GkeDns extends pulumi.ComponentResource {
  readonly zone: pulumi.Output<string>;
  readonly nameServers: pulumi.Output<readonly string[]>;
  /** What the platform is told of it. */
  readonly facts: DnsZone;
  /** What writes records in the cluster takes them back when it goes, and can only while it has these. */
  readonly granted: readonly pulumi.Resource[];

  constructor(name: string, args: GkeDnsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { project } = args;
    const zone = new ManagedZone(
      name,
      {
        dnsName: `${args.domain}.`,
        description: "Kubeflow",
        visibility: "public",
        dnssecConfig: { state: "on", nonExistence: "nsec3" },
        // Without any protection a stack goes with the records that external-dns has left.
        forceDestroy: !args.protection.deletion,
        labels: args.labels,
      },
      { parent: this, dependsOn: [...args.dependsOn], ...args.protection.data },
    );
    this.zone = zone.name;
    this.nameServers = zone.nameServers;
    // GKE knows a pod by its service account alone.
    const writer = { annotations: {}, podLabels: {} };
    this.facts = {
      provider: "google",
      domain: args.domain,
      dns01Solver: { cloudDNS: { project, hostedZoneName: zone.name } },
      externalDns: { arguments: [`--google-project=${project}`, "--google-zone-visibility=public"] },
      writers: { "cert-manager/cert-manager": writer, "external-dns/external-dns": writer },
    };
    this.granted = dnsWriters.flatMap((writer) => {
      const member = principalOf(args, writer);
      const options = { parent: this, dependsOn: [args.cluster] };
      return [
        new DnsManagedZoneIamMember(
          `${name}-${writer.name}`,
          { project, managedZone: zone.name, role: "roles/dns.admin", member },
          options,
        ),
        // Both look for the zone among those of the project, which no role on a zone allows.
        new IAMMember(`${name}-${writer.name}-reader`, { project, role: "roles/dns.reader", member }, options),
      ];
    });
    this.registerOutputs({});
  }
}
