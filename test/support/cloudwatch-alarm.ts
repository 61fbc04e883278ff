import { metricMath, type Point, type Reading } from "./metric-math";
import type { Json } from "./synthesized";

/** What CloudWatch says of an alarm. */
export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** The series that an alarm reads. */
export interface AlarmSeries {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
}

/** How data points become a state. */
export interface AlarmRule {
  readonly breaches: (value: number) => boolean;
  /** M of "M out of N". */
  readonly datapoints: number;
  /** N of "M out of N". */
  readonly of: number;
  readonly missing: "breaching" | "notBreaching" | "missing" | "ignore";
}

/**
 * How many points CloudWatch looks back at. AWS gives no formula, only that it is more than the evaluation periods, and five for
 * three in its examples.
 */
export function evaluationRange({ of }: Pick<AlarmRule, "of">): number {
  return of + 2;
}

/**
 * The state after `range`, the points of the evaluation range, the oldest first. These are the rules of
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html, "Configuring how CloudWatch alarms
 * treat missing data" and "Avoiding premature transitions to alarm state".
 */
export function stateAfter(rule: AlarmRule, range: readonly Point[], current: AlarmState): AlarmState {
  const { breaches, datapoints, of, missing } = rule;
  const alarmIf = (condition: boolean): AlarmState => (condition ? "ALARM" : "OK");
  const real = range.flatMap((value, at) => (value === undefined ? [] : [{ value, age: range.length - at }]));
  // enough of them: how missing ones are treated does not matter
  if (real.length >= of) return alarmIf(real.slice(-of).filter(({ value }) => breaches(value)).length >= datapoints);

  const breaching = real.filter(({ value }) => breaches(value));
  const filled = of - real.length;
  if (missing === "breaching") return alarmIf(breaching.length + filled >= datapoints);
  if (missing === "notBreaching" || breaching.length >= datapoints) return alarmIf(breaching.length >= datapoints);
  if (breaching.length < real.length) return "OK";
  if (missing === "ignore") return current;
  // nothing but breaching points, fewer than asked for: they count once the oldest is old enough
  return (breaching[0]?.age ?? 0) >= datapoints ? "ALARM" : "INSUFFICIENT_DATA";
}

/** A synthesised `aws_cloudwatch_metric_alarm`, read. */
export class CloudwatchAlarm {
  public readonly periodSec: number;
  public readonly rule: AlarmRule;
  /** Series by id; an alarm on a single metric has one without an id. */
  public readonly seriesById: Readonly<Record<string, AlarmSeries>>;
  public readonly expression: string | undefined;

  constructor(private readonly body: Json) {
    this.rule = {
      breaches: breachesOf(text(body, "comparison_operator"), number(body, "threshold")),
      datapoints: number(body, "datapoints_to_alarm"),
      of: number(body, "evaluation_periods"),
      missing: text(body, "treat_missing_data") as AlarmRule["missing"],
    };
    const queries = body["metric_query"] as readonly Json[] | undefined;
    if (queries === undefined) {
      const statistic = String(body["statistic"] ?? body["extended_statistic"]);
      this.seriesById = { "": seriesOf(body, statistic) };
      this.periodSec = number(body, "period");
      this.expression = undefined;
      return;
    }
    const metrics = queries.filter(({ metric }) => metric !== undefined);
    this.seriesById = Object.fromEntries(
      metrics.map(({ id, metric }) => [String(id), seriesOf(metric as Json, text(metric as Json, "stat"))]),
    );
    this.periodSec = only(metrics.map(({ metric }) => number(metric as Json, "period")));
    this.expression = only(queries.flatMap(({ expression }) => (expression === undefined ? [] : [String(expression)])));
  }

  /** As a message may name it. */
  public get name(): string {
    return text(this.body, "alarm_name");
  }

