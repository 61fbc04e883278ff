import { LogSearch } from "../aws/log-search";
import { CommandError, exitCodes, InterruptedError } from "../exit-codes";
import { openRelease } from "../release/contract";
import { durationMs } from "../release/duration";
import { logSources } from "../release/log-sources";
import { LogTail, type TailedLine } from "../release/log-tail";
import { Patience } from "../release/patience";
import type { Session } from "../session";

/** Between two looks of `--follow`. */
const pollMs = 2_000;

export interface LogsOptions {
  readonly environment: string;
  /** Default: all, and the migration task. */
  readonly service: string | undefined;
  /** Go on until Ctrl-C. */
  readonly follow: boolean;
  /** How far back, such as `15m`. */
  readonly since: string;
  /** Text that a line must hold. */
  readonly filter: string | undefined;
  readonly json: boolean;
}

/** `logs <environment> [service]`: lines of all tasks, with `--follow` as they come. */
export async function logsCommand(session: Session, options: LogsOptions): Promise<void> {
  const { report, clock, surroundings, interrupts } = session;
  const { environment, service, follow, json, filter: containing } = options;
  if (follow && json) {
    throw new CommandError("--follow never ends, and --json prints one value at the end: choose one", exitCodes.usage);
  }
  const from = clock.now() - durationMs("--since", options.since);
  const { target, contracts } = await openRelease(session, environment);
  const sources = logSources(contracts, service);
  const search = new LogSearch(surroundings.env, target.region);
  const tails = sources.map((source) => new LogTail({ search, source, from, containing }));

  const told: TailedLine[] = [];
  const tell = (line: TailedLine): void => {
    if (json) told.push(line);
    else report.result(textOf(line, sources.length > 1));
  };
  const found = await report.step(`look for lines of the last ${options.since}`, () => lookOnce(session, tails, tell));
  if (json) {
    report.json({ ok: true, environment, lines: told });
    return;
  }
  if (found === 0)
    report.line(`nothing was logged in the last ${options.since}${follow ? " so far" : ": try --since 1d"}`);
  if (!follow) return;
  report.line("following; Ctrl-C ends it");
  const patience = new Patience({ interrupts, report });
  await untilInterrupted(async () => {
    for (;;) {
      await interrupts.race(clock.sleep(pollMs));
      // what was told before AWS stopped answering is remembered: the next look goes on from there
      await patience.ask(() => lookOnce(session, tails, tell));
    }
  });
}

/** Tell what is new in all of them; gives how much that was. */
async function lookOnce(
  { interrupts }: Session,
  tails: readonly LogTail[],
  tell: (line: TailedLine) => void,
): Promise<number> {
  const looks = await Promise.all(
    tails.map(async (tail) => {
      let count = 0;
      const lines = tail.look();
      for (;;) {
        const next = await interrupts.race(lines.next());
        if (next.done === true) return count;
        tell(next.value);
        count += 1;
      }
    }),
  );
  return looks.reduce((sum, count) => sum + count, 0);
}

/** Ctrl-C is how a person says that it is enough. */
async function untilInterrupted(work: () => Promise<never>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
  }
}

function textOf({ service, task, timestamp, text }: TailedLine, several: boolean): string {
  const name = several ? `${service}/${task.slice(0, 8)}` : task.slice(0, 8);
  return `${new Date(timestamp).toISOString()} ${name} ${text}`;
}
