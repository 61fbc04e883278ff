import { BudgetsBudget } from "@cdktf/provider-aws/lib/budgets-budget";
import { Construct } from "constructs";
import type { Context } from "./shared/context";

export interface EnvironmentBudgetProps {
  readonly context: Context;
  readonly monthlyUsd: number;
  /**
   * Count all costs of the account, which needs nothing else. Otherwise only what carries the tag `environment`: **activate the
   * tag** in Billing, under cost allocation tags, of the account that pays; before that, and for a day after, the budget sees
   * nothing spent. Traffic and taxes carry no tag.
   */
  readonly wholeAccount: boolean;
  /** At most ten. They need no confirmation. */
  readonly emails: readonly string[];
}

/**
 * A monthly limit that e-mails when half, 80 % and all of it is spent, and when AWS expects the month to end above it, which takes
 * AWS about five weeks of history. It stops nothing. Free: budgets without actions cost nothing (us-east-1, 2026-11).
 */
export class EnvironmentBudget extends Construct {
  constructor(scope: Construct, id: string, { context, monthlyUsd, wholeAccount, emails }: EnvironmentBudgetProps) {
    super(scope, id);
    const notification = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
      comparisonOperator: "GREATER_THAN",
      notificationType,
      threshold,
      thresholdType: "PERCENTAGE",
      subscriberEmailAddresses: [...emails],
    });
    new BudgetsBudget(this, "Budget", {
      name: context.name,
      budgetType: "COST",
      timeUnit: "MONTHLY",
      limitAmount: String(monthlyUsd),
      limitUnit: "USD",
      // what is spent counts, not what a credit pays for: credits end
      costTypes: { includeCredit: false, includeRefund: false },
      ...(wholeAccount
        ? {}
        : { costFilter: [{ name: "TagKeyValue", values: [`user:environment$${context.environment}`] }] }),
      notification: [
        notification("ACTUAL", 50),
        notification("ACTUAL", 80),
        notification("ACTUAL", 100),
        notification("FORECASTED", 100),
      ],
    });
  }
}
