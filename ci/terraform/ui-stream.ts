/** What Terraform says when something is wrong. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail: string;
  readonly address?: string;
}

/** One step of one resource during an apply. */
export interface ResourceEvent {
  readonly address: string;
  readonly action: string;
  readonly phase: "start" | "progress" | "complete" | "errored";
  /** Since the resource was begun. */
  readonly seconds: number;
}

/** The lines of Terraform's `-json` output that matter here. */
export type UiEvent =
  | { readonly kind: "resource"; readonly event: ResourceEvent }
  | { readonly kind: "diagnostic"; readonly diagnostic: Diagnostic }
  /** A change to come; a replacement takes two steps. */
  | { readonly kind: "planned"; readonly steps: number };

type Fields = Readonly<Record<string, unknown>>;

const phases: Readonly<Record<string, ResourceEvent["phase"]>> = {
  apply_start: "start",
  apply_progress: "progress",
  apply_complete: "complete",
  apply_errored: "errored",
};

const stepsOf: Readonly<Record<string, number>> = { create: 1, update: 1, delete: 1, replace: 2 };

/** Read one line; a line that is not JSON or that nobody needs gives nothing. */
export function parseUiLine(line: string): UiEvent | undefined {
  const fields = parsed(line);
  if (fields === undefined) return undefined;
  const { type } = fields;
  if (typeof type !== "string") return undefined;
  const phase = phases[type];
  if (phase !== undefined) return resourceEvent(phase, fieldsIn(fields["hook"]));
  if (type === "diagnostic") return diagnosticEvent(fieldsIn(fields["diagnostic"]));
  if (type === "planned_change") return plannedEvent(fieldsIn(fields["change"]));
  return undefined;
}

function resourceEvent(phase: ResourceEvent["phase"], hook: Fields): UiEvent | undefined {
  const address = fieldsIn(hook["resource"])["addr"];
  if (typeof address !== "string") return undefined;
  const { action, elapsed_seconds: seconds } = hook;
  return {
    kind: "resource",
    event: {
      address,
      action: typeof action === "string" ? action : "change",
      phase,
      seconds: typeof seconds === "number" ? seconds : 0,
    },
  };
}

function diagnosticEvent({ severity, summary, detail, address }: Fields): UiEvent {
  return {
    kind: "diagnostic",
    diagnostic: {
      severity: severity === "warning" ? "warning" : "error",
      summary: typeof summary === "string" ? summary : "unknown problem",
      detail: typeof detail === "string" ? detail : "",
      ...(typeof address === "string" ? { address } : {}),
    },
  };
}

function plannedEvent({ action }: Fields): UiEvent | undefined {
  const steps = typeof action === "string" ? stepsOf[action] : undefined;
  return steps === undefined ? undefined : { kind: "planned", steps };
}

function parsed(line: string): Fields | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return fieldsIn(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function fieldsIn(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
