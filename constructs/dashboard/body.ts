import { type DashboardSection, dashboardSections } from "../shared/alarm-spec";
import type { AlarmSpec } from "../shared/alarm-spec";
import { alarmCharts } from "./alarm-charts";
import { contextCharts } from "./context-charts";
import {
  type AlarmWidget,
  type DashboardBody,
  type MetricWidget,
  type Placed,
  red,
  type TextWidget,
  type Widget,
} from "./widgets";

/** An alarm as the dashboard needs it. */
export interface DashboardAlarm extends AlarmSpec {
  readonly alarmArn: string;
}

export interface DashboardBodyProps {
  /** The environment's name, `<project>-<environment>`. */
  readonly name: string;
  /** Start of the environment's log groups. */
  readonly path: string;
  readonly region: string;
  readonly alarms: readonly DashboardAlarm[];
  /** What a month may cost. */
  readonly budgetUsd: number;
}

const gridWidth = 24;
const chartHeight = 6;
/** What an alarm widget takes. */
const alarmsPerWidget = 100;
/** Tiles of alarms side by side, in a widget of the whole width. */
const alarmsPerRow = 6;

/** What each part answers, in the order in which somebody who was woken asks. */
const questions: Readonly<Record<DashboardSection, string>> = {
  users: "Do they get answers, and how fast?",
  "load balancer": "Does it reach the tasks, and how many are healthy?",
  services: "Do tasks run, with room to spare?",
  database: "Does it answer, and how long will it last?",
  broker: "Do devices and services reach each other?",
  cdn: "Are images served?",
  network: "Do tasks get out?",
  cost: "What does the month come to?",
};

/** One dashboard, read from top to bottom like an incident: what users notice first, what it may come from below. */
export function dashboardBody(props: DashboardBodyProps): DashboardBody {
  const { alarms, region } = props;
  const rows: Unplaced[][] = [[header(props)], ...alarmRows(alarms)];
  for (const section of dashboardSections) {
    const ofSection = alarms.filter((alarm) => alarm.section === section);
    const charts = [
      ...contextCharts(section, alarms, region),
      ...alarmCharts(ofSection, region),
      ...(section === "cost" ? [costChart(props.budgetUsd)] : []),
    ];
    if (charts.length === 0) continue;
    rows.push([heading(section)], ...rowsOf(charts));
  }
  return { start: "-PT12H", periodOverride: "inherit", widgets: placed(rows) };
}

type Unplaced = (AlarmWidget | MetricWidget | TextWidget) & { readonly height: number };

function header({ name, path, region }: DashboardBodyProps): Unplaced {
  const console = `https://${region}.console.aws.amazon.com`;
  const links = [
    ["Alarms", `${console}/cloudwatch/home?region=${region}#alarmsV2:?search=${name}`],
    ["Services", `${console}/ecs/v2/clusters/${name}/services?region=${region}`],
    ["Databases", `${console}/rds/home?region=${region}#databases:`],
    ["Logs", `${console}/cloudwatch/home?region=${region}#logsV2:log-groups$3FlogGroupNameFilter$3D${path}`],
    ["Costs", "https://us-east-1.console.aws.amazon.com/costmanagement/home#/cost-explorer"],
  ] as const;
  const markdown = [
    `# ${name}`,
    "What users notice is at the top, what it may come from below. A chart is called as its entry in the runbook, `docs/alarms.md`.",
    "",
    links.map(([text, url]) => `[${text}](${url})`).join(" · "),
  ].join("\n");
  return { type: "text", height: 3, properties: { markdown } };
}

function alarmRows(alarms: readonly DashboardAlarm[]): Unplaced[][] {
  const arns = alarms.map(({ alarmArn }) => alarmArn);
  const widgets = Math.ceil(arns.length / alarmsPerWidget);
  return Array.from({ length: widgets }, (_, index) => {
    const some = arns.slice(index * alarmsPerWidget, (index + 1) * alarmsPerWidget);
    return [
      {
        type: "alarm",
        height: 1 + Math.ceil(some.length / alarmsPerRow),
        properties: { title: "Alarms, those that fire first", alarms: some, sortBy: "stateUpdatedTimestamp" },
      },
    ];
  });
}

function heading(section: DashboardSection): Unplaced {
  const title = section === "cdn" ? "CDN" : `${section.charAt(0).toUpperCase()}${section.slice(1)}`;
  return {
    type: "text",
    height: 1,
    properties: { markdown: `## ${title}: ${questions[section]}`, background: "transparent" },
  };
}

/**
 * What the account has cost since the month began. CloudWatch has it in us-east-1 alone, a few times a day, and only once billing
 * alerts are switched on in the billing preferences of the account that pays.
 */
function costChart(budgetUsd: number): MetricWidget {
  return {
    type: "metric",
    properties: {
      title: "Cost of the account this month (needs billing alerts, see docs/alarms.md)",
      region: "us-east-1",
      view: "timeSeries",
      stacked: false,
      metrics: [
        ["AWS/Billing", "EstimatedCharges", "Currency", "USD", { stat: "Maximum", period: 21_600, label: "so far" }],
      ],
      yAxis: { left: { min: 0, label: "US dollars", showUnits: false } },
      annotations: {
        horizontal: [
          { label: `budget of the environment: $${budgetUsd}`, value: budgetUsd, color: red, fill: "above" },
        ],
      },
    },
  };
}

/** Charts in rows of at most four, as even as they come. */
function rowsOf(charts: readonly MetricWidget[]): Unplaced[][] {
  const count = Math.ceil(charts.length / 4);
  const rows: Unplaced[][] = Array.from({ length: count }, () => []);
  const wide = charts.length % count;
  const narrow = Math.floor(charts.length / count);
  let at = 0;
  rows.forEach((row, index) => {
    const length = narrow + (index < wide ? 1 : 0);
    row.push(...charts.slice(at, at + length).map((chart) => ({ ...chart, height: chartHeight })));
    at += length;
  });
  return rows;
}

function placed(rows: readonly (readonly Unplaced[])[]): Widget[] {
  let y = 0;
  return rows.flatMap((row) => {
    const width = gridWidth / row.length;
    const top = y;
    y += Math.max(...row.map(({ height }) => height));
    // one chart alone is not stretched over the whole width
    const shown = row.length === 1 && row[0]?.type === "metric" ? gridWidth / 2 : width;
    return row.map((widget, index): Placed<Unplaced> => ({ ...widget, x: index * width, y: top, width: shown }));
  });
}
