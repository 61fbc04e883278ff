import { readFileSync } from "node:fs";
import { join } from "node:path";
import { titleOf } from "../constructs/dashboard/alarm-charts";
import type { MetricWidget } from "../constructs/dashboard/widgets";
import { dashboardOf } from "../ci/dashboard/of-stack";
import { dashboardPicture } from "../ci/dashboard/picture";
import { alarmsTable } from "./support/alarms-table-text";
import { scenarioKeys, type TriedAlarm, triedAlarms } from "./support/alarm-table";
import { situations, type Trial } from "./support/alarm-trial";
import { scenarios } from "./support/metric-scenarios";
import { isBootstrap } from "./support/laws";
import { everyStack } from "./support/stacks";

const environmentStacks = Object.keys(everyStack).filter((stack) => stack !== "registry" && !isBootstrap(stack));
const alarms = triedAlarms(everyStack);
const page = (name: string): string => readFileSync(join(__dirname, "../docs", name), "utf8");

/** Names of those for which it is so, for a message that says which. */
const those = (is: (alarm: TriedAlarm) => boolean, of: readonly TriedAlarm[] = alarms): string[] => {
  expect(of.length).toBeGreaterThan(0);
  return of.filter(is).map(({ stack, name }) => `${stack}: ${name}`);
};

test("every environment has alarms, of which some are liveness and some undo a release", () => {
  expect(environmentStacks).toEqual(expect.arrayContaining(["dev", "stage", "prod", "variants"]));
  for (const stack of environmentStacks) {
    const ofStack = alarms.filter((alarm) => alarm.stack === stack);
    expect(ofStack.length).toBeGreaterThan(20);
    expect(ofStack.some(({ liveness }) => liveness)).toBe(true);
    expect(ofStack.some(({ runbook }) => runbook === "rollback")).toBe(true);
  }
});

test("every scenario is of a metric that some alarm reads", () => {
  const read = new Set(alarms.flatMap(scenarioKeys));
  expect(Object.keys(scenarios).filter((key) => !read.has(key))).toEqual([]);
});

describe("no alarm fires for nothing", () => {
  test("an idle healthy environment raises none", () => {
    expect(those(({ outcomes }) => outcomes.idle.raised)).toEqual([]);
  });

  test("neither does a good day", () => {
    expect(those(({ outcomes }) => outcomes.busy.raised)).toEqual([]);
  });

  test("before the first release only those are raised whose actions it turns on", () => {
    expect(those(({ outcomes, liveness }) => outcomes.unreleased.raised && !liveness)).toEqual([]);
  });

  /** Where one bad minute is all there is: things that happen once, and a number that cannot jump for a minute. */
  const atOnce = ["alerts-not-delivered", "database-transaction-ids", "failed-starts"];

  test("one bad minute raises none, but for those where it is all there is", () => {
    expect(those(({ raisedByOneMinute, runbook }) => raisedByOneMinute && !atOnce.includes(runbook))).toEqual([]);
    const raised = new Set(alarms.filter((alarm) => alarm.raisedByOneMinute).map(({ runbook }) => runbook));
    expect([...raised].sort()).toEqual(atOnce);
  });

  test("every alarm is over once all is well", () => {
    expect(those(({ ends }) => !ends)).toEqual([]);
  });
});

describe("no alarm is blind", () => {
  test("every liveness alarm fires when all is silent, within a quarter of an hour", () => {
    const liveness = alarms.filter((alarm) => alarm.liveness);
    expect(
      those(({ outcomes: { dead } }) => dead.state !== "ALARM" || (dead.afterMinutes ?? 99) > 15, liveness),
    ).toEqual([]);
  });

  test("every alarm fires in some situation", () => {
    expect(those(({ outcomes }) => situations.every((situation) => outcomes[situation].state !== "ALARM"))).toEqual([]);
  });

  /** What can die, by the dimension that names it. */
  const mortal = ["TargetGroup", "ServiceName", "DBInstanceIdentifier", "Broker", "AutoScalingGroupName"];

  test("whatever can die has an alarm that fires when it is silent", () => {
    const watched = new Map<string, TriedAlarm[]>();
    for (const alarm of alarms) {
      for (const { dimensions } of Object.values(alarm.alarm.seriesById)) {
        for (const name of mortal.filter((one) => one in dimensions)) {
          const key = `${alarm.stack}: ${name} ${dimensions[name]}`;
          watched.set(key, [...(watched.get(key) ?? []), alarm]);
        }
      }
    }
    for (const name of mortal) expect([...watched.keys()].some((key) => key.includes(`: ${name} `))).toBe(true);
    const blind = [...watched].filter(([, ofIt]) => !ofIt.some(({ outcomes }) => outcomes.dead.state === "ALARM"));
    // the tasks of a web service are its target group's
    const webServices = alarms.filter(({ name }) => name.endsWith("-no-healthy-host"));
    const answered = webServices.map(({ stack, name }) => `${stack}: ${name.replace(/-no-healthy-host$/, "")}-`);
    expect(
      blind
        .filter(
          ([, ofIt]) =>
            !ofIt.every(({ stack, name }) => answered.some((start) => `${stack}: ${name}`.startsWith(start))),
        )
        .map(([key]) => key),
    ).toEqual([]);
  });

  test("errors and failing health checks undo a release within three minutes", () => {
    const rollback = alarms.filter(({ runbook }) => runbook === "rollback");
    expect(those(({ outcomes: { failing } }) => (failing.afterMinutes ?? 99) > 3, rollback)).toEqual([]);
  });
});

