/**
 * The parts of a dashboard's body that Slipway uses:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export interface DashboardBody {
  /** What a browser shows first, back from now: `-PT12H`. */
  readonly start: string;
  /** `inherit` keeps every chart at the period of its alarm, so that the threshold is compared with what the alarm sees. */
  readonly periodOverride: "inherit";
  readonly widgets: readonly Widget[];
}

export type Widget = Placed<AlarmWidget> | Placed<MetricWidget> | Placed<TextWidget>;

/** A widget on the grid, which is 24 wide. */
export type Placed<W> = W & {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

export interface TextWidget {
  readonly type: "text";
  readonly properties: { readonly markdown: string; readonly background?: "transparent" };
}

export interface AlarmWidget {
  readonly type: "alarm";
  readonly properties: {
    readonly title: string;
    readonly alarms: readonly string[];
    readonly sortBy: "stateUpdatedTimestamp";
  };
}

export interface MetricWidget {
  readonly type: "metric";
  readonly properties: {
    readonly title: string;
    readonly region: string;
    readonly view: "timeSeries";
    readonly stacked: boolean;
    readonly metrics: readonly MetricLine[];
    readonly yAxis: { readonly left: { readonly min: number; readonly label?: string; readonly showUnits: false } };
    readonly annotations?: { readonly horizontal: readonly Threshold[] };
  };
}

/** A metric is its namespace, its name, its dimensions as pairs, and how it is drawn; an expression has the last alone. */
export type MetricLine = readonly (string | LineOptions)[];

export interface LineOptions {
  readonly id?: string;
  readonly expression?: string;
  readonly label?: string;
  readonly stat?: string;
  readonly period?: number;
  readonly visible?: false;
  readonly color?: string;
}

/** A horizontal line where an alarm begins. */
export interface Threshold {
  readonly label: string;
  readonly value: number;
  readonly color: string;
  readonly fill: "above" | "below" | "none";
}

/** Red of thresholds and errors, readable on light and on dark. */
export const red = "#d62728";
