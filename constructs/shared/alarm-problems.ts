import type { AlarmSpec } from "./alarm-spec";
import { shown } from "./fields";

/** Id of the expression's own result; a metric cannot have it. */
export const RESULT_ID = "result";

/** The longest description that CloudWatch keeps. */
const DESCRIPTION_LIMIT = 1024;
const HOUR_SEC = 3600;
const DAY_SEC = 86_400;

/** What an e-mail or a channel shows of an alarm: what it means, and where to read what to do. */
export function alarmDescription({ meaning, runbook }: AlarmSpec): string {
  return `${meaning.replace(/\.$/, "")}. What to do: docs/alarms.md#${runbook}`;
}

/** Why CloudWatch, or whoever is woken by it, could not use an alarm: one sentence each. */
export function alarmProblems(spec: AlarmSpec): string[] {
  return [...wordProblems(spec), ...metricProblems(spec), ...evaluationProblems(spec)];
}

function wordProblems(spec: AlarmSpec): string[] {
  const words = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
  const problems = (["name", "runbook"] as const)
    .filter((field) => !words.test(spec[field]))
    .map((field) => `${field} must be lower-case words joined by hyphens, got ${shown(spec[field])}: rename it`);
  if (spec.meaning.trim() === "") problems.push("meaning must say what the alarm means, got nothing: write a sentence");
  const { length } = alarmDescription(spec);
  if (length > DESCRIPTION_LIMIT) {
    problems.push(
      `meaning must leave a description of at most ${DESCRIPTION_LIMIT} characters, got ${length}: shorten it`,
    );
  }
  return problems;
}

function metricProblems({ metrics, expression }: AlarmSpec): string[] {
  const ids = Object.keys(metrics);
  const problems: string[] = [];
  if (ids.length === 0) problems.push("metrics must name a metric, got none: an alarm needs something to watch");
  for (const [id, { statistic }] of Object.entries(metrics)) {
    if (!/^[a-z][A-Za-z0-9_]*$/.test(id) || id === RESULT_ID) {
      problems.push(
        `metrics.${id} must have an id that starts with a lower-case letter and is not "${RESULT_ID}", got ${shown(id)}: rename it`,
      );
    }
    if (!/^(Average|Sum|Minimum|Maximum|SampleCount|p(100|\d{1,2}(\.\d{1,10})?))$/.test(statistic)) {
      problems.push(
        `metrics.${id}.statistic must be Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p95, got ${shown(statistic)}`,
      );
    }
  }
  if (expression === undefined) {
    if (ids.length > 1) {
      problems.push(`metrics must be one without an expression, got ${ids.join(", ")}: add an expression over them`);
    }
    return problems;
  }
  // functions are in capitals, and texts are no ids
  const used = new Set(expression.replace(/"[^"]*"|'[^']*'/g, "").match(/\b[a-z][A-Za-z0-9_]*\b/g) ?? []);
  for (const id of ids.filter((one) => !used.has(one))) {
    problems.push(`metrics.${id} must be used by the expression, got ${shown(expression)}: use it or remove it`);
  }
  for (const id of [...used].filter((one) => !ids.includes(one))) {
    problems.push(`expression must use ids of metrics (${ids.join(", ")}), got ${shown(id)}: add that metric`);
  }
  return problems;
}

function evaluationProblems({ datapoints, of, periodSec, threshold, role, global }: AlarmSpec): string[] {
  const problems: string[] = [];
  if (!Number.isFinite(threshold)) problems.push(`threshold must be a number, got ${String(threshold)}`);
  if (!Number.isInteger(of) || of < 1) problems.push(`of must be a whole number of 1 or more, got ${of}`);
  if (!Number.isInteger(datapoints) || datapoints < 1 || datapoints > of) {
    problems.push(`datapoints must be a whole number from 1 to of (${of}), got ${datapoints}: raise of, or lower it`);
  }
  if (!Number.isInteger(periodSec) || periodSec < 60 || periodSec % 60 !== 0) {
    problems.push(`periodSec must be a multiple of 60, got ${periodSec}: AWS's own metrics are no finer`);
  }
  const span = periodSec * of;
  const longest = periodSec >= HOUR_SEC ? 7 * DAY_SEC : DAY_SEC;
  if (span > longest) {
    problems.push(
      `periodSec times of must be at most ${longest}, got ${span}: CloudWatch looks back a day, or a week by the hour`,
    );
  }
  if (role !== undefined && global === true) {
    problems.push(
      `role must not be set on a global alarm, got ${shown(role)}: a release reads alarms of its own region`,
    );
  }
  return problems;
}
