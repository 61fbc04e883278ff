import * as z from "zod";
import type {
  EnvironmentContract,
  ScheduleContract,
  ServiceContract,
} from "../../constructs/shared/release-contract-v1";
import { parametersBelow } from "../aws/parameters";
import { registryStack, type Target, unknownName } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import { openTarget, type Session } from "../session";

const filled = z.string().min(1);
const template = {
  subnets: z.array(filled),
  securityGroups: z.array(filled),
  assignPublicIp: z.boolean(),
  templateTaskDefinitionArn: filled,
  logGroup: filled,
  streamPrefix: filled,
  roles: z.object({ task: filled, execution: filled }),
  repository: filled,
};
const always = {
  ...template,
  version: z.literal(1),
  serviceArn: filled,
  container: filled,
  minTasks: z.number(),
  maxTasks: z.number(),
  scalableTarget: filled.nullable(),
  releasedParameter: filled,
  rollbackAlarms: z.array(filled),
  livenessAlarms: z.array(filled),
};
const serviceSchema = z.discriminatedUnion("kind", [
  z.object({ ...always, kind: z.literal("web") }),
  z.object({ ...always, kind: z.literal("worker") }),
  z.object({
    ...template,
    version: z.literal(1),
    kind: z.literal("schedule"),
    scheduleName: filled,
    scheduleGroup: filled,
    container: filled,
    releasedParameter: filled,
  }),
]) satisfies z.ZodType<ServiceContract | ScheduleContract>;
const environmentSchema = z.object({
  version: z.literal(1),
  cluster: filled,
  migration: z
    .object({
      ...template,
      family: filled,
      containers: z.array(filled).min(1),
      required: z.array(filled).min(1),
      capacityProvider: z.enum(["FARGATE", "FARGATE_SPOT"]),
      timeoutSec: z.number(),
    })
    .nullable(),
  smokeUrl: filled.nullable(),
  repository: filled.nullable(),
}) satisfies z.ZodType<EnvironmentContract>;

/** What Terraform tells releases of an environment. */
export interface ReleaseContracts {
  readonly environment: EnvironmentContract;
  readonly services: Readonly<Record<string, ServiceContract | ScheduleContract>>;
}

/**
 * The environment that a person named, after it is sure whose account this is, and what its last deploy says of it.
 *
 * @throws CommandError when there is none of this name, or it was never deployed, or by another version of Slipway
 */
export async function openRelease(
  session: Session,
  environment: string,
): Promise<{ readonly target: Target; readonly contracts: ReleaseContracts }> {
  const { report, interrupts, surroundings, configuration } = session;
  const names = Object.keys(configuration.environments);
  if (environment === registryStack || !names.includes(environment)) {
    throw new CommandError(unknownName("environment", environment, names), exitCodes.usage);
  }
  const target = await openTarget(session, environment);
  const path = `/${target.project}/${environment}/release`;
  const found = await report.step(`read ${path}`, () =>
    interrupts.race(parametersBelow(surroundings.env, target.region, path)),
  );
  return { target, contracts: contractsOf(environment, path, found) };
}

/** @throws CommandError when they say nothing, or something else than this version of Slipway writes */
export function contractsOf(environment: string, path: string, values: ReadonlyMap<string, string>): ReleaseContracts {
  const ofEnvironment = values.get(`${path}/environment`);
  if (ofEnvironment === undefined) {
    throw new CommandError(`${environment} is not deployed yet (${path} is empty): npm run deploy -- ${environment}`);
  }
  const read = <T>(name: string, value: string, schema: z.ZodType<T>): T => {
    const { success, data } = schema.safeParse(parsed(value));
    if (success) return data;
    throw new CommandError(
      `${name} was written by another version of Slipway: npm run deploy -- ${environment} writes it anew`,
    );
  };
  const start = `${path}/services/`;
  const services = [...values]
    .filter(([name]) => name.startsWith(start))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name.slice(start.length), read(name, value, serviceSchema)] as const);
  return {
    environment: read(`${path}/environment`, ofEnvironment, environmentSchema),
    services: Object.fromEntries(services),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
