import type { AlarmSpec, MetricSpec } from "../shared/alarm-spec";
import { durationText, valueText } from "./text";
import { type MetricLine, type MetricWidget, red, type Threshold } from "./widgets";

/** Unit of what an alarm compares: an expression has none that could be known. */
type Unit = MetricSpec["unit"] | "expression";

/**
 * Charts of what alarms look at, each with its threshold. Alarms on the same series share a chart, and so do alarms of the same
 * kind, which share an entry of the runbook, as long as their values can share an axis.
 */
export function alarmCharts(specs: readonly AlarmSpec[], region: string): MetricWidget[] {
  const groups: AlarmSpec[][] = [];
  for (const spec of specs) {
    const group =
      groups.find((one) => one.some((other) => seriesKey(other) === seriesKey(spec))) ??
      groups.find((one) => one.some((other) => kindKey(other) === kindKey(spec)));
    if (group === undefined) groups.push([spec]);
    else group.push(spec);
  }
  return groups.map((group) => chartOf(group, region));
}

function seriesKey({ metrics, expression, periodSec, global }: AlarmSpec): string {
  return JSON.stringify([metrics, expression, periodSec, global ?? false]);
}

function kindKey(spec: AlarmSpec): string {
  return JSON.stringify([spec.runbook, unitOf(spec), spec.global ?? false]);
}

/** Words that are written otherwise than their letters say. */
const spelled: Readonly<Record<string, string>> = { cdn: "CDN", cpu: "CPU", iot: "IoT", mqtt: "MQTT", nat: "NAT" };

/** `no-healthy-host` as the title of its chart and of its entry in the runbook: `No healthy host`. */
export function titleOf(runbook: string): string {
  const words = runbook
    .split("-")
    .map((word) => spelled[word] ?? word)
    .join(" ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function chartOf(group: readonly AlarmSpec[], region: string): MetricWidget {
  const [first] = group as readonly [AlarmSpec, ...AlarmSpec[]];
  const unit = unitOf(first);
  return {
    type: "metric",
    properties: {
      title: titleOf(first.runbook),
      region: first.global === true ? "us-east-1" : region,
      view: "timeSeries",
      stacked: false,
      metrics: linesOf(group),
      yAxis: { left: { min: 0, ...(unit === "expression" ? {} : { label: unit }), showUnits: false } },
      annotations: { horizontal: thresholdsOf(group) },
    },
  };
}

/** Series that several alarms look at are drawn once, with the name of the first. */
function linesOf(group: readonly AlarmSpec[]): MetricLine[] {
  const drawn = new Set<string>();
  return group.flatMap((spec, index) => {
    if (drawn.has(seriesKey(spec))) return [];
    drawn.add(seriesKey(spec));
    return alarmLines(spec, index);
  });
}

function alarmLines({ name, metrics, expression, periodSec }: AlarmSpec, index: number): MetricLine[] {
  if (expression === undefined) {
    return Object.values(metrics).map((metric) => metricLine(metric, { label: name, period: periodSec }));
  }
  // ids of one chart are unique, those of an alarm only within it
  const idOf = (id: string): string => `a${index}_${id}`;
  const renamed = expression.replace(/[A-Za-z_]\w*/g, (word) => (word in metrics ? idOf(word) : word));
  return [
    ...Object.entries(metrics).map(([id, metric]) =>
      metricLine(metric, { id: idOf(id), period: periodSec, visible: false }),
    ),
    [{ expression: renamed, label: name, id: `a${index}`, period: periodSec }],
  ];
}

function metricLine({ namespace, name, dimensions, statistic }: MetricSpec, options: object): MetricLine {
  return [namespace, name, ...Object.entries(dimensions).flat(), { stat: statistic, ...options }];
}

/** Thresholds of a chart; the same for several alarms is one line, with how long it takes each of them. */
function thresholdsOf(group: readonly AlarmSpec[]): Threshold[] {
  const byLine = new Map<string, AlarmSpec[]>();
  for (const spec of group) {
    const line = `${spec.comparison} ${valueText(spec.threshold, unitOf(spec))}`;
    byLine.set(line, [...(byLine.get(line) ?? []), spec]);
  }
  return [...byLine].map(([line, specs]) => {
    const durations = new Set(specs.map(({ datapoints, of, periodSec }) => durationText(datapoints, of, periodSec)));
    const [{ threshold, comparison }] = specs as [AlarmSpec];
    return {
      label: `${line} in ${[...durations].join(" or ")}`,
      value: threshold,
      color: red,
      fill: byLine.size > 1 ? "none" : comparison.startsWith(">") ? "above" : "below",
    };
  });
}

function unitOf({ expression, metrics }: AlarmSpec): Unit {
  return expression === undefined ? (Object.values(metrics)[0]?.unit ?? "expression") : "expression";
}
