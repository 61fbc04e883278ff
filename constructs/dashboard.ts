import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
import { type IResolveContext, Lazy, Token } from "cdktf";
import { Construct } from "constructs";
import { dashboardBody, type DashboardAlarm } from "./dashboard/body";
import type { Context } from "./shared/context";

export interface DashboardProps {
  readonly context: Context;
  /** What is watched, also what is added later. */
  readonly monitoring: { readonly watched: readonly DashboardAlarm[] };
  /** What a month may cost, drawn into the chart of the cost. */
  readonly budgetUsd: number;
}

/**
 * One dashboard of everything that is watched. $3 a month beyond the account's third (us-east-1, 2026-11).
 *
 * Every metric that an alarm looks at is on it, with its threshold.
 */
export class Dashboard extends Construct {
  /** Name of the dashboard, and of its page in the console. */
  public readonly name: string;

  constructor(scope: Construct, id: string, { context, monitoring, budgetUsd }: DashboardProps) {
    super(scope, id);
    const { name, path, region } = context;
    let drawn = { count: -1, body: "" };
    const body = (resolution: IResolveContext): string => {
      const count = monitoring.watched.length;
      // cdktf asks more than once
      if (drawn.count !== count) drawn = { count, body: draw(resolution) };
      return drawn.body;
    };
    const draw = (resolution: IResolveContext): string => {
      // a token is a number that changes with every use: references are compared and grouped once they are text
      const alarms = withoutTokens(monitoring.watched, resolution) as readonly DashboardAlarm[];
      return withReferences(JSON.stringify(dashboardBody({ name, path, region, alarms, budgetUsd })));
    };
    const dashboard = new CloudwatchDashboard(this, "Resource", {
      dashboardName: name,
      dashboardBody: Lazy.stringValue({ produce: body }),
    });
    this.name = dashboard.dashboardName;
  }
}

/** What resolving the whole would give; most of it is plain, and cdktf takes as long for that. */
function withoutTokens(value: unknown, resolution: IResolveContext): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutTokens(item, resolution));
  if (Token.isUnresolved(value)) return resolution.resolve(value) as unknown;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutTokens(item, resolution)]));
}

/** JSON whose strings hold Terraform references, which are no JSON: a quote in one is a quote. */
function withReferences(json: string): string {
  return json.replace(/(?<!\$)\$\{[^}]*\}/g, (reference) => reference.replaceAll('\\"', '"'));
}
