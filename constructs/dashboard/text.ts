const sizes = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** A value as a person reads it: `80 %`, `256 MiB`, `1.5 s`. */
export function valueText(value: number, unit: "percent" | "bytes" | "seconds" | "count" | "expression"): string {
  if (unit === "percent") return `${rounded(value)} %`;
  if (unit === "seconds") return `${rounded(value)} s`;
  if (unit === "bytes") {
    const power = value < 1 ? 0 : Math.min(sizes.length - 1, Math.floor(Math.log2(value) / 10));
    return `${rounded(value / 1024 ** power)} ${sizes[power]}`;
  }
  return value < 10_000 ? rounded(value) : `${rounded(value / 1e6)} million`;
}

/** M of N data points: `3 of 5 min`, or `1 of 1 x 6 h` where one covers more than a minute. */
export function durationText(datapoints: number, of: number, periodSec: number): string {
  const period = periodSec % 3600 === 0 ? `${periodSec / 3600} h` : `${periodSec / 60} min`;
  return periodSec === 60 ? `${datapoints} of ${of} min` : `${datapoints} of ${of} x ${period}`;
}

/** No more digits than help: three. */
function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
