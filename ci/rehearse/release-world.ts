import { ApplicationAutoScalingClient, DescribeScalableTargetsCommand } from "@aws-sdk/client-application-auto-scaling";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import type { ScheduleContract, ServiceContract } from "../../constructs/shared/release-contract-v1";
import { clientSettings } from "../aws/client-settings";
import { lastPart } from "../release/arn";
import { lockName } from "../release/lock";
import type { ReleaseWork } from "../release/work";

/** A service or a schedule, as AWS says. */
export interface Running {
  /** `slipway-dev-api:3` */
  readonly revision: string;
  /** Image of the container that gets the image. */
  readonly image: string;
  /** What the release said of the revision: `released`, `proven`, `failed`; none for Terraform's template. */
  readonly status: string | undefined;
  /** Content of the mark of its last release. */
  readonly mark: string | undefined;
  /** Tasks that are wanted and that run; a schedule wants one when it is switched on. */
  readonly wanted: number;
  readonly runs: number;
  /** `1-4`, or `0-4, suspended`, as autoscaling has it; none where nothing scales. */
  readonly scaling: string | undefined;
  /** Nothing of it changes any more. */
  readonly settled: boolean;
}

/** What a release may change, read from AWS without asking the release. */
export interface World {
  readonly running: Readonly<Record<string, Running>>;
  /** Somebody holds the lock of releases. */
  readonly locked: boolean;
  /** Alarms of too few tasks that tell nobody. */
  readonly silentAlarms: readonly string[];
  /** Every revision of the environment. */
  readonly revisions: readonly string[];
  /** Every task of the migration that ever ran. */
  readonly migrations: readonly string[];
}

/** More than a rehearsal makes of one family. */
const most = 100;

export async function readWorld(work: ReleaseWork): Promise<World> {
  const { contracts, ecs, parameters, target } = work;
  const { migration } = contracts.environment;
  const services = Object.entries(contracts.services);
  const running = await Promise.all(
    services.map(async ([name, contract]) => {
      const found = contract.kind === "schedule" ? await scheduleOf(work, contract) : await serviceOf(work, contract);
      return [name, found] as const;
    }),
  );
  const families = [
    ...services.map(([, { templateTaskDefinitionArn: arn }]) => familyOf(arn)),
    ...(migration === null ? [] : [migration.family]),
  ];
  const revisions = await Promise.all(families.map((family) => ecs.revisions(family, most)));
  const migrations = migration === null ? [] : await ecs.tasks({ family: migration.family, status: "STOPPED" });
  return {
    running: Object.fromEntries(running),
    locked: (await parameters.read(lockName(target))) !== undefined,
    silentAlarms: await silentAlarms(work),
    revisions: revisions.flat().map(lastPart).sort(),
    migrations: migrations.map(({ taskArn = "" }) => lastPart(taskArn)).sort(),
  };
}

async function serviceOf(work: ReleaseWork, contract: ServiceContract): Promise<Running> {
  const [service] = await work.ecs.services([contract.serviceArn]);
  const wanted = service?.desiredCount ?? 0;
  const runs = service?.runningCount ?? 0;
  const [deployment, ...others] = service?.deployments ?? [];
  const settled = deployment?.rolloutState === "COMPLETED" && others.length === 0 && wanted === runs;
  const scaling = await scalingOf(work, contract);
  return { ...(await revisionOf(work, contract, service?.taskDefinition ?? "")), wanted, runs, scaling, settled };
}

async function scheduleOf(work: ReleaseWork, contract: ScheduleContract): Promise<Running> {
  const state = await work.schedules.state(contract.scheduleGroup, contract.scheduleName);
  const wanted = state?.enabled === true ? 1 : 0;
  const revision = await revisionOf(work, contract, state?.taskDefinitionArn ?? "");
  return { ...revision, wanted, runs: wanted, scaling: undefined, settled: true };
}

async function scalingOf(
  { env, target }: ReleaseWork,
  { scalableTarget }: ServiceContract,
): Promise<string | undefined> {
  if (scalableTarget === null) return undefined;
  const client = new ApplicationAutoScalingClient(clientSettings(env, target.region, "APPLICATION_AUTO_SCALING"));
  const { ScalableTargets: [found] = [] } = await client.send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: "ecs", ResourceIds: [scalableTarget] }),
  );
  const suspended = Object.values(found?.SuspendedState ?? {}).some((is) => is === true);
  return `${found?.MinCapacity ?? "?"}-${found?.MaxCapacity ?? "?"}${suspended ? ", suspended" : ""}`;
}

async function revisionOf(
  { ecs, parameters }: ReleaseWork,
  { container, releasedParameter }: ServiceContract | ScheduleContract,
  arn: string,
): Promise<Pick<Running, "revision" | "image" | "status" | "mark">> {
  const described = await ecs.taskDefinition(arn);
  const definition = described?.definition.containerDefinitions?.find(({ name }) => name === container);
  return {
    revision: lastPart(arn),
    image: definition?.image ?? "",
    status: described?.tags["slipway:status"],
    mark: await parameters.read(releasedParameter),
  };
}

async function silentAlarms({ contracts, env, target }: ReleaseWork): Promise<string[]> {
  const AlarmNames = Object.values(contracts.services).flatMap((contract) =>
    contract.kind === "schedule" ? [] : contract.livenessAlarms,
  );
  if (AlarmNames.length === 0) return [];
  const client = new CloudWatchClient(clientSettings(env, target.region, "CLOUDWATCH"));
  const { MetricAlarms: alarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames, MaxRecords: most }));
  return alarms.filter(({ ActionsEnabled: on }) => on !== true).map(({ AlarmName: name = "" }) => name);
}

function familyOf(arn: string): string {
  return lastPart(arn).split(":")[0] ?? "";
}
