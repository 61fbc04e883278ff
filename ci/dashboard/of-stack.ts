import type { DashboardBody } from "../../constructs/dashboard/widgets";

/** What is read of a synthesized stack. */
interface StackOfDashboard {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

/** A dashboard's body before Terraform has filled in its references, and what its alarms are called. */
export interface DashboardOfStack {
  readonly body: DashboardBody;
  readonly nameOf: (alarmArn: string) => string;
}

/** The dashboard of a synthesized stack; undefined where there is none. */
export function dashboardOf({ resource }: StackOfDashboard): DashboardOfStack | undefined {
  const [dashboard] = Object.values(resource?.["aws_cloudwatch_dashboard"] ?? {});
  if (dashboard === undefined) return undefined;
  const name = `${String(dashboard["dashboard_name"])}-`;
  const alarms = resource?.["aws_cloudwatch_metric_alarm"] ?? {};
  return {
    // a quote in a reference is none of JSON's, and two dollar signs are Terraform's way to write one
    body: JSON.parse(
      String(dashboard["dashboard_body"])
        .replace(/(?<!\$)\$\{[^}]*\}/g, (reference) => reference.replaceAll('"', '\\"'))
        .replaceAll("$${", "${"),
    ) as DashboardBody,
    nameOf: (arn) => {
      const [, id = ""] = /^\$\{aws_cloudwatch_metric_alarm\.([^.]+)\.arn\}$/.exec(arn) ?? [];
      const alarmName = alarms[id]?.["alarm_name"];
      if (typeof alarmName !== "string") return arn;
      return alarmName.startsWith(name) ? alarmName.slice(name.length) : alarmName;
    },
  };
}
