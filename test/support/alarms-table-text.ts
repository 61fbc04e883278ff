import { durationText, valueText } from "../../constructs/dashboard/text";
import type { TriedAlarm } from "./alarm-table";
import { type Outcome, situations } from "./alarm-trial";

const operators: Readonly<Record<string, string>> = {
  GreaterThanThreshold: ">",
  GreaterThanOrEqualToThreshold: ">=",
  LessThanThreshold: "<",
  LessThanOrEqualToThreshold: "<=",
};

/**
 * The table of docs/alarms.md, as Markdown: prod's alarms, then those of kinds that only other environments have.
 */
export function alarmsTable(alarms: readonly TriedAlarm[]): string[] {
  const byName = [...alarms].sort((one, other) => (one.name < other.name ? -1 : 1));
  const prod = byName.filter(({ stack }) => stack === "prod");
  const kinds = new Set(prod.map(kindOf));
  const others = byName.filter((alarm) => {
    if (kinds.has(kindOf(alarm))) return false;
    kinds.add(kindOf(alarm));
    return true;
  });
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    row(["alarm", "when", "silence is", "one bad minute", ...situations]),
    row(Array.from({ length: situations.length + 4 }, () => "---")),
    ...[...prod, ...others].map((alarm) => row(cellsOf(alarm))),
  ];
}

/** The same alarm of another service or another database is of the same kind. */
function kindOf({ runbook, alarm }: TriedAlarm): string {
  const series = Object.values(alarm.seriesById).map(({ namespace, name, statistic }) => [namespace, name, statistic]);
  return JSON.stringify([runbook, series]);
}

function cellsOf({ stack, name, body, alarm, liveness, raisedByOneMinute, outcomes }: TriedAlarm): string[] {
  const { datapoints, of, missing } = alarm.rule;
  const where = stack === "prod" ? "" : ` (${stack})`;
  return [
    `${name}${where}${liveness ? " ♥" : ""}`,
    `${operators[String(body["comparison_operator"])]} ${valueText(Number(body["threshold"]), unitOf(alarm))} in ${durationText(datapoints, of, alarm.periodSec)}`,
    { breaching: "bad", notBreaching: "fine", missing: "unknown", ignore: "ignored" }[missing],
    raisedByOneMinute ? "**alarm**" : "-",
    ...situations.map((situation) => outcomeText(outcomes[situation])),
  ];
}

/** Terraform knows no units; of these numbers one wants to read it. */
function unitOf({ seriesById, expression }: TriedAlarm["alarm"]): "bytes" | "count" {
  const names = Object.values(seriesById).map(({ name }) => name);
  return expression === undefined && names.every((name) => /Free(able|Storage)/.test(name)) ? "bytes" : "count";
}

function outcomeText({ state, afterMinutes }: Outcome): string {
  if (state === "ALARM") return afterMinutes === undefined ? "**alarm**" : `**${minutesText(afterMinutes)}**`;
  return state === "OK" ? "-" : "?";
}

function minutesText(minutes: number): string {
  return minutes < 120 ? `${minutes} min` : `${minutes / 60} h`;
}
