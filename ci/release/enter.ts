import type { Service, Task } from "@aws-sdk/client-ecs";
import type { ServiceContract } from "../../constructs/shared/release-contract-v1";
import { unknownName } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import { lastPart } from "./arn";
import type { ReleaseContracts } from "./contract";

/** The part of ECS's agent in a task that lets people in. */
const agentName = "ExecuteCommandAgent";

/** A running task that a person may enter. */
export interface EnterableTask {
  readonly service: string;
  readonly arn: string;
  readonly container: string;
  /** What Systems Manager knows the container by: `ecs:<cluster>_<task>_<runtime>`. */
  readonly sessionTarget: string;
}

/** A service that always runs, and its name. */
export interface NamedService {
  readonly name: string;
  readonly contract: ServiceContract;
}

/** The services that always run: schedules have no task to speak of. */
export function runningServices({ services }: ReleaseContracts): NamedService[] {
  return Object.entries(services).flatMap(([name, contract]) =>
    contract.kind === "schedule" ? [] : [{ name, contract }],
  );
}

/**
 * The service that a person named, or the only one there is.
 *
 * @throws CommandError when there is none of this name, or a name is needed
 */
export function namedService(
  contracts: ReleaseContracts,
  environment: string,
  named: string | undefined,
): NamedService {
  const all = runningServices(contracts);
  const names = all.map(({ name }) => name);
  if (named === undefined) {
    const [only, ...others] = all;
    if (only !== undefined && others.length === 0) return only;
    throw new CommandError(
      names.length === 0
        ? `${environment} has no service that always runs`
        : `${environment} has several services: name one of ${names.join(", ")}`,
      exitCodes.usage,
    );
  }
  const found = all.find(({ name }) => name === named);
  if (found !== undefined) return found;
  if (contracts.services[named] !== undefined) {
    throw new CommandError(
      `${named} runs by the clock and not all the time: ${names.length === 0 ? "there is no other service" : `name one of ${names.join(", ")}`}`,
      exitCodes.usage,
    );
  }
  throw new CommandError(unknownName("service", named, names), exitCodes.usage);
}

export interface Entering {
  readonly environment: string;
  readonly cluster: string;
  readonly service: NamedService;
  readonly described: Service | undefined;
  readonly tasks: readonly Task[];
}

/** The newest task of a service that can be entered, or the sentence why none can. */
export function enterable(entering: Entering): EnterableTask | string {
  const { environment, cluster, service, described, tasks } = entering;
  const { name } = service;
  if (described?.enableExecuteCommand !== true) {
    return `tasks of ${name} cannot be entered: set exec to true in environments/${environment}.ts, then npm run deploy -- ${environment} and a release, which starts tasks that can`;
  }
  const running = tasks.filter(({ lastStatus }) => lastStatus === "RUNNING");
  if (running.length === 0) {
    return `no task of ${name} is running: npm run status -- ${environment} says why`;
  }
  const before = running.filter(({ enableExecuteCommand }) => enableExecuteCommand !== true);
  if (before.length === running.length) {
    return `the tasks of ${name} are older than the setting exec: npm run restart -- ${environment} ${name} starts others`;
  }
  const newestFirst = [...running].sort((a, b) => (b.startedAt?.getTime() ?? 0) - (a.startedAt?.getTime() ?? 0));
  for (const task of newestFirst) {
    const found = doorOf(task, cluster, service);
    if (found !== undefined) return found;
  }
  return `the agent that lets people in does not run in a task of ${name}: wait a minute after a start, or npm run restart -- ${environment} ${name}`;
}

function doorOf(task: Task, cluster: string, { name, contract }: NamedService): EnterableTask | undefined {
  const container = task.containers?.find((candidate) => candidate.name === contract.container);
  const agent = container?.managedAgents?.find((candidate) => candidate.name === agentName);
  if (agent?.lastStatus !== "RUNNING" || container?.runtimeId === undefined || task.taskArn === undefined) {
    return undefined;
  }
  const target = `ecs:${lastPart(cluster)}_${lastPart(task.taskArn)}_${container.runtimeId}`;
  return { service: name, arn: task.taskArn, container: contract.container, sessionTarget: target };
}
