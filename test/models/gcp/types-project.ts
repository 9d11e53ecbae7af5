/** The project's APIs, accounts and money, and who may do what, as calls. */
import type { GcpType, Move } from "./translate.ts";

const roleForm = /^(projects\/[\w-]+\/|organizations\/\d+\/)?roles\/\w+(\.\w+)*$/;

/** The kinds that we use, as IAM's documentation has them; not every API's document tells them. */
const memberForm =
  /^((user|group|serviceAccount):[^@\s]+@[^@\s]+\.[^@\s]+|principal:\/\/iam\.googleapis\.com\/projects\/\d+\/locations\/global\/workloadIdentityPools\/[a-z0-9.-]+\/subject\/\S+)$/;

/**
 * A member of a policy: the provider reads the policy, adds this and writes all of it back.
 *
 * @param policy where the policy is in the body.
 */
const member = (
  document: string,
  method: string,
  parameters: GcpType["parameters"],
  { policy = "policy.", condition = false }: { readonly policy?: string; readonly condition?: boolean } = {},
): GcpType => {
  const binding = `${policy}bindings.0`;
  const moves: Readonly<Record<string, Move>> = {
    role: { to: `${binding}.role`, wants: roleForm },
    member: { to: `${binding}.members.0`, wants: memberForm },
    ...(condition ? { condition: `${binding}.condition` } : {}),
  };
  return { document, method, parameters, moves };
};

const members: Readonly<Record<string, GcpType>> = {
  "gcp:projects/iAMMember:IAMMember": member("cloudresourcemanager.v1", "projects.setIamPolicy", {
    resource: "{project}",
  }),
  "gcp:iap/webIamMember:WebIamMember": member("iap.v1", "v1.setIamPolicy", { resource: "projects/{project}/iap_web" }),
  "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": member(
    "cloudkms.v1",
    "projects.locations.keyRings.cryptoKeys.setIamPolicy",
    { resource: "{cryptoKeyId}" },
  ),
  "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": member(
    "artifactregistry.v1",
    "projects.locations.repositories.setIamPolicy",
    { resource: "projects/{project}/locations/{location}/repositories/{repository}" },
  ),
  "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember": member("dns.v1", "managedZones.setIamPolicy", {
    resource: "projects/{project}/managedZones/{managedZone}",
  }),
  "gcp:storage/bucketIAMMember:BucketIAMMember": member(
    "storage.v1",
    "buckets.setIamPolicy",
    { bucket: "{bucket}" },
    { policy: "", condition: true },
  ),
};

export const projectTypes: Readonly<Record<string, GcpType>> = {
  ...members,
  "gcp:projects/service:Service": {
    document: "serviceusage.v1",
    method: "services.enable",
    parameters: { name: "projects/{project}/services/{service}" },
    dropped: { disableOnDestroy: "Pulumi's provider's own" },
  },
  "gcp:projects/serviceIdentity:ServiceIdentity": {
    document: "serviceusage.v1beta1",
    method: "services.generateServiceIdentity",
    parameters: { parent: "projects/{project}/services/{service}" },
  },
  "gcp:projects/iAMAuditConfig:IAMAuditConfig": {
    document: "cloudresourcemanager.v1",
    method: "projects.setIamPolicy",
    parameters: { resource: "{project}" },
    body: "policy.auditConfigs.0",
  },
  "gcp:serviceaccount/account:Account": {
    document: "iam.v1",
    method: "projects.serviceAccounts.create",
    parameters: { name: "projects/{project}" },
    moves: { displayName: "serviceAccount.displayName", description: "serviceAccount.description" },
  },
  "gcp:monitoring/notificationChannel:NotificationChannel": {
    document: "monitoring.v3",
    method: "projects.notificationChannels.create",
    parameters: { name: "projects/{project}" },
  },
  "gcp:billing/budget:Budget": {
    document: "billingbudgets.v1",
    method: "billingAccounts.budgets.create",
    parameters: { parent: "billingAccounts/{billingAccount}" },
    moves: { allUpdatesRule: "notificationsRule" },
  },
};
