/** What a project is told: APIs, accounts, who may do what, quotas, budgets. */
import type { SimulationTable } from "../table.ts";
import { named, names, pathOf, textOf, type Ask } from "./answers.ts";

/** A role of somebody on something. */
const granted = (on: string) => (ask: Ask) => ({
  id: `${textOf(ask, on)}/${textOf(ask, "role")}/${textOf(ask, "member")}~${ask.token}`,
  outputs: { etag: ask.token },
});

export const project: SimulationTable = {
  "gcp:projects/service:Service": {
    required: ["service"],
    optional: names(`
      checkIfServiceHasUsageOnDestroy deletionPolicy disableDependentServices disableOnDestroy project
    `),
    forceNew: names("project service"),

    answer: (ask) => ({ id: `${textOf(ask, "project")}/${textOf(ask, "service")}~${ask.token}`, outputs: {} }),
  },
  "gcp:projects/serviceIdentity:ServiceIdentity": {
    required: ["service"],
    optional: names(`
      project
    `),
    forceNew: names("project service"),

    answer: (ask) => {
      // Google numbers projects; the account's domain is the service's own.
      const email = `service-${ask.token}@${textOf(ask, "service").split(".")[0] ?? ""}.iam.gserviceaccount.com`;
      const id = `${pathOf(ask, "services")}/${textOf(ask, "service")}~${ask.token}`;
      return { id, outputs: { email, member: `serviceAccount:${email}` } };
    },
  },
  "gcp:serviceaccount/account:Account": {
    required: [],
    optional: names(`
      accountId createIgnoreAlreadyExists deletionPolicy description disabled displayName project
    `),
    forceNew: names("accountId project"),
    autoName: { property: "accountId", maxLength: 30, separator: "-" },
    answer: (ask) => {
      const email = `${textOf(ask, "accountId")}@${textOf(ask, "project")}.iam.gserviceaccount.com`;
      const name = `${pathOf(ask, "serviceAccounts")}/${email}`;
      return {
        id: `${name}~${ask.token}`,
        outputs: { email, member: `serviceAccount:${email}`, name, uniqueId: ask.token },
      };
    },
  },
  "gcp:projects/iAMMember:IAMMember": {
    required: ["member", "project", "role"],
    optional: names(`
      condition
    `),
    forceNew: names("project role member condition"),

    answer: granted("project"),
  },
  "gcp:projects/iAMAuditConfig:IAMAuditConfig": {
    required: ["auditLogConfigs", "project", "service"],
    optional: [],
    forceNew: names("project service"),

    answer: (ask) => ({
      id: `${textOf(ask, "project")}/audit_config/${textOf(ask, "service")}~${ask.token}`,
      outputs: { etag: ask.token },
    }),
  },
  "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": {
    required: ["cryptoKeyId", "member", "role"],
    optional: names(`
      condition
    `),
    forceNew: names("cryptoKeyId role member condition"),

    answer: granted("cryptoKeyId"),
  },
  "gcp:storage/bucketIAMMember:BucketIAMMember": {
    required: ["bucket", "member", "role"],
    optional: names(`
      condition
    `),
    forceNew: names("bucket role member condition"),

    answer: granted("bucket"),
  },
  "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": {
    required: ["member", "repository", "role"],
    optional: names(`
      condition location project
    `),
    forceNew: names("repository location project role member condition"),

    answer: granted("repository"),
  },
  "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember": {
    required: ["managedZone", "member", "role"],
    optional: names(`
      condition project
    `),
    forceNew: names("managedZone project role member condition"),

    answer: granted("managedZone"),
  },
  "gcp:iap/webIamMember:WebIamMember": {
    required: ["member", "role"],
    optional: names(`
      condition project
    `),
    forceNew: names("project role member condition"),

    answer: granted("project"),
  },
  "gcp:cloudquota/sQuotaPreference:SQuotaPreference": {
    required: ["quotaConfig"],
    optional: names(`
      contactEmail dimensions ignoreSafetyChecks justification name parent quotaId service
    `),
    forceNew: names("name parent service quotaId dimensions"),

    answer: (ask) => {
      const id = named(`${textOf(ask, "parent")}/locations/global/quotaPreferences`, ask);
      return { id, outputs: { etag: ask.token, reconciling: false } };
    },
  },
  "gcp:billing/budget:Budget": {
    required: ["amount", "billingAccount"],
    optional: names(`
      allUpdatesRule budgetFilter deletionPolicy displayName ownershipScope thresholdRules
    `),
    forceNew: names("billingAccount"),

    answer: (ask) => {
      const id = `billingAccounts/${textOf(ask, "billingAccount")}/budgets/${ask.token}`;
      return { id, outputs: { name: id } };
    },
  },
  "gcp:monitoring/notificationChannel:NotificationChannel": {
    required: ["type"],
    optional: names(`
      deletionPolicy description displayName enabled forceDelete labels project sensitiveLabels
      userLabels
    `),
    forceNew: names("project type"),

    answer: (ask) => {
      const id = pathOf(ask, `notificationChannels/${ask.token}`);
      return { id, outputs: { name: id, verificationStatus: "" } };
    },
  },
};
