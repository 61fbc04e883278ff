/** Parts of the dashboard, in the order in which an incident is read. */
export const dashboardSections = [
  "users",
  "load balancer",
  "services",
  "database",
  "broker",
  "cdn",
  "network",
  "cost",
] as const;
export type DashboardSection = (typeof dashboardSections)[number];

/** One series of CloudWatch. */
export interface MetricSpec {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, or a percentile such as `p95`. */
  readonly statistic: string;
  /** Unit of the value, for the axis: `percent`, `bytes`, `seconds`, `count`. */
  readonly unit: "percent" | "bytes" | "seconds" | "count";
}

/** What makes somebody look, as data: the alarm, its test and the dashboard are made of it. */
export interface AlarmSpec {
  /** Name below the environment's, lower-case words: `api-no-healthy-host`. Part of the release contract where there is a role. */
  readonly name: string;
  readonly section: DashboardSection;
  /** What it means for whom, in one sentence; the runbook says what to do. */
  readonly meaning: string;
  /** Anchor in docs/alarms.md, shared by alarms of the same kind: `no-healthy-host`. */
  readonly runbook: string;
  /** Series by the id that `expression` uses. Without an expression there is exactly one. */
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  /** Metric math over the ids. */
  readonly expression?: string;
  readonly comparison: ">" | ">=" | "<" | "<=";
  readonly threshold: number;
  /** Seconds that one data point covers. */
  readonly periodSec: number;
  /** Data points that must be over the threshold, among the last `of`. */
  readonly datapoints: number;
  readonly of: number;
  /** What a missing data point counts as: silence is failure for liveness, and nothing at all for errors. */
  readonly missing: "breaching" | "notBreaching" | "missing" | "ignore";
  /**
   * `rollback`: ECS undoes a deployment when it fires. `liveness`: it starts with its actions off, and the first release turns
   * them on.
   */
  readonly role?: "rollback" | "liveness";
  /** The metric is in us-east-1, whatever the region of the project is: CloudFront's and the cost's. */
  readonly global?: boolean;
}
