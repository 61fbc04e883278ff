import { enterTask } from "../aws/task-door";
import { CommandError, exitCodes } from "../exit-codes";
import { enterable, namedService } from "../release/enter";
import { shellLine } from "../release/shell-words";
import { openWork } from "../release/work";
import type { Session } from "../session";
import { SessionPlugin } from "../tools/session-plugin";

/** What every image has that has a shell at all. */
const shell = ["/bin/sh"];

export interface ExecOptions {
  readonly environment: string;
  /** Default: the only one. */
  readonly service: string | undefined;
  /** Default: a shell. */
  readonly command: readonly string[];
}

/** `exec <environment> [service] [-- command]`: a command in a running task, with this terminal. */
export async function execCommand(session: Session, { environment, service, command }: ExecOptions): Promise<void> {
  const { report, interrupts, surroundings } = session;
  const { env } = surroundings;
  if (!surroundings.isTTY && command.length === 0) {
    throw new CommandError(
      `a shell needs a terminal: pass -- <command>, or start a task of its own with npm run run -- ${environment} -- <command>`,
      exitCodes.usage,
    );
  }
  const { target, contracts, ecs } = await openWork(session, environment);
  const named = namedService(contracts, environment, service);
  const plugin = await SessionPlugin.find({ env, interrupts, region: target.region });
  const { cluster } = contracts.environment;
  const found = await report.step(`look for a running task of ${named.name}`, async () => {
    const [described] = await interrupts.race(ecs.services([named.contract.serviceArn]));
    const tasks = await interrupts.race(ecs.tasks({ service: named.contract.serviceArn, status: "RUNNING" }));
    return enterable({ environment, cluster, service: named, described, tasks });
  });
  if (typeof found === "string") throw new CommandError(found, exitCodes.failed);
  const opened = await report.step(
    `enter ${found.container} of task ${found.arn.slice(found.arn.lastIndexOf("/") + 1)}`,
    () =>
      interrupts.race(
        enterTask(env, target.region, cluster, {
          ...found,
          command: shellLine(command.length === 0 ? shell : command),
        }),
      ),
  );
  const code = await plugin.run(opened, { Target: found.sessionTarget });
  if (code !== 0)
    throw new CommandError(`the session ended with an error (exit code ${code} of session-manager-plugin)`);
}
