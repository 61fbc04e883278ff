import { randomBytes } from "node:crypto";
import type { Configuration } from "../../environments/checks";
import type { Ending, ReleaseCommands } from "./release-commands";

/** Something that a person does once before the first release, since Terraform makes secrets without a value. */
export type Preparation = (commands: ReleaseCommands) => Promise<Ending>;

/** What an environment wants before its first release; nothing where no task reads a secret that people fill. */
export function preparationsOf({ services, migrations, mqtt }: Configuration["environments"][string]): Preparation[] {
  const tasks = [...Object.values(services), ...("none" in migrations ? [] : [migrations])];
  const secrets = [...new Set(tasks.flatMap((task) => task.secrets))].sort();
  // values that stand nowhere else, so that the search for secrets would find them
  const values = secrets.map((name) => [name, `rehearsed-${randomBytes(12).toString("hex")}`] as const);
  const hasLogins = "engine" in mqtt && mqtt.engine === "activemq";
  return [
    ...values.map(
      ([name, value]): Preparation =>
        (commands) =>
          commands.setSecret(name, value),
    ),
    ...(hasLogins ? [(commands: ReleaseCommands) => commands.syncLogins()] : []),
  ];
}
