import { unknownName } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import type { ReleaseContracts } from "./contract";

/** What the migration task's logs are called beside those of services; no service can have this name. */
const migration = "migration";

/** Where the lines of a service are. */
export interface LogSource {
  readonly name: string;
  readonly logGroup: string;
}

/**
 * Log groups of the service that a person named, or of all of them and of the migration task.
 *
 * @throws CommandError when there is none of this name
 */
export function logSources({ environment, services }: ReleaseContracts, named: string | undefined): LogSource[] {
  const all = [
    ...Object.entries(services).map(([name, { logGroup }]) => ({ name, logGroup })),
    ...(environment.migration === null ? [] : [{ name: migration, logGroup: environment.migration.logGroup }]),
  ];
  if (named === undefined) return all;
  const found = all.filter(({ name }) => name === named);
  if (found.length > 0) return found;
  throw new CommandError(
    unknownName(
      "service",
      named,
      all.map(({ name }) => name),
    ),
    exitCodes.usage,
  );
}
