import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { Lb } from "@cdktf/provider-aws/lib/lb";
import { Dashboard } from "../../constructs/dashboard";
import { type DashboardAlarm, dashboardBody } from "../../constructs/dashboard/body";
import { valueText } from "../../constructs/dashboard/text";
import type { DashboardBody, MetricWidget, Placed } from "../../constructs/dashboard/widgets";
import type { MetricSpec } from "../../constructs/shared/alarm-spec";
import { synth } from "../support/synth";

const metric = (name: string, dimensions: MetricSpec["dimensions"] = {}, statistic = "Average"): MetricSpec => ({
  namespace: "AWS/Test",
  name,
  dimensions,
  statistic,
  unit: "percent",
});
const alarm = (name: string, overrides: Partial<DashboardAlarm> = {}): DashboardAlarm => ({
  name,
  section: "services",
  meaning: "Something is wrong",
  runbook: "high-cpu",
  metrics: { cpu: metric("CPUUtilization", { Name: name }) },
  comparison: ">",
  threshold: 80,
  periodSec: 60,
  datapoints: 3,
  of: 5,
  missing: "missing",
  alarmArn: `arn:${name}`,
  ...overrides,
});

const bodyOf = (alarms: readonly DashboardAlarm[]): DashboardBody =>
  dashboardBody({ name: "shop-prod", path: "/shop/prod", region: "eu-west-1", alarms, budgetUsd: 250 });
const charts = ({ widgets }: DashboardBody): Placed<MetricWidget>[] => widgets.filter((one) => one.type === "metric");
const chart = (body: DashboardBody, title: string): MetricWidget["properties"] => {
  const found = charts(body).filter(({ properties }) => properties.title === title);
  if (found.length !== 1) throw new Error(`${found.length} charts ${title}`);
  return found[0]!.properties;
};

describe("charts of alarms", () => {
  test("a metric is drawn as the alarm sees it, with a line where the alarm begins", () => {
    expect(chart(bodyOf([alarm("api-cpu")]), "High CPU")).toEqual({
      title: "High CPU",
      region: "eu-west-1",
      view: "timeSeries",
      stacked: false,
      metrics: [["AWS/Test", "CPUUtilization", "Name", "api-cpu", { stat: "Average", label: "api-cpu", period: 60 }]],
      yAxis: { left: { min: 0, label: "percent", showUnits: false } },
      annotations: { horizontal: [{ label: "> 80 % in 3 of 5 min", value: 80, color: "#d62728", fill: "above" }] },
    });
  });

  test("alarms of the same kind share a chart, and the same threshold is one line", () => {
    const { metrics, annotations } = chart(bodyOf([alarm("api-cpu"), alarm("mailer-cpu")]), "High CPU");
    expect(metrics.map((line) => line[3])).toEqual(["api-cpu", "mailer-cpu"]);
    expect(annotations?.horizontal).toHaveLength(1);
  });

  test("two alarms on one metric draw it once, with both thresholds and no shade that would hide one", () => {
    const rollback = alarm("api-cpu-release", {
      metrics: alarm("api-cpu").metrics,
      threshold: 50,
      datapoints: 2,
      of: 2,
    });
    const { metrics, annotations } = chart(bodyOf([alarm("api-cpu"), rollback]), "High CPU");
    expect(metrics).toHaveLength(1);
    expect(annotations?.horizontal.map(({ value, fill }) => [value, fill])).toEqual([
      [80, "none"],
      [50, "none"],
    ]);
  });

  test("alarms on one series share a chart whatever their kind, and one threshold says how long it takes each", () => {
    const rollback = alarm("api-rollback", {
      runbook: "rollback",
      metrics: alarm("api-cpu").metrics,
      datapoints: 2,
      of: 2,
    });
    const body = bodyOf([alarm("api-cpu"), rollback]);
    expect(chart(body, "High CPU").annotations?.horizontal.map(({ label }) => label)).toEqual([
      "> 80 % in 3 of 5 min or 2 of 2 min",
    ]);
    expect(charts(body)).toHaveLength(2);
  });

  test("values of another unit or another region get a chart of their own", () => {
    const bytes = alarm("b", { metrics: { free: { ...metric("Free"), unit: "bytes" } } });
    expect(
      charts(bodyOf([alarm("a"), bytes, alarm("c", { global: true })])).map((one) => one.properties.region),
    ).toEqual(["eu-west-1", "eu-west-1", "us-east-1", "us-east-1"]);
  });

  test("an expression is drawn, and what it is made of is there but hidden, with ids that are unique in the chart", () => {
    const rate = {
      metrics: { errors: metric("Errors"), all: metric("Requests", {}, "Sum") },
      expression: "100 * errors / FILL(all, 1)",
    };
    const other = { ...rate, metrics: { errors: metric("Errors", { Name: "other" }), all: metric("Requests") } };
    const { metrics } = chart(bodyOf([alarm("one", rate), alarm("two", other)]), "High CPU");
    const options = metrics.map((line) => line.at(-1) as { id: string; visible?: false; expression?: string });
    expect(options.map(({ id }) => id)).toEqual(["a0_errors", "a0_all", "a0", "a1_errors", "a1_all", "a1"]);
    expect(options.map(({ visible }) => visible)).toEqual([false, false, undefined, false, false, undefined]);
    expect(options[2]?.expression).toBe("100 * a0_errors / FILL(a0_all, 1)");
  });

  test.each([
    [0.25, "percent", "0.25 %"],
    [268_435_456, "bytes", "256 MiB"],
    [0, "bytes", "0 bytes"],
    [1.5, "seconds", "1.5 s"],
    [4500, "count", "4500"],
    [1_000_000_000, "count", "1000 million"],
  ] as const)("%p %s is %s", (value, unit, text) => {
    expect(valueText(value, unit)).toBe(text);
  });
});

