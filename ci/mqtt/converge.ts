import { CommandError } from "../exit-codes";
import type { Report } from "../report";
import type { Interrupts } from "../terraform/interrupts";
import { type Aim, type Facts, type Move, nextMoves } from "./login-plan";
import type { LoginWorld } from "./login-world";

export interface ConvergeOptions {
  readonly world: LoginWorld;
  readonly unwanted: Aim["unwanted"];
  readonly report: Report;
  readonly interrupts: Pick<Interrupts, "check" | "pause">;
  /** Milliseconds between two looks at a broker that restarts. Default: 5000. */
  readonly pollMs?: number;
}

/** What was found, and what is to be done first. */
export interface Beginning {
  readonly facts: Facts;
  readonly moves: readonly Move[];
}

/** More than any way from anywhere takes. */
const mostRounds = 12;

/** A restart takes minutes; a broker that is not back after this needs a person. */
const patienceMs = 45 * 60_000;

/**
 * Round by round, until all clients read a login that the running broker knows. Each round begins with what is there, so that it
 * may end anywhere and be begun again. Gives how often the broker was restarted.
 *
 * @throws CommandError when AWS does not get there; InterruptedError between two moves, or while the broker restarts
 */
export async function converge({ facts: first, moves: begun }: Beginning, options: ConvergeOptions): Promise<number> {
  const { world, unwanted, report, interrupts } = options;
  const restored = new Set<string>();
  let restarts = 0;
  let [facts, moves] = [first, begun];
  for (let round = 0; round < mostRounds; round += 1) {
    if (moves.length === 0) return restarts;
    for (const move of moves) {
      interrupts.check();
      await report.step(nameOf(move), () => perform(move, facts, options));
      if (move.do === "restore") restored.add(move.login);
      if (move.do !== "reboot") continue;
      restored.clear();
      restarts += 1;
    }
    interrupts.check();
    facts = await report.step("look again", () => world.facts((name) => report.progress(name)));
    moves = nextMoves(facts, { unwanted, restored });
  }
  throw new CommandError(
    `after ${mostRounds} rounds the logins are not what they should be: run the same command again`,
  );
}

/** Wait until the broker can be worked with. */
export async function whenRunning(options: ConvergeOptions): Promise<void> {
  await waitFor(options, ({ state }) => Promise.resolve(state === "RUNNING"));
}

async function perform(move: Move, facts: Facts, options: ConvergeOptions): Promise<void> {
  const { world } = options;
  switch (move.do) {
    case "prepare":
      return world.prepare(move.client, move.login);
    case "send":
      return world.send(move.client, move.how);
    case "restore":
      return world.restore(move.client, move.how);
    case "promote":
      return world.promote(move.client);
    case "delete":
      return world.delete(move.login);
    case "logs":
      return world.setLogs();
    case "reboot": {
      await world.reboot();
      const waiting = [...facts.logins].filter(([, { pending }]) => pending !== undefined).map(([name]) => name);
      // AWS calls a broker running for some seconds more: it is back when nothing waits any longer
      await waitFor(
        options,
        async ({ state, logsWait }) => state === "RUNNING" && !logsWait && (await world.isSettled(waiting)),
      );
    }
  }
}

type Status = Awaited<ReturnType<LoginWorld["status"]>>;

async function waitFor(
  { world, report, interrupts, pollMs = 5000 }: ConvergeOptions,
  isOver: (status: Status) => Promise<boolean>,
): Promise<void> {
  for (let waited = 0; waited <= patienceMs; waited += pollMs) {
    const status = await world.status();
    if (await isOver(status)) return;
    if (/FAILED|DELETION|ACTION_REQUIRED/.test(status.state)) {
      throw new CommandError(`AWS calls the broker ${status.state}: look at it in the Amazon MQ console`);
    }
    report.progress(`AWS calls it ${status.state}`);
    await interrupts.pause(pollMs);
  }
  throw new CommandError(
    `the broker is not back after ${patienceMs / 60_000} min: look at it in the Amazon MQ console, then run the same command again`,
  );
}

function nameOf(move: Move): string {
  switch (move.do) {
    case "prepare":
      return `store a new password of ${move.login}, which nobody reads yet`;
    case "send":
    case "restore":
      return `${move.how} login ${move.login} on the broker`;
    case "promote":
      return `let ${move.client} read login ${move.login}`;
    case "delete":
      return `delete login ${move.login} from the broker`;
    case "logs":
      return "turn the logs of the broker on or off";
    case "reboot":
      return "restart the broker";
  }
}
