import type { MetricWidget, Threshold } from "../../constructs/dashboard/widgets";

type Properties = MetricWidget["properties"];

/** A line as it is drawn: its label in the legend, and values of a made-up day. */
export interface Curve {
  readonly label: string;
  readonly color: string;
  readonly values: readonly number[];
}

/** How many values a line has. */
const pointCount = 72;
/** Distinguishable from each other, from red, and on light and dark. */
const palette = ["#1f8ac0", "#e07b16", "#2f9e54", "#8f6bd1", "#b07d2b", "#c2549d", "#4d8f8b", "#7a8391"];

/** Lines of a chart on a healthy day: invented, the same at every drawing, and on the good side of every threshold. */
export function curvesOf(properties: Properties): Curve[] {
  const thresholds = properties.annotations?.horizontal ?? [];
  return shownLines(properties).map(({ label, color }, index) => ({
    label,
    color: color ?? palette[index % palette.length] ?? "#1f8ac0",
    values:
      properties.yAxis.left.label === "US dollars"
        ? month(thresholds)
        : day(`${properties.title} ${label}`, levelsOf(properties, thresholds, index)),
  }));
}

/** The quietest and the busiest value of a day, and whether it moves in whole steps. */
interface Levels {
  readonly low: number;
  readonly high: number;
  readonly whole: boolean;
}

function levelsOf({ title, yAxis }: Properties, thresholds: readonly Threshold[], index: number): Levels {
  const unit = yAxis.left.label;
  const counts = unit === "count" || unit === undefined;
  const lowest = Math.min(...thresholds.map(({ value }) => value));
  const [first] = thresholds;
  if (first === undefined) {
    const base = [900, 420, 260, 60, 30][index % 5] ?? 30;
    if (unit === "seconds") return { low: 0.05 * (index + 1), high: 0.11 * (index + 1) ** 1.4, whole: false };
    if (unit === "bytes") return { low: 2e6 * (index + 1), high: 4e7 * (index + 1), whole: false };
    // nearly all answers are good ones
    return title.includes("kind") && index > 0
      ? { low: 2, high: 40 / index ** 2, whole: true }
      : { low: base * 0.2, high: base, whole: true };
  }
  if (first.label.startsWith("<")) {
    const highest = Math.max(...thresholds.map(({ value }) => value));
    if (counts && highest < 10) return { low: highest + 1, high: highest + 1, whole: true };
    return { low: highest * 1.9, high: highest * 2.4, whole: false };
  }
  if (/errors/i.test(title)) return { low: 0, high: lowest * 0.12, whole: false };
  // a rate that is an expression has no unit either
  if (counts && lowest <= 1 && !/latency/i.test(title)) return { low: 0, high: 0, whole: true };
  return { low: lowest * 0.15, high: lowest * 0.55, whole: false };
}

interface ShownLine {
  readonly label: string;
  readonly color: string | undefined;
}

/** What is visible, with the label that CloudWatch would write. */
function shownLines({ metrics }: Properties): ShownLine[] {
  const shown: ShownLine[] = [];
  for (const line of metrics) {
    const options = line.at(-1);
    if (typeof options !== "object" || options.visible === false) continue;
    const label = options.label ?? "";
    const plain = label.replace(/\s*\$+\{PROP\('Dim\.[^']*'\)\}/g, "");
    // which of several it is stands in AWS alone: they are numbered here
    const same = shown.filter((one) => one.label.replace(/ \d+$/, "") === plain).length;
    shown.push({ label: plain === label ? label : `${plain} ${same + 1}`, color: options.color });
  }
  return shown;
}

/** A day from morning to evening, with some unrest. */
function day(seed: string, { low, high, whole }: Levels): number[] {
  const random = randomOf(seed);
  const shift = random() * 0.15;
  let unrest = 0;
  return Array.from({ length: pointCount }, (_, at) => {
    unrest = unrest * 0.7 + (random() - 0.5) * 0.12;
    const daylight = Math.sin(Math.PI * Math.min(1, Math.max(0, at / pointCount + shift - 0.05))) ** 2;
    const value = low + (high - low) * Math.min(1, Math.max(0, daylight * 0.85 + 0.08 + unrest));
    return whole ? Math.round(value) : value;
  });
}

/** What a month has cost so far, which only grows. */
function month([budget]: readonly Threshold[]): number[] {
  return Array.from({ length: pointCount }, (_, at) => ((budget?.value ?? 100) * 0.7 * (at + 1)) / pointCount);
}

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
function randomOf(seed: string): () => number {
  let state = 0;
  for (const character of seed) state = (Math.imul(state, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