describe("the whole", () => {
  const many = Array.from({ length: 130 }, (_, index) =>
    alarm(`a${index}`, {
      runbook: `kind-${index % 13}`,
      section: (["users", "database", "cdn"] as const)[index % 3]!,
    }),
  );

  test("reads from users to cost, whatever the order of the alarms", () => {
    const headings = bodyOf([...many].reverse()).widgets.flatMap((one) =>
      one.type === "text" ? [one.properties.markdown.split("\n")[0]] : [],
    );
    expect(headings).toEqual([
      "# shop-prod",
      "## Users: Do they get answers, and how fast?",
      "## Database: Does it answer, and how long will it last?",
      "## CDN: Are images served?",
      "## Cost: What does the month come to?",
    ]);
  });

  test("no widget lies on another or outside the grid", () => {
    const taken = new Set<string>();
    const { widgets } = bodyOf(many);
    for (const { x, y, width, height } of widgets) {
      expect([x, y, width, height].every(Number.isInteger)).toBe(true);
      expect(x + width).toBeLessThanOrEqual(24);
      for (let column = x; column < x + width; column += 1) {
        for (let row = y; row < y + height; row += 1) {
          expect(taken.has(`${column} ${row}`)).toBe(false);
          taken.add(`${column} ${row}`);
        }
      }
    }
    expect(widgets.length).toBeLessThanOrEqual(500);
  });

  test("every alarm is in a status widget, which takes 100", () => {
    const lists = bodyOf(many).widgets.flatMap((one) => (one.type === "alarm" ? [one.properties.alarms] : []));
    expect(lists.map(({ length }) => length)).toEqual([100, 30]);
    expect(new Set(lists.flat()).size).toBe(130);
  });

  test("the budget is a line in the chart of the cost", () => {
    const cost = charts(bodyOf([])).at(-1)?.properties;
    expect(cost?.region).toBe("us-east-1");
    expect(cost?.annotations?.horizontal).toMatchObject([{ value: 250 }]);
  });

  test("what alarms look at brings its volume with it, each load balancer and each database", () => {
    const onLoadBalancer = (name: string): MetricSpec => ({
      ...metric(name, { LoadBalancer: "app/lb/1", TargetGroup: "tg/1" }),
      namespace: "AWS/ApplicationELB",
    });
    const onDatabase = (DBInstanceIdentifier: string): MetricSpec => ({
      ...metric("CPUUtilization", { DBInstanceIdentifier }),
      namespace: "AWS/RDS",
    });
    const body = bodyOf([
      alarm("errors", { metrics: { a: onLoadBalancer("HTTPCode_Target_5XX_Count") } }),
      alarm("latency", { metrics: { a: onLoadBalancer("TargetResponseTime") } }),
      alarm("db", { metrics: { a: onDatabase("db-1") } }),
      alarm("replica", { metrics: { a: onDatabase("db-2") } }),
    ]);
    expect(chart(body, "Requests a minute").metrics).toEqual([
      [
        "AWS/ApplicationELB",
        "RequestCount",
        "LoadBalancer",
        "app/lb/1",
        { stat: "Sum", period: 60, label: "requests" },
      ],
    ]);
    const lines = chart(body, "Reads and writes a second").metrics;
    expect(lines.map((line) => line[3])).toEqual(["db-1", "db-1", "db-2", "db-2"]);
    // the two dollar signs make Terraform leave it alone
    expect(lines[0]?.at(-1)).toMatchObject({ label: "reads $${PROP('Dim.DBInstanceIdentifier')}" });
  });
});

