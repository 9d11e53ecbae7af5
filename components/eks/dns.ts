import { Certificate } from "@pulumi/aws/acm/certificate.js";
import { Record as DnsRecord } from "@pulumi/aws/route53/record.js";
import { Zone } from "@pulumi/aws/route53/zone.js";
import * as pulumi from "@pulumi/pulumi";
import type { DnsZone } from "../contracts/dns-zone.ts";
import { protectionOf } from "../shared/protection.ts";
import { partitionOf, type Place } from "./aws-names.ts";
import { PodIdentity } from "./pod-identity.ts";
import type { Statement } from "./policy-document.ts";
import type { EksSettings } from "./settings.ts";

const TYPE = "kubeflow:eks:Dns";

export interface DnsArgs {
  readonly place: Place;
  readonly clusterName: pulumi.Input<string>;
  readonly domain: string;
  readonly protection: EksSettings["protection"];
}

/** In-cluster controllers that write into the zone: where their charts put them. */
const writers = [
  { namespace: "cert-manager", name: "cert-manager" },
  { namespace: "external-dns", name: "external-dns" },
] as const;

/**
 * The zone of a cluster's names, a certificate of AWS's for them, and the right of cert-manager and external-dns to
 * write into this zone.
 *
 * ```ts
 * const dns = new Dns("dns", { place, clusterName, domain: "kubeflow-dev.example.com", protection: "standard" });
 * ```
 *
 * Costs 0.5 USD a month. AWS signs the certificate once the domain's owner has delegated the zone; nothing waits for it.
 */
export class Dns extends pulumi.ComponentResource {
  readonly nameServers: pulumi.Output<readonly string[]>;
  readonly certificateArn: pulumi.Output<string>;
  /** What the platform is told of it. */
  readonly facts: DnsZone;
  /** What pods of cert-manager and external-dns wait for. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: DnsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const { place, clusterName, domain } = args;
    const protection = protectionOf(args.protection);
    const zone = new Zone(
      name,
      // Records of external-dns would keep an unprotected zone from going.
      { name: domain, comment: `Names of the cluster ${place.clusterName}`, forceDestroy: !protection.deletion },
      { parent: this, ...protection.data },
    );
    const certificate = new Certificate(
      name,
      {
        domainName: dashboardHost(domain),
        subjectAlternativeNames: [`*.${dashboardHost(domain)}`],
        validationMethod: "DNS",
      },
      { parent: this },
    );
    // A name and its wildcard are proved by one record.
    const proof = certificate.domainValidationOptions.apply(([option]) => option);
    const part = (key: "resourceRecordName" | "resourceRecordType" | "resourceRecordValue") =>
      proof.apply((option) => option?.[key] ?? "");
    new DnsRecord(
      `${name}-proof`,
      {
        zoneId: zone.zoneId,
        name: part("resourceRecordName"),
        type: part("resourceRecordType"),
        records: [part("resourceRecordValue")],
        ttl: 300,
      },
      { parent: this },
    );
    const identities = writers.map(
      (serviceAccount) =>
        new PodIdentity(
          `${name}-${serviceAccount.name}`,
          { place, clusterName, serviceAccount, statements: zoneStatements(place, zone.arn) },
          { parent: this },
        ),
    );
    this.nameServers = zone.nameServers;
    // EKS gives the role to the service account, which carries nothing.
    const writer = { annotations: {}, podLabels: {} };
    const { region } = place;
    this.facts = {
      provider: "aws",
      domain,
      dns01Solver: { route53: { region, hostedZoneID: zone.zoneId } },
      // Pod identity brings no region, which Amazon's SDK wants even for a service without regions.
      externalDns: { arguments: ["--aws-zone-type=public"], environment: { AWS_REGION: region } },
      writers: { "cert-manager/cert-manager": writer, "external-dns/external-dns": writer },
    };
    this.certificateArn = certificate.arn;
    this.ready = identities.flatMap(({ ready }) => ready);
    this.registerOutputs({});
  }
}

export function dashboardHost(domain: string): string {
  return `kubeflow.${domain}`;
}

/** Changes of one zone, and reading what Route 53 tells of no zone in particular. */
function zoneStatements({ region }: Place, zoneArn: pulumi.Input<string>): readonly Statement[] {
  return [
    {
      Sid: "WriteRecordsOfTheZone",
      Effect: "Allow",
      Action: ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets", "route53:ListTagsForResource"],
      Resource: zoneArn,
    },
    {
      Sid: "WatchChanges",
      Effect: "Allow",
      Action: "route53:GetChange",
      Resource: `arn:${partitionOf(region)}:route53:::change/*`,
    },
    // Lists have no ARN, so AWS takes `*` only.
    {
      Sid: "FindTheZone",
      Effect: "Allow",
      Action: ["route53:ListHostedZones", "route53:ListHostedZonesByName"],
      Resource: "*",
    },
  ];
}
