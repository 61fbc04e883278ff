/** A step of a rehearsal, as `--json` prints it. */
export interface StepResult {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  /** What was found, or why it failed. */
  readonly detail?: string;
}

export interface DrillResult {
  readonly name: string;
  readonly ok: boolean;
  /** Addresses that the plan replaces; all of them are listed with a reason in test/support/drills.ts when `ok`. */
  readonly replaced: readonly string[];
  /** What is wrong, one sentence each. */
  readonly problems?: readonly string[];
}

/** A step of the story of releases in `release-story.ts`. */
export interface ReleaseResult {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  /** What is wrong, one sentence each, and what the command said. */
  readonly problems?: readonly string[];
}

/** A difference that a second plan shows. */
export interface Drift {
  readonly resource: string;
  readonly field: string;
  /** Why it matters although the field is listed as a gap. */
  readonly problem?: string;
}

/** What `rehearse --json` prints for one environment. */
export interface RehearsalResult {
  ok: boolean;
  readonly environment: string;
  readonly engine: string;
  readonly provider: string;
  emulator: string;
  /** Resources of the environment's stack. */
  resources: number;
  seconds: number;
  readonly steps: StepResult[];
  readonly drift: Drift[];
  readonly unknownCalls: string[];
  /** Empty where there is nothing to release. */
  readonly releases: ReleaseResult[];
  readonly drills: DrillResult[];
  /** What should be gone after the destroy and is not. */
  readonly left: string[];
  /** Snapshots and backups that a destroy leaves on purpose. */
  readonly kept: string[];
}

export function emptyResult(environment: string, engine: string, provider: string): RehearsalResult {
  return {
    ok: false,
    environment,
    engine,
    provider,
    emulator: "",
    resources: 0,
    seconds: 0,
    steps: [],
    drift: [],
    unknownCalls: [],
    releases: [],
    drills: [],
    left: [],
    kept: [],
  };
}

/** With one digit after the point: more is noise. */
export function secondsSince(started: number): number {
  return Math.round((Date.now() - started) / 100) / 10;
}

/** The table at the end of a run, in Markdown: the README shows it as it is. */
export function tableOf(results: readonly RehearsalResult[]): string {
  const head = [
    "environment",
    "resources",
    "apply",
    "second plan",
    "releases",
    "drills",
    "destroy",
    "in all",
    "result",
  ];
  const rows = results.map((result) => [
    result.environment,
    String(result.resources),
    secondsOf(result, `apply ${result.environment}`),
    secondPlanText(result),
    passedText(result.releases),
    passedText(result.drills),
    secondsOf(result, `destroy ${result.environment}`),
    `${Math.round(result.seconds)} s`,
    result.ok ? "ok" : "failed",
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

function passedText(results: readonly { readonly ok: boolean }[]): string {
  return results.length === 0 ? "-" : `${results.filter(({ ok }) => ok).length} of ${results.length}`;
}

function secondsOf({ steps }: RehearsalResult, name: string): string {
  const step = steps.find((candidate) => candidate.name === name);
  if (step === undefined) return "-";
  return step.ok ? `${Math.round(step.seconds)} s` : "failed";
}

function secondPlanText({ steps, drift }: RehearsalResult): string {
  const step = steps.find(({ name }) => name === secondPlan);
  if (step === undefined) return "-";
  if (drift.length > 0) return `${drift.length} differ`;
  return step.ok ? "empty" : "failed";
}

/** Name of the step that plans what was just applied. */
export const secondPlan = "plan again";
