/** What AWS answers for DNS zones, records and certificates. */
import type { SimulationTable } from "../table.ts";
import { arn, listOf, nameServers, named, tagsAll, text, withId } from "./answers.ts";

export const awsNamesTable: SimulationTable = {
  "aws:route53/zone:Zone": withId(
    {
      required: [],
      optional: ["comment", "delegationSetId", "enableAcceleratedRecovery", "forceDestroy", "name", "tags", "vpcs"],
      forceNew: ["name", "delegationSetId"],
      autoName: named("name", 1024),
    },
    "Z",
    (resource, id) => ({
      ...{ arn: arn(resource, "route53", `hostedzone/${id}`), zoneId: id },
      ...{ nameServers: nameServers(id), primaryNameServer: nameServers(id)[0] ?? null },
    }),
  ),
  "aws:route53/record:Record": {
    required: ["name", "type", "zoneId"],
    optional: [
      "aliases",
      "allowOverwrite",
      "cidrRoutingPolicy",
      "failoverRoutingPolicies",
      "geolocationRoutingPolicies",
      "geoproximityRoutingPolicy",
      "healthCheckId",
      "latencyRoutingPolicies",
      "multivalueAnswerRoutingPolicy",
      "records",
      "setIdentifier",
      "ttl",
      "weightedRoutingPolicies",
    ],
    forceNew: ["name", "type", "zoneId", "setIdentifier"],
    answer: (resource) => {
      const { zoneId, name, type } = resource.inputs;
      const id = `${text(zoneId)}_${text(name)}_${text(type)}`;
      return { id, outputs: { id, fqdn: text(name) } };
    },
  },
  "aws:acm/certificate:Certificate": {
    required: [],
    optional: [
      "certificateAuthorityArn",
      "certificateBody",
      "certificateChain",
      "domainName",
      "earlyRenewalDuration",
      "keyAlgorithm",
      "options",
      "privateKey",
      "privateKeyWo",
      "privateKeyWoVersion",
      "region",
      "subjectAlternativeNames",
      "tags",
      "validationMethod",
      "validationOptions",
    ],
    forceNew: [
      "domainName",
      "subjectAlternativeNames",
      "validationMethod",
      "keyAlgorithm",
      "certificateAuthorityArn",
      "region",
    ],
    answer: (resource) => {
      const id = arn(resource, "acm", `certificate/${resource.token}`);
      const domains = [resource.inputs["domainName"], ...listOf(resource.inputs["subjectAlternativeNames"])].map(text);
      return {
        id,
        outputs: {
          ...{ id, arn: id, status: "PENDING_VALIDATION", ...tagsAll(resource) },
          domainValidationOptions: domains.map((domainName) => ({
            domainName,
            // One proof for a name and its wildcard.
            resourceRecordName: `_${resource.token}.${domainName.replace(/^\*\./, "")}.`,
            resourceRecordType: "CNAME",
            resourceRecordValue: `_${resource.token}.acm-validations.aws.`,
          })),
        },
      };
    },
  },
};
