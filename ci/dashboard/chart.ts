import { valueText } from "../../constructs/dashboard/text";
import type { MetricWidget, Threshold } from "../../constructs/dashboard/widgets";
import { type Curve, curvesOf } from "./curves";
import { type Box, fitting, number, rectangle, text, widthOf } from "./svg";

type Properties = MetricWidget["properties"];

const padding = 12;
const axisWidth = 50;
const titleHeight = 30;
const legendHeight = 16;

/** A metric widget: title, axes, lines of a made-up day, thresholds, legend. */
export function chart(properties: Properties, box: Box): string[] {
  const curves = curvesOf(properties);
  const thresholds = properties.annotations?.horizontal ?? [];
  const legend = legendRows(curves, box.width - 2 * padding);
  const plot: Box = {
    x: box.x + padding + axisWidth,
    y: box.y + titleHeight + 8,
    width: box.width - 2 * padding - axisWidth,
    height: box.height - titleHeight - 20 - legendHeight * legend.length - 8,
  };
  const stacks = properties.stacked ? stacked(curves) : curves;
  const shown = [...stacks.flatMap(({ values }) => values), ...thresholds.map(({ value }) => value)];
  const unit = unitOf(properties);
  const top = topOf(shown, unit);
  const yOf = (value: number): number => plot.y + plot.height * (1 - value / top);
  return [
    rectangle(box, "card", 4),
    text(box.x + padding, box.y + 20, "title", fitting(properties.title, box.width - 2 * padding, 13)),
    ...axes(unit, plot, top, yOf),
    ...thresholds.flatMap((threshold) => shade(threshold, plot, yOf)),
    ...[...stacks].reverse().map((curve) => (properties.stacked ? area(curve, plot, yOf) : line(curve, plot, yOf))),
    ...thresholds.flatMap((threshold, index) => thresholdLine(threshold, index, plot, yOf)),
    ...legend.flatMap((row, index) =>
      legendRow(row, box, box.y + box.height - 10 - (legend.length - 1 - index) * legendHeight),
    ),
  ];
}

type Unit = "percent" | "bytes" | "seconds" | "count";

function unitOf({ yAxis }: Properties): Unit {
  const { label } = yAxis.left;
  return label === "percent" || label === "bytes" || label === "seconds" ? label : "count";
}

/** A round number above all values: for bytes one of KiB, MiB and so on, for a share at most all of it. */
function topOf(values: readonly number[], unit: Unit): number {
  const most = Math.max(...values, 0) * 1.15;
  if (most === 0) return 1;
  if (unit === "percent" && most > 50 && most < 115) return 100;
  const scale = unit === "bytes" ? 1024 ** Math.floor(Math.log2(most) / 10) : 1;
  const power = 10 ** Math.floor(Math.log10(most / scale)) * scale;
  return ([1, 2, 4, 6, 8, 10].find((step) => step * power >= most) ?? 10) * power;
}

function axes(unit: Unit, plot: Box, top: number, yOf: (value: number) => number): string[] {
  const horizontal = [0, top / 2, top].flatMap((value) => {
    const y = yOf(value);
    const tick = value === 0 ? "0" : valueText(value, unit).replace(" million", " M");
    return [
      `<line x1="${number(plot.x)}" x2="${number(plot.x + plot.width)}" y1="${number(y)}" y2="${number(y)}" class="grid"/>`,
      text(plot.x - 6 - widthOf(tick, 10), y + 3, "axis", tick),
    ];
  });
  const hours = ["06:00", "10:00", "14:00", "18:00"].map((hour, index) =>
    text(plot.x + (plot.width - 30) * (index / 3), plot.y + plot.height + 14, "axis", hour),
  );
  return [...horizontal, ...hours];
}

function xOf(plot: Box, at: number, count: number): number {
  return plot.x + (plot.width * at) / (count - 1);
}

function line({ values, color }: Curve, plot: Box, yOf: (value: number) => number): string {
  const points = values.map((value, at) => `${number(xOf(plot, at, values.length))},${number(yOf(value))}`);
  return `<polyline points="${points.join(" ")}" class="line" stroke="${color}"/>`;
}

function area({ values, color }: Curve, plot: Box, yOf: (value: number) => number): string {
  const points = values.map((value, at) => `${number(xOf(plot, at, values.length))},${number(yOf(value))}`);
  const ground = number(plot.y + plot.height);
  return `<polygon points="${number(plot.x)},${ground} ${points.join(" ")} ${number(plot.x + plot.width)},${ground}" fill="${color}"/>`;
}

/** Each line on the one before. */
function stacked(curves: readonly Curve[]): Curve[] {
  let below: readonly number[] = [];
  return curves.map((curve) => {
    const values = curve.values.map((value, at) => value + (below[at] ?? 0));
    below = values;
    return { ...curve, values };
  });
}

function shade({ value, fill }: Threshold, plot: Box, yOf: (value: number) => number): string[] {
  if (fill === "none") return [];
  const y = yOf(value);
  const box = fill === "above" ? { ...plot, height: y - plot.y } : { ...plot, y, height: plot.y + plot.height - y };
  return [rectangle(box, "danger")];
}

function thresholdLine(
  { value, label, fill }: Threshold,
  index: number,
  plot: Box,
  yOf: (value: number) => number,
): string[] {
  const y = yOf(value);
  const shown = fitting(label, plot.width - 8, 10);
  // beside the line, on the side of the alarm unless there is no room
  const above = index % 2 === 0 && y - plot.y > 14 && (fill !== "below" || plot.y + plot.height - y < 14);
  return [
    `<line x1="${number(plot.x)}" x2="${number(plot.x + plot.width)}" y1="${number(y)}" y2="${number(y)}" class="threshold"/>`,
    // the second one at the other end and side, where it does not lie on the first
    text(
      index % 2 === 0 ? plot.x + 4 : plot.x + plot.width - widthOf(shown, 10) - 4,
      above ? y - 4 : y + 12,
      "limit",
      shown,
    ),
  ];
}

type LegendEntry = Pick<Curve, "label" | "color">;

/** Entries of the legend in at most two rows; what does not fit is counted. */
function legendRows(curves: readonly Curve[], width: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [[]];
  let used = 0;
  for (const [index, { label, color }] of curves.entries()) {
    const shown = fitting(label, width - 16, 11);
    const needed = widthOf(shown, 11) + 26;
    if (used > 0 && used + needed > width) {
      if (rows.length === 2) {
        rows[1]?.pop();
        rows[1]?.push({ label: `and ${curves.length - index + 1} more`, color: "none" });
        break;
      }
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push({ label: shown, color });
    used += needed;
  }
  return rows;
}

function legendRow(entries: readonly LegendEntry[], box: Box, y: number): string[] {
  let x = box.x + padding;
  return entries.flatMap(({ label, color }) => {
    const at = x;
    x += widthOf(label, 11) + 26;
    return [
      `<circle cx="${number(at + 4)}" cy="${number(y - 4)}" r="4" fill="${color}"/>`,
      text(at + 13, y, "small", label),
    ];
  });
}