test("what AWS leaves open about FILL changes no outcome", () => {
  const outcomesOf = ({ outcomes, raisedByOneMinute, ends }: Trial) => [
    raisedByOneMinute,
    ends,
    ...situations.map((one) => [outcomes[one].raised, outcomes[one].state === "ALARM"]),
  ];
  expect(those((alarm) => JSON.stringify(outcomesOf(alarm)) !== JSON.stringify(outcomesOf(alarm.unfilled)))).toEqual(
    [],
  );
});

describe("the dashboard", () => {
  const dashboards = Object.fromEntries(
    environmentStacks.map((stack) => {
      const dashboard = dashboardOf(everyStack[stack]!.json);
      if (dashboard === undefined) throw new Error(`${stack} has no dashboard`);
      return [stack, dashboard];
    }),
  );
  const charts = (stack: string): MetricWidget["properties"][] =>
    dashboards[stack]!.body.widgets.flatMap((one) => (one.type === "metric" ? [one.properties] : []));

  /** Everything that a chart draws, each as one text that two ids of the same thing share. */
  const drawnBy = ({ metrics }: MetricWidget["properties"]): string[] => {
    const optionsOf = (line: (typeof metrics)[number]) =>
      line.at(-1) as { id?: string; stat?: string; period?: number; expression?: string };
    const textById = new Map(
      metrics.flatMap((line) => {
        const { id, stat, period } = optionsOf(line);
        return id === undefined || line.length === 1
          ? []
          : [[id, JSON.stringify([...line.slice(0, -1), stat, period])] as const];
      }),
    );
    return metrics.map((line) => {
      const { stat, period, expression } = optionsOf(line);
      return expression === undefined
        ? JSON.stringify([...line.slice(0, -1), stat, period])
        : expression.replace(/[A-Za-z_]\w*/g, (word) => textById.get(word) ?? word);
    });
  };

  test("every alarm's metric is on it as the alarm sees it, in its region, with the alarm's threshold", () => {
    const missing = those(({ stack, alarm, body }) => {
      const textById = Object.fromEntries(
        Object.entries(alarm.seriesById).map(([id, { namespace, name, dimensions, statistic }]) => [
          id,
          JSON.stringify([namespace, name, ...Object.entries(dimensions).flat(), statistic, alarm.periodSec]),
        ]),
      );
      const wanted = alarm.expression?.replace(/[A-Za-z_]\w*/g, (word) => textById[word] ?? word) ?? textById[""];
      const elsewhere = body["provider"] !== undefined;
      return !charts(stack).some(
        (chart) =>
          drawnBy(chart).includes(wanted ?? "") &&
          (!elsewhere || chart.region === "us-east-1") &&
          (chart.annotations?.horizontal ?? []).some(({ value }) => value === body["threshold"]),
      );
    });
    expect(missing).toEqual([]);
  });

  test("every alarm is in its list", () => {
    for (const stack of environmentStacks) {
      const { body, nameOf } = dashboards[stack]!;
      const listed = body.widgets.flatMap((one) => (one.type === "alarm" ? one.properties.alarms : [])).map(nameOf);
      expect([...listed].sort()).toEqual(
        alarms
          .filter((alarm) => alarm.stack === stack)
          .map(({ name }) => name)
          .sort(),
      );
    }
  });

  test("CloudWatch takes it: no more than 500 widgets, and metrics by the hundred in none", () => {
    for (const stack of environmentStacks) {
      expect(dashboards[stack]!.body.widgets.length).toBeLessThanOrEqual(500);
      for (const { metrics } of charts(stack)) expect(metrics.length).toBeLessThanOrEqual(100);
    }
  });

  test("docs/dashboard.svg is that of prod; `npm run dashboard -- prod --out docs/dashboard.svg` draws it anew", () => {
    const { body, nameOf } = dashboards["prod"]!;
    expect(page("dashboard.svg") === dashboardPicture(body, nameOf)).toBe(true);
  });
});

describe("docs/alarms.md", () => {
  const anchors = new Set(
    [
      ...JSON.stringify(Object.values(everyStack).map(({ json }) => json)).matchAll(/docs\/alarms\.md#([a-z0-9-]+)/g),
    ].map(([, anchor = ""]) => anchor),
  );
  const entries = [...page("alarms.md").matchAll(/^### (.+)$/gm)].map(([, title = ""]) => title);

  test("has an entry for every alarm and every event that links to it, and no other", () => {
    expect(anchors.size).toBeGreaterThan(15);
    expect([...entries].sort()).toEqual([...anchors].map(titleOf).sort());
  });

  test("GitHub's anchor of an entry is the one that alarms link to", () => {
    expect(entries.map((title) => title.toLowerCase().replaceAll(" ", "-")).sort()).toEqual([...anchors].sort());
  });

  test("has the table of what every alarm does in every situation", () => {
    const shown = /<!-- alarms -->\n([\s\S]*?)<!-- \/alarms -->/.exec(page("alarms.md"))?.[1] ?? "";
    expect(normal(shown)).toBe(normal(alarmsTable(alarms).join("\n")));
  });
});

/** Markdown without the padding of tables. */
function normal(text: string): string {
  return text.trim().replace(/ +/g, " ").replace(/-+/g, "-");
}
