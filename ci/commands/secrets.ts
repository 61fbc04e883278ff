import Table from "cli-table3";
import { Secrets } from "../aws/secrets";
import { registryStack, type Target, unknownName } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import { openTarget, type Session } from "../session";

export interface SecretsListOptions {
  readonly environment: string;
  readonly json: boolean;
}

/** `secrets list <environment>`: which there are, who uses them, and whether they have a value. Values are not read. */
export async function secretsListCommand(session: Session, { environment, json }: SecretsListOptions): Promise<void> {
  const users = usersByName(session, environment);
  const target = await openTarget(session, environment);
  const states = await session.report.step("read the list of secrets", () =>
    session.interrupts.race(secretsOf(session, target).states()),
  );
  const secrets = [...users].map(([name, services]) => {
    const state = states.get(name) ?? { exists: false, hasValue: false };
    return { name, services, ...state };
  });
  if (json) {
    session.report.json({ ok: true, environment, secrets });
    return;
  }
  if (secrets.length === 0) {
    session.report.line(`no service of ${environment} has secrets: name them in services.<name>.secrets`);
    return;
  }
  const table = new Table({ head: ["secret", "used by", "value"], style: { head: [], border: [] } });
  for (const { name, services, exists, hasValue, changed } of secrets) {
    const value = !exists ? "not deployed" : hasValue ? `set ${changed?.toISOString() ?? ""}`.trim() : "empty";
    table.push([name, services.join(", "), value]);
  }
  session.report.result(table.toString());
}

export interface SecretsSetOptions {
  readonly environment: string;
  readonly name: string;
}

/** `secrets set <environment> <NAME>`: take a value from standard input, or typed blind, and say only which version it became. */
export async function secretsSetCommand(session: Session, { environment, name }: SecretsSetOptions): Promise<void> {
  const { report, prompts, interrupts } = session;
  const users = usersByName(session, environment);
  const services = users.get(name);
  if (services === undefined) {
    throw new CommandError(unknownName(`secret of ${environment}`, name, [...users.keys()]), exitCodes.usage);
  }
  const target = await openTarget(session, environment);
  const value = await prompts.secret(`value of ${name} (not shown): `);
  if (value === "") throw new CommandError(`the value of ${name} is empty: nothing was changed`, exitCodes.usage);
  const version = await report.step(`set ${name}`, () => interrupts.race(secretsOf(session, target).put(name, value)));
  report.result(`${name} is version ${version}; tasks of ${services.join(", ")} read it when they next start`);
}

function secretsOf({ surroundings }: Session, { project, stack, region }: Target): Secrets {
  return new Secrets(surroundings.env, region, `/${project}/${stack}/secrets/`);
}

/** The secrets that an environment's services name, each with those services. */
function usersByName({ configuration }: Session, environment: string): Map<string, string[]> {
  const names = Object.keys(configuration.environments);
  const found = configuration.environments[environment];
  if (found === undefined) {
    const reason =
      environment === registryStack
        ? `${registryStack} has no services`
        : unknownName("environment", environment, names);
    throw new CommandError(reason, exitCodes.usage);
  }
  const users = new Map<string, string[]>();
  const tasks = { ...found.services, ...("none" in found.migrations ? {} : { migration: found.migrations }) };
  for (const [service, { secrets }] of Object.entries(tasks)) {
    for (const name of secrets) users.set(name, [...(users.get(name) ?? []), service]);
  }
  return new Map([...users].sort(([a], [b]) => (a < b ? -1 : 1)));
}