  /**
   * The state after each period of `minutesOf`, which gives a metric's values minute by minute and as many for each. Before the
   * first there was nothing.
   */
  public states(minutesOf: (series: AlarmSeries) => readonly Point[], reading: Reading = {}): readonly AlarmState[] {
    const pointsById = Object.fromEntries(
      Object.entries(this.seriesById).map(([id, series]) => [
        id,
        periodsOf(minutesOf(series), this.periodSec / 60, series.statistic),
      ]),
    );
    const periods = Math.min(...Object.values(pointsById).map(({ length }) => length));
    let state: AlarmState = "INSUFFICIENT_DATA";
    return Array.from({ length: periods }, (_, at) => {
      state = stateAfter(this.rule, this.range(pointsById, at, reading), state);
      return state;
    });
  }

  /** What CloudWatch retrieves after period `at`, and the expression over nothing but that. */
  private range(
    pointsById: Readonly<Record<string, readonly Point[]>>,
    at: number,
    reading: Reading,
  ): readonly Point[] {
    const length = evaluationRange(this.rule);
    const retrieved = Object.fromEntries(
      Object.entries(pointsById).map(([id, points]) => [
        id,
        Array.from({ length }, (_, index) => points[at + 1 - length + index]),
      ]),
    );
    return this.expression === undefined
      ? (Object.values(retrieved)[0] ?? [])
      : metricMath(this.expression, retrieved, this.periodSec, reading);
  }
}

/** Values minute by minute as one point a period. */
function periodsOf(minutes: readonly Point[], length: number, statistic: string): readonly Point[] {
  return Array.from({ length: Math.floor(minutes.length / length) }, (_, at) =>
    statisticOf(
      minutes.slice(at * length, (at + 1) * length).filter((value) => value !== undefined),
      statistic,
    ),
  );
}

function statisticOf(values: readonly number[], statistic: string): Point {
  if (values.length === 0) return undefined;
  const sum = values.reduce((one, other) => one + other, 0);
  const percentile = /^p(\d+(?:\.\d+)?)$/.exec(statistic)?.[1];
  if (percentile !== undefined) {
    const sorted = [...values].sort((one, other) => one - other);
    return sorted[Math.ceil((Number(percentile) / 100) * sorted.length) - 1];
  }
  if (statistic === "SampleCount") return values.length;
  if (statistic === "Sum") return sum;
  if (statistic === "Average") return sum / values.length;
  if (statistic === "Minimum") return Math.min(...values);
  if (statistic === "Maximum") return Math.max(...values);
  throw new Error(`${statistic} is no statistic of CloudWatch`);
}

function breachesOf(operator: string, threshold: number): (value: number) => boolean {
  if (operator === "GreaterThanThreshold") return (value) => value > threshold;
  if (operator === "GreaterThanOrEqualToThreshold") return (value) => value >= threshold;
  if (operator === "LessThanThreshold") return (value) => value < threshold;
  if (operator === "LessThanOrEqualToThreshold") return (value) => value <= threshold;
  throw new Error(`${operator} is no comparison that is known here`);
}

function seriesOf(body: Json, statistic: string): AlarmSeries {
  return {
    namespace: text(body, "namespace"),
    name: text(body, "metric_name"),
    dimensions: (body["dimensions"] ?? {}) as Readonly<Record<string, string>>,
    statistic,
  };
}

function text(body: Json, key: string): string {
  const value: unknown = body[key];
  if (typeof value !== "string") throw new Error(`an alarm without ${key}: ${JSON.stringify(body)}`);
  return value;
}

function number(body: Json, key: string): number {
  const value: unknown = body[key];
  if (typeof value !== "number") throw new Error(`an alarm without the number ${key}: ${JSON.stringify(body)}`);
  return value;
}

function only<T>(values: readonly T[]): T {
  const [first, ...others] = [...new Set(values)];
  if (first === undefined || others.length > 0) throw new Error(`expected one value, got ${JSON.stringify(values)}`);
  return first;
}
