import { Budget } from "@pulumi/gcp/billing/budget.js";
import { NotificationChannel } from "@pulumi/gcp/monitoring/notificationChannel.js";
import * as pulumi from "@pulumi/pulumi";

const TYPE = "kubeflow:gke:GkeBudget";

export interface GkeBudgetArgs {
  readonly billingAccount: string;
  readonly projectNumber: string;
  readonly clusterName: string;
  readonly monthlyUsd: number;
  readonly emails: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** APIs that have to be on. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** Tells people when the project has cost 50, 90 and 100 % of a month's budget, or will. It stops nothing. */
export class GkeBudget extends pulumi.ComponentResource {
  constructor(name: string, args: GkeBudgetArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const dependsOn = [...args.dependsOn];
    const channels = args.emails.map(
      (email) =>
        new NotificationChannel(
          `${name}-${email.replace(/[^a-zA-Z0-9]+/g, "-")}`,
          { type: "email", displayName: email, labels: { email_address: email }, userLabels: args.labels },
          { parent: this, dependsOn },
        ),
    );
    new Budget(
      name,
      {
        billingAccount: args.billingAccount,
        displayName: `Kubeflow ${args.clusterName}`,
        amount: { specifiedAmount: { currencyCode: "USD", units: String(args.monthlyUsd) } },
        budgetFilter: { projects: [`projects/${args.projectNumber}`] },
        thresholdRules: [
          { thresholdPercent: 0.5 },
          { thresholdPercent: 0.9 },
          { thresholdPercent: 1 },
          { thresholdPercent: 1, spendBasis: "FORECASTED_SPEND" },
        ],
        allUpdatesRule: { monitoringNotificationChannels: channels.map(({ id }) => id) },
      },
      { parent: this, dependsOn },
    );
    this.registerOutputs({});
  }
}
