/** What the exit code of every command means; `--help` prints this table. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  guarded: 3,
  account: 4,
  stale: 5,
  migrationFailed: 10,
  migrationTimedOut: 11,
  migrationNotStarted: 12,
  rolledBack: 20,
  releaseTimedOut: 21,
  rollbackFailed: 22,
  refused: 30,
  locked: 31,
  interrupted: 130,
} as const;

/** One line each, in the order of the codes. */
export const exitCodeHelp = [
  "Exit codes:",
  "  0    done",
  "  1    failed: the message says where",
  "  2    refused: the command line or the configuration is wrong",
  "  3    refused: guards are up",
  "  4    refused: no credentials, or those of another account",
  "  5    refused: the saved plan is not of this configuration or this state",
  "  10   the migration failed: services are untouched",
  "  11   the migration took too long and was stopped: services are untouched",
  "  12   the migration could not start: services are untouched",
  "  20   rolled back: what ran before runs again",
  "  21   took too long, rolled back",
  "  22   the rollback failed as well: look now",
  "  30   refused: checks before the release have failed",
  "  31   refused: another release is running",
  "  130  interrupted: run the same command again",
].join("\n");

/** A command that ends with a known exit code; the message is for a person and says the way out. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = exitCodes.failed,
    /** What `--json` says beside the message. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "CommandError";
  }
}

/** The person pressed Ctrl-C, or the machine asked us to stop. */
export class InterruptedError extends CommandError {
  constructor(message = "interrupted") {
    super(message, exitCodes.interrupted);
    this.name = "InterruptedError";
  }
}

/** The command has failed and has itself said all there is to say. */
export class ToldError extends CommandError {
  constructor(exitCode: number = exitCodes.failed) {
    super("failed", exitCode);
    this.name = "ToldError";
  }
}