describe("in a stack", () => {
  const stack = synth((scope, context) => {
    const loadBalancer = new Lb(scope, "Lb", {});
    const balancer = new Lb(scope, "Other", {});
    const database = new DbInstance(scope, "Database", { instanceClass: "db.t4g.micro" });
    const onLoadBalancer = (name: string, LoadBalancer: string): MetricSpec => ({
      ...metric(name, { LoadBalancer }),
      namespace: "AWS/ApplicationELB",
    });
    const watched = [
      alarm("one", { metrics: { a: onLoadBalancer("A", loadBalancer.arnSuffix) }, alarmArn: balancer.arn }),
      alarm("quoted", { metrics: { a: metric("B", { Name: '${aws_mq_broker.x.instances[0].y["z"]}' }) } }),
    ];
    new Dashboard(scope, "Dashboard", { context, monitoring: { watched }, budgetUsd: 60 });
    // later than the dashboard, and a second token for the same attribute
    watched.push(alarm("two", { metrics: { a: onLoadBalancer("B", loadBalancer.arnSuffix) } }));
    watched.push(alarm("db", { metrics: { a: { ...metric("C"), dimensions: { Id: database.identifier } } } }));
  });
  const text = String(stack.one(CloudwatchDashboard)["dashboard_body"]);

  test("references are Terraform's, in JSON once they are filled in", () => {
    expect(text).not.toMatch(/TfToken/);
    const references = [...text.matchAll(/(?<!\$)\$\{([^}]*)\}/g)].map(([, inner]) => inner);
    expect(new Set(references)).toEqual(
      new Set([
        "aws_lb.Lb.arn_suffix",
        "aws_lb.Other.arn",
        "aws_db_instance.Database.identifier",
        'aws_mq_broker.x.instances[0].y["z"]',
      ]),
    );
    const filledIn = text.replace(/(?<!\$)\$\{[^}]*\}/g, "arn:aws:x/y").replaceAll("$${", "${");
    expect((JSON.parse(filledIn) as DashboardBody).widgets.length).toBeGreaterThan(3);
  });

  test("alarms that are added after it are on it, and one load balancer is one", () => {
    const { widgets } = JSON.parse(text.replace(/(?<!\$)\$\{[^}]*\}/g, "x")) as DashboardBody;
    expect(widgets.find((one) => one.type === "alarm")?.properties).toMatchObject({ alarms: { length: 4 } });
    const requests = charts({ start: "", periodOverride: "inherit", widgets }).find(
      ({ properties }) => properties.title === "Requests a minute",
    );
    expect(requests?.properties.metrics).toHaveLength(1);
  });
});
