import { Budget } from "@pulumi/aws/budgets/budget.js";
import * as pulumi from "@pulumi/pulumi";
import type { EksSettings } from "./settings.ts";

const TYPE = "kubeflow:eks:CostBudget";

export interface CostBudgetArgs {
  readonly budget: NonNullable<EksSettings["budget"]>;
  readonly clusterName: string;
}

/**
 * Mail when a month's cost of what carries the cluster's tag passes four fifths of the budget, or is forecast to pass it.
 *
 * ```ts
 * new CostBudget("budget", { budget: { monthlyUsd: 500, emails: ["team@example.com"] }, clusterName }, { parent: this });
 * ```
 *
 * It only tells: nothing is stopped. The tag `cluster` has to be activated for cost allocation, once per account.
 */
export class CostBudget extends pulumi.ComponentResource {
  constructor(name: string, { budget, clusterName }: CostBudgetArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TYPE, name, {}, opts);
    const notice = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
      notificationType,
      threshold,
      thresholdType: "PERCENTAGE",
      comparisonOperator: "GREATER_THAN",
      subscriberEmailAddresses: [...budget.emails],
    });
    new Budget(
      name,
      {
        budgetType: "COST",
        timeUnit: "MONTHLY",
        limitAmount: String(budget.monthlyUsd),
        limitUnit: "USD",
        costFilters: [{ name: "TagKeyValue", values: [`user:cluster$${clusterName}`] }],
        notifications: [notice("ACTUAL", 80), notice("FORECASTED", 100)],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
