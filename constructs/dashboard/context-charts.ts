import type { AlarmSpec, DashboardSection } from "../shared/alarm-spec";
import { terraformLiteral } from "../shared/terraform-literal";
import { type LineOptions, type MetricLine, type MetricWidget, red } from "./widgets";

type Dimensions = Readonly<Record<string, string>>;

interface ContextChart {
  readonly section: DashboardSection;
  readonly title: string;
  readonly namespace: string;
  /** Dimensions that name what is drawn; every value that an alarm has for them gets its lines. */
  readonly subject: readonly string[];
  /** Dimensions that are the same for all. */
  readonly fixed?: Dimensions;
  readonly unit: string;
  readonly stacked?: true;
  readonly lines: readonly (readonly [metric: string, stat: string, label: string, color?: string])[];
}

/** What nobody is woken for and everybody asks first: how much there is of it, and of what kind. */
const contextChartList: readonly ContextChart[] = [
  {
    section: "users",
    title: "Requests a minute",
    namespace: "AWS/ApplicationELB",
    subject: ["LoadBalancer"],
    unit: "count",
    lines: [["RequestCount", "Sum", "requests"]],
  },
  {
    section: "users",
    title: "Answers by kind",
    namespace: "AWS/ApplicationELB",
    subject: ["LoadBalancer"],
    unit: "count",
    stacked: true,
    lines: [
      ["HTTPCode_Target_2XX_Count", "Sum", "2xx", "#2ca02c"],
      ["HTTPCode_Target_3XX_Count", "Sum", "3xx", "#1f77b4"],
      ["HTTPCode_Target_4XX_Count", "Sum", "4xx", "#ff7f0e"],
      ["HTTPCode_Target_5XX_Count", "Sum", "5xx of tasks", red],
      ["HTTPCode_ELB_5XX_Count", "Sum", "5xx of the load balancer", "#9467bd"],
    ],
  },
  {
    section: "users",
    title: "Response time",
    namespace: "AWS/ApplicationELB",
    subject: ["LoadBalancer"],
    unit: "seconds",
    lines: [
      ["TargetResponseTime", "p50", "half of all"],
      ["TargetResponseTime", "p95", "95 of 100"],
      ["TargetResponseTime", "p99", "99 of 100"],
    ],
  },
  {
    section: "load balancer",
    title: "Connections",
    namespace: "AWS/ApplicationELB",
    subject: ["LoadBalancer"],
    unit: "count",
    lines: [
      ["ActiveConnectionCount", "Sum", "open"],
      ["NewConnectionCount", "Sum", "new"],
    ],
  },
  {
    section: "database",
    title: "Reads and writes a second",
    namespace: "AWS/RDS",
    subject: ["DBInstanceIdentifier"],
    unit: "count",
    lines: [
      ["ReadIOPS", "Average", "reads"],
      ["WriteIOPS", "Average", "writes"],
    ],
  },
  {
    section: "broker",
    title: "Messages a minute",
    namespace: "AWS/AmazonMQ",
    subject: ["Broker"],
    unit: "count",
    lines: [
      ["TotalEnqueueCount", "Sum", "in"],
      ["TotalDequeueCount", "Sum", "out"],
    ],
  },
  {
    section: "broker",
    // AWS IoT counts by account and region, whatever the environment
    title: "Messages a minute, of the whole account",
    namespace: "AWS/IoT",
    subject: [],
    fixed: { Protocol: "MQTT" },
    unit: "count",
    lines: [
      ["PublishIn.Success", "Sum", "from devices"],
      ["PublishOut.Success", "Sum", "to devices"],
      ["Connect.Success", "Sum", "connects"],
    ],
  },
  {
    section: "cdn",
    title: "Images asked for",
    namespace: "AWS/CloudFront",
    subject: ["DistributionId"],
    fixed: { Region: "Global" },
    unit: "count",
    lines: [["Requests", "Sum", "requests"]],
  },
  {
    section: "network",
    title: "Through the NAT gateways",
    namespace: "AWS/NATGateway",
    subject: ["NatGatewayId"],
    unit: "bytes",
    lines: [
      ["BytesOutToDestination", "Sum", "out"],
      ["BytesInFromDestination", "Sum", "in"],
    ],
  },
];

/** Charts of a section that have no alarm, for everything that alarms of the environment look at. */
export function contextCharts(section: DashboardSection, specs: readonly AlarmSpec[], region: string): MetricWidget[] {
  return contextChartList
    .filter((chart) => chart.section === section)
    .flatMap((chart) => {
      const subjects = subjectsOf(chart, specs);
      return subjects.length === 0 ? [] : [chartOf(chart, subjects, region)];
    });
}

function subjectsOf({ namespace, subject }: ContextChart, specs: readonly AlarmSpec[]): Dimensions[] {
  const found = specs
    .flatMap(({ metrics }) => Object.values(metrics))
    .filter((metric) => metric.namespace === namespace && subject.every((name) => name in metric.dimensions))
    .map(({ dimensions }) => Object.fromEntries(subject.map((name) => [name, dimensions[name] ?? ""])));
  return [...new Map(found.map((dimensions) => [JSON.stringify(dimensions), dimensions])).values()];
}

function chartOf(chart: ContextChart, subjects: readonly Dimensions[], region: string): MetricWidget {
  const { title, namespace, unit, stacked, fixed } = chart;
  return {
    type: "metric",
    properties: {
      title,
      region: namespace === "AWS/CloudFront" ? "us-east-1" : region,
      view: "timeSeries",
      stacked: stacked ?? false,
      metrics: subjects.flatMap((dimensions) => linesOf(chart, { ...dimensions, ...fixed }, subjects.length > 1)),
      yAxis: { left: { min: 0, label: unit, showUnits: false } },
    },
  };
}

function linesOf({ namespace, subject, lines }: ContextChart, dimensions: Dimensions, several: boolean): MetricLine[] {
  // CloudWatch writes the dimension's value into the legend: which of them it is
  const which = several ? subject.map((name) => ` ${terraformLiteral(`\${PROP('Dim.${name}')}`)}`).join("") : "";
  return lines.map(([metric, stat, label, color]) => {
    const options: LineOptions = {
      stat,
      period: 60,
      label: `${label}${which}`,
      ...(color === undefined ? {} : { color }),
    };
    return [namespace, metric, ...Object.entries(dimensions).flat(), options];
  });
}
