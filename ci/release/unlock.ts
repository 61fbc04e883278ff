import { CommandError, exitCodes } from "../exit-codes";
import { lastPart } from "./arn";
import { holderText, lockName } from "./lock";
import { readWorld } from "./running";
import { subjectsOf } from "./subjects";
import type { ReleaseWork } from "./work";

/**
 * Give back the lock that a killed release has left. Gives whose it was; none when nobody had it.
 *
 * @throws CommandError while what that release has begun goes on, unless `force`
 */
export async function unlock(work: ReleaseWork, environment: string, force: boolean): Promise<string | undefined> {
  const { parameters, contracts, target, interrupts } = work;
  const name = lockName(target);
  const held = await interrupts.race(parameters.read(name));
  if (held === undefined) return undefined;
  const { services, migrations } = await interrupts.race(readWorld(work, subjectsOf(contracts)));
  const going = [
    ...migrations.map((arn) => `a migration is running (task ${lastPart(arn)})`),
    ...services
      .filter(({ inProgress }) => inProgress.length > 0)
      .map(({ subject }) => `a deployment of ${subject.name} is in progress`),
  ];
  if (going.length > 0 && !force) {
    throw new CommandError(
      `the lock stays, ${holderText(held)}: ${going.join(" and ")}; wait for its end, which npm run status -- ${environment} shows, or pass --force as well if whoever began it is dead`,
      exitCodes.locked,
    );
  }
  // looking takes a while, in which its holder may have given it back and somebody else taken it
  if ((await parameters.read(name)) === held) await parameters.delete(name);
  return holderText(held);
}
