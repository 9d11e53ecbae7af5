import { Budget } from "@pulumi/azure-native/consumption/budget.js";
import type * as pulumi from "@pulumi/pulumi";

export interface BudgetAlertArgs {
  readonly subscriptionId: string;
  readonly monthlyUsd: number;
  readonly emails: readonly string[];
  /** What counts: nodes and disks are in a group of their own. */
  readonly resourceGroups: readonly pulumi.Input<string>[];
}

/** Mails when so much of the money of a month is spent. */
const thresholds = [50, 90, 100];

/** @param firstOfMonth of the month in which the budget is made, as an ISO date. */
export function createBudgetAlert(
  name: string,
  args: BudgetAlertArgs,
  firstOfMonth: string,
  opts: pulumi.CustomResourceOptions,
): Budget {
  return new Budget(
    name,
    {
      scope: `/subscriptions/${args.subscriptionId}`,
      category: "Cost",
      amount: args.monthlyUsd,
      timeGrain: "Monthly",
      timePeriod: { startDate: `${firstOfMonth}T00:00:00Z` },
      filter: { dimensions: { name: "ResourceGroupName", operator: "In", values: [...args.resourceGroups] } },
      notifications: Object.fromEntries(
        thresholds.map((threshold) => [
          `at-${String(threshold)}`,
          {
            ...{ enabled: true, threshold, thresholdType: "Actual", operator: "GreaterThanOrEqualTo" },
            contactEmails: [...args.emails],
          },
        ]),
      ),
    },
    // Azure takes a new budget from this month on only; an old one goes on from where it began.
    { ...opts, ignoreChanges: ["timePeriod"] },
  );
}

export function firstOfMonth(today: Date): string {
  return `${today.toISOString().slice(0, 7)}-01`;
}
