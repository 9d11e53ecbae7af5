import type { Check, Resource, Rule, Settings } from "../rule.ts";
import { dataAccounts } from "./encryption.ts";
import { at, refuses, unknown, wants, type Value } from "../values.ts";

const isProtected = ({ protect }: Resource): readonly string[] => (protect ? [] : ["the resource is not protected"]);

/** Somebody has said, by its name, that this one may go. */
const isGivenUp = ({ urn }: Resource, { unprotected }: Settings): boolean =>
  unprotected.includes(urn.split("::").at(-1) ?? "");

/** Protected in Pulumi, and whatever else the cloud has against deletion by mistake. */
const kept =
  (cloud: Check = () => []): Check =>
  (resource, settings) =>
    isGivenUp(resource, settings) ? [] : [...isProtected(resource), ...cloud(resource, settings)];

const noForce = kept(({ props }) => refuses(props, "forceDestroy", true));

/** A zone of the cluster's own network is none of them: its records come back with the cluster. */
const zone =
  (privacy: string, isPrivate: (value: Value) => boolean): Check =>
  (resource, settings) => {
    const value = at(resource.props, privacy);
    return value !== undefined && (value === unknown || isPrivate(value)) ? [] : noForce(resource, settings);
  };

export const protectedData: Rule = {
  name: "protected-data",
  title: "Buckets, databases, keys and DNS zones are protected, in Pulumi and by the cloud",
  remedy:
    "Set `protection: standard` or `strict` for the cluster in the stack's file; what is to go, name in policy:unprotected",
  concern: "operations",
  resources: {
    "gcp:storage/bucket:Bucket": noForce,
    "gcp:sql/databaseInstance:DatabaseInstance": kept(({ props }) => [
      ...refuses(props, "deletionProtection", false),
      ...wants(props, "settings.deletionProtectionEnabled", true),
    ]),
    "gcp:kms/cryptoKey:CryptoKey": kept(),
    "gcp:dns/managedZone:ManagedZone": zone("visibility", (visibility) => visibility === "private"),
    "aws:s3/bucket:Bucket": noForce,
    "aws:rds/instance:Instance": kept(({ props }) => [
      ...wants(props, "deletionProtection", true),
      ...refuses(props, "skipFinalSnapshot", true),
    ]),
    "aws:kms/key:Key": kept(),
    "aws:route53/zone:Zone": zone("vpcs", (vpcs) => Array.isArray(vpcs) && vpcs.length > 0),
    // Azure has no flag of the resource's own, but for vaults.
    "azure-native:dbformysql:Server": kept(),
    "azure-native:keyvault:Vault": kept(({ props }) => wants(props, "properties.enablePurgeProtection", true)),
    "azure-native:keyvault:Key": kept(),
    "azure-native:dns:Zone": kept(),
  },
  stack: (resources, settings) =>
    dataAccounts(resources)
      .filter((account) => !isGivenUp(account, settings))
      .flatMap((account) => isProtected(account).map((message) => ({ urn: account.urn, message }))),
};
