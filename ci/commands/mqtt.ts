import { unknownName } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import { openActiveMq } from "../mqtt/contract";
import { type Beginning, converge, type ConvergeOptions, whenRunning } from "../mqtt/converge";
import { type Aim, type ClientFacts, type Facts, nextMoves, rotationMoves } from "../mqtt/login-plan";
import { LoginWorld } from "../mqtt/login-world";
import { isNobodys, movesText, othersText, previousLogin, restartText } from "../mqtt/tell-logins";
import type { Session } from "../session";

export interface MqttSyncOptions {
  readonly environment: string;
  /** Restart the broker without a question. */
  readonly yes: boolean;
  readonly json: boolean;
  /** Milliseconds between two looks at a broker that restarts. Default: 5000. */
  readonly pollMs?: number;
}

/** `mqtt sync <environment>`: every client of the environment's file gets its login, and every other login goes. */
export async function mqttSyncCommand(session: Session, options: MqttSyncOptions): Promise<void> {
  const { environment, json } = options;
  const { report, surroundings } = session;
  const { target, broker } = await openActiveMq(session, environment);
  const world = LoginWorld.of(surroundings.env, target.region, broker);
  const work = workOf(session, options, { world, unwanted: isNobodys(broker.clients) });

  const facts = await look(work);
  const beginning = { facts, moves: nextMoves(facts, aimOf(work)) };
  const waiting = await confirm(session, options, beginning, work);
  const restarts = await converge(beginning, work);

  const { clients } = broker;
  const changed = beginning.moves.length > 0;
  if (json) report.json({ ok: true, environment, changed, restarts, clients, waiting });
  else {
    report.result(
      changed
        ? `${clients.join(", ")} have their logins; services read theirs when they next start`
        : `nothing to change: ${clients.join(", ")} have their logins`,
    );
  }
}

export interface MqttRotateOptions extends MqttSyncOptions {
  readonly client: string;
  /** Rotate nothing: delete the login that the last rotation has left valid. */
  readonly retire: boolean;
}

/**
 * `mqtt rotate <environment> <client>`: a sync that also gives one client its other login, with a new password; the one before stays
 * valid until the next time.
 */
export async function mqttRotateCommand(session: Session, options: MqttRotateOptions): Promise<void> {
  const { environment, client, retire, json } = options;
  const { report, surroundings } = session;
  const { target, broker } = await openActiveMq(session, environment);
  const { clients: names } = broker;
  if (!names.includes(client)) {
    throw new CommandError(unknownName(`client of ${environment}'s broker`, client, names), exitCodes.usage);
  }
  const world = LoginWorld.of(surroundings.env, target.region, broker);
  const unwanted = isNobodys(broker.clients);
  const facts = await look(workOf(session, options, { world, unwanted }));
  const before = factsOf(facts, client);
  const previous = retire ? toRetire(facts, environment, client) : undefined;
  const work = workOf(session, options, { world, unwanted: (login) => unwanted(login) || login === previous });

  const moves = retire ? nextMoves(facts, aimOf(work)) : rotationMoves(facts, aimOf(work), client);
  const beginning = { facts, moves };
  tellLoss(session, beginning, world);
  await confirm(session, options, beginning, work);
  const restarts = await converge(beginning, work);

  const { current } = factsOf(await look(work), client);
  if (json) report.json({ ok: true, environment, client, login: current, retired: previous, restarts });
  else report.result(endText(options, { previous, login: current, left: before.current }));
}

interface End {
  readonly previous: string | undefined;
  readonly login: string | undefined;
  readonly left: string | undefined;
}

function endText({ environment, client, retire }: MqttRotateOptions, { previous, login, left }: End): string {
  if (retire) {
    return previous === undefined
      ? `nothing to retire: ${client} has one login, ${login ?? "none"}`
      : `login ${previous} is gone; ${client} reads ${login ?? "none"}`;
  }
  const stays =
    left === undefined || left === login
      ? ""
      : `; ${left} stays valid: restart what uses it, then \`npm run mqtt -- rotate ${environment} ${client} --retire\``;
  return `${client} reads login ${login ?? "none"}${stays}`;
}

function toRetire(facts: Facts, environment: string, client: string): string | undefined {
  const { current, next } = factsOf(facts, client);
  const again = `npm run mqtt -- rotate ${environment} ${client}`;
  if (next !== undefined) {
    throw new CommandError(`a rotation of ${client} is under way: finish it with \`${again}\``, exitCodes.usage);
  }
  if (current === undefined) {
    throw new CommandError(
      `${client} has no login yet: \`npm run mqtt -- sync ${environment}\` makes it`,
      exitCodes.usage,
    );
  }
  return previousLogin(facts, client);
}

/** A rotation takes the login of whatever was not restarted since the last one. */
function tellLoss({ report }: Session, { facts, moves }: Beginning, world: LoginWorld): void {
  const [move] = moves;
  if (move?.do !== "prepare") return;
  const previous = previousLogin(facts, move.client);
  if (previous === undefined) return;
  const since = world.currentSince(move.client)?.toISOString() ?? "the last rotation";
  report.warn(`login ${previous} gets a new password: what was started before ${since} uses it and loses the broker`);
}

/** Ask before the broker is restarted; gives what else waits for a restart. */
async function confirm(
  { report, prompts }: Session,
  { environment, yes }: MqttSyncOptions,
  { facts, moves }: Beginning,
  work: ConvergeOptions,
): Promise<string[]> {
  const status = await work.world.status();
  const others = othersText(facts, status, aimOf(work));
  if (moves.every((move) => move.do === "promote")) {
    for (const text of others) report.line(`with the next restart: ${text}`);
    return others;
  }
  report.line([...movesText(moves), ...others.map((text) => `with the restart: ${text}`)].join("\n"));
  report.line(restartText(environment, status));
  if (yes) return others;
  const answer = await prompts.ask("restart it? [y/N] ", "pass --yes");
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError("not confirmed: nothing was changed");
  return others;
}

async function look(work: ConvergeOptions): Promise<Facts> {
  const { report, world } = work;
  return report.step("read logins and secrets", async () => {
    await whenRunning(work);
    return world.facts((name) => report.progress(name));
  });
}

function workOf(
  { report, interrupts }: Session,
  { pollMs }: MqttSyncOptions,
  { world, unwanted }: Pick<ConvergeOptions, "world" | "unwanted">,
): ConvergeOptions {
  return { world, unwanted, report, interrupts, ...(pollMs === undefined ? {} : { pollMs }) };
}

function aimOf({ unwanted }: ConvergeOptions): Aim {
  return { unwanted, restored: new Set() };
}

function factsOf({ clients }: Facts, name: string): ClientFacts {
  return clients.find((client) => client.name === name) ?? { name };
}
