import { dashboardBody, type DashboardAlarm } from "../../constructs/dashboard/body";
import { dashboardOf } from "../../ci/dashboard/of-stack";
import { dashboardPicture } from "../../ci/dashboard/picture";

const alarm = (name: string, overrides: Partial<DashboardAlarm> = {}): DashboardAlarm => ({
  name,
  section: "database",
  meaning: "Something is wrong",
  runbook: "database-cpu",
  metrics: {
    cpu: {
      namespace: "AWS/RDS",
      name: "CPUUtilization",
      dimensions: { DBInstanceIdentifier: name },
      statistic: "Average",
      unit: "percent",
    },
  },
  comparison: ">",
  threshold: 90,
  periodSec: 60,
  datapoints: 5,
  of: 5,
  missing: "breaching",
  alarmArn: `\${aws_cloudwatch_metric_alarm.${name}.arn}`,
  ...overrides,
});
const bodyOf = (...alarms: DashboardAlarm[]) =>
  dashboardBody({ name: "shop-dev", path: "/shop/dev", region: "eu-west-1", alarms, budgetUsd: 60 });
const pictureOf = (...alarms: DashboardAlarm[]): string =>
  dashboardPicture(bodyOf(...alarms), (arn) => arn.slice(30, -5));

describe("the picture of a dashboard", () => {
  test("shows titles, sections, alarms, thresholds and legends of the body", () => {
    const picture = pictureOf(alarm("one"), alarm("two"));
    for (const text of [
      "shop-dev",
      "Database CPU",
      "Database: Does it answer",
      "&gt; 90 % in 5 of 5 min",
      ">one<",
      ">two<",
    ]) {
      expect(picture).toContain(text);
    }
    // CloudWatch writes which database it is; here they are numbered
    expect(picture).toContain(">reads 1<");
    expect(picture).toContain(">reads 2<");
    expect(picture).not.toContain("PROP(");
  });

  test("is the same at every drawing", () => {
    expect(pictureOf(alarm("one"))).toBe(pictureOf(alarm("one")));
  });

  test("is well-formed whatever the names: every tag is closed, every special character escaped, every number a number", () => {
    const picture = pictureOf(alarm("one", { runbook: "a-b", name: `<&">` }));
    expect(picture).not.toMatch(/NaN|Infinity|undefined/);
    expect(picture.match(/&(?!(amp|lt|gt|quot);)/g)).toBeNull();
    const open = (picture.match(/<(text|svg|style)\b/g) ?? []).length;
    expect((picture.match(/<\/(text|svg|style)>/g) ?? []).length).toBe(open);
  });

  test("no line crosses a threshold: the day is a healthy one", () => {
    const picture = pictureOf(alarm("one"), alarm("low", { comparison: "<", threshold: 10, runbook: "database-disk" }));
    const lines = [...picture.matchAll(/<polyline points="([^"]+)"/g)].map(([, points = ""]) =>
      points.split(" ").map((point) => Number(point.split(",")[1])),
    );
    const thresholds = [...picture.matchAll(/y1="([\d.]+)" y2="[\d.]+" class="threshold"/g)].map(([, y]) => Number(y));
    expect(thresholds).toHaveLength(3);
    // reads and writes come first, then one line per threshold, in the order of the widgets
    const watched = lines.slice(-3);
    expect(watched[0]!.every((y) => y > thresholds[0]!)).toBe(true);
    expect(watched[1]!.every((y) => y < thresholds[1]!)).toBe(true);
    expect(watched[2]!.every((y) => y > thresholds[2]!)).toBe(true);
  });
});

test("a stack without a dashboard has none", () => {
  expect(dashboardOf({ resource: { aws_sns_topic: {} } })).toBeUndefined();
});
