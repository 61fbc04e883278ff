import { databaseIdentifier } from "../../constructs/shared/database-names";
import { type DatabaseAddress, Databases } from "../aws/databases";
import { startSession } from "../aws/sessions";
import { CommandError, exitCodes } from "../exit-codes";
import { type DatabaseLogin, databaseLoginOf } from "../release/database-login";
import { enterable, type EnterableTask, runningServices } from "../release/enter";
import { openWork, type ReleaseWork } from "../release/work";
import type { Session } from "../session";
import { SessionPlugin } from "../tools/session-plugin";

export interface TunnelOptions {
  readonly environment: string;
  /** Port of this machine. */
  readonly port: number;
  readonly json: boolean;
}

/** Nobody else's machine can come in. */
const host = "127.0.0.1";

/** The way in, and what is at its end. */
interface Way {
  readonly task: EnterableTask;
  readonly login: DatabaseLogin;
  readonly address: DatabaseAddress;
}

/** `tunnel <environment> db`: the database on a port of this machine, through a running task. */
export async function tunnelCommand(session: Session, { environment, port, json }: TunnelOptions): Promise<void> {
  const { report, interrupts, surroundings } = session;
  const { env } = surroundings;
  const work = await openWork(session, environment);
  const { target } = work;
  const plugin = await SessionPlugin.find({ env, interrupts, region: target.region });
  const { task, login, address } = await report.step("look for a running task and the database", () =>
    interrupts.race(findWay(work)),
  );
  const request = {
    Target: task.sessionTarget,
    DocumentName: "AWS-StartPortForwardingSessionToRemoteHost",
    Parameters: { host: [address.host], portNumber: [String(address.port)], localPortNumber: [String(port)] },
  };
  const opened = await report.step(`open a way through a task of ${task.service}`, () =>
    interrupts.race(startSession(env, target.region, request)),
  );
  if (json) {
    const { name: database } = address;
    report.json({ ok: true, environment, host, port, database, user: login.user, secretArn: login.secretArn });
  } else {
    report.line(
      [
        `psql "host=${host} port=${port} dbname=${address.name} user=${login.user} sslmode=require"`,
        `the password is in secret ${login.secretArn}, under the key password`,
        "Ctrl-C closes it",
      ].join("\n"),
    );
  }
  const code = await plugin.run(opened, request, { aside: json });
  if (code !== 0) {
    throw new CommandError(
      `the tunnel ended with an error (exit code ${code} of session-manager-plugin): see that nothing else listens on port ${port}, or pass --port`,
    );
  }
}

async function findWay({ contracts, ecs, env, target: { project, stack, region } }: ReleaseWork): Promise<Way> {
  const { cluster } = contracts.environment;
  const reasons: string[] = [];
  for (const service of runningServices(contracts)) {
    const { serviceArn, container } = service.contract;
    const [described] = await ecs.services([serviceArn]);
    const tasks = await ecs.tasks({ service: serviceArn, status: "RUNNING" });
    const task = enterable({ environment: stack, cluster, service, described, tasks });
    if (typeof task === "string") {
      reasons.push(task);
      continue;
    }
    const running = described?.taskDefinition;
    const revision = running === undefined ? undefined : await ecs.taskDefinition(running);
    const login = revision === undefined ? undefined : databaseLoginOf(revision.definition, container);
    if (login === undefined) {
      reasons.push(`${service.name} has no login on the database`);
      continue;
    }
    const identifier = databaseIdentifier(`${project}-${stack}`, login.generation);
    const address = await new Databases(env, region).address(identifier);
    if (address !== undefined) return { task, login, address };
    reasons.push(`database ${identifier} has no address: npm run plan -- ${stack} says what it lacks`);
  }
  const list = reasons.map((reason) => `  - ${reason}`).join("\n");
  throw new CommandError(`there is no way to the database of ${stack}:\n${list}`, exitCodes.failed);
}
