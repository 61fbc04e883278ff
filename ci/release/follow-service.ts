import type { Service, ServiceDeployment } from "../aws/ecs";
import { isExpired, isPassing, troubleText } from "./aws-trouble";
import { deadTasks, manyDeaths } from "./dying-tasks";
import { type DeploymentEnd, judgeDeployment } from "./judge-deployment";
import { Patience } from "./patience";
import type { RollbackWish } from "./rollback-wish";
import type { ReleaseWork } from "./work";

const pollMs = 4_000;
/** A deployment shows up some seconds after its service was changed; ECS's clock and ours may differ as well. */
const clockSlackMs = 60_000;

/** A deployment that replaces another one is listed some seconds after that one was stopped for it. */
const stoppedMs = 10_000;

export interface FollowedService {
  readonly name: string;
  readonly arn: string;
  /** Revision that must run in the end. Default: any. */
  readonly taskDefinition?: string;
  /** When its deployment was asked for. */
  readonly since: Date;
  /** Deployments that were there before. */
  readonly before: readonly string[];
  /** There is nothing to go back to. Default: false. */
  readonly first?: boolean;
}

/** How the deployment of a service stands when it is followed no more. */
export interface FollowOutcome {
  readonly name: string;
  /** `in flight`: it was not waited for, since another one has failed. */
  readonly status: DeploymentEnd | "timed out" | "given up" | "in flight";
  /** What ECS says about it. */
  readonly reason: string | null;
  /** Its ARN; null when it has not shown up. */
  readonly deployment: string | null;
}

export interface FollowOptions {
  readonly timeoutMs: number;
  /** Stop when one has failed, instead of waiting for the others. Default: false. */
  readonly together?: boolean;
  /** Whether somebody wants it to be given up. Default: nobody is asked. */
  readonly wish?: RollbackWish;
}

/** ARNs of the deployments that a service has had by now, as far as they could be taken for one that is asked for now. */
export async function deploymentsBefore({ ecs }: Pick<ReleaseWork, "ecs">, arn: string, now: Date): Promise<string[]> {
  const found = await ecs.serviceDeployments(arn, new Date(now.getTime() - clockSlackMs));
  return found.flatMap(({ serviceDeploymentArn: id }) => id ?? []);
}

/** Follow the deployments of services by their own status to their end, and tell what ECS tells meanwhile. */
export async function followServices(
  work: ReleaseWork,
  services: readonly FollowedService[],
  { timeoutMs, together = false, wish }: FollowOptions,
): Promise<FollowOutcome[]> {
  const { clock, interrupts, report } = work;
  const deadline = clock.now() + timeoutMs;
  const follows = services.map((service) => new Follow(work, service, wish));
  const patience = new Patience(work);
  const open = (): Follow[] => follows.filter(({ outcome }) => outcome === undefined);
  const failed = (): boolean => follows.some(({ outcome }) => outcome !== undefined && outcome.status !== "succeeded");
  let rest: FollowOutcome["status"] = "in flight";
  for (;;) {
    for (const follow of open()) await patience.ask(() => follow.look());
    if (open().length === 0 || (together && failed())) break;
    if (wish?.wished === true) rest = "given up";
    else if (clock.now() >= deadline) rest = "timed out";
    if (rest !== "in flight") break;
    report.progress(
      open()
        .map(({ progress }) => progress)
        .join("; "),
    );
    await interrupts.race(clock.sleep(pollMs));
  }
  return follows.map(
    ({ service: { name }, outcome, deployment }) =>
      outcome ?? { name, status: rest, reason: null, deployment: deployment ?? null },
  );
}

/** One deployment, look by look. */
class Follow {
  outcome: FollowOutcome | undefined;
  deployment: string | undefined;
  progress: string;
  private stoppedAt: number | undefined;
  private readonly told = new Set<string>();
  private readonly dead = new Set<string>();
  private deaf = false;

  constructor(
    private readonly work: ReleaseWork,
    readonly service: FollowedService,
    private readonly wish: RollbackWish | undefined,
  ) {
    this.progress = `${service.name}: asked for`;
  }

  async look(): Promise<void> {
    const { name, arn, since, before, taskDefinition: wanted, first = false } = this.service;
    const { ecs } = this.work;
    const deployments = await ecs.serviceDeployments(arn, new Date(since.getTime() - clockSlackMs));
    const [service] = await ecs.services([arn]);
    this.tellEvents(service?.events ?? []);
    await this.tryTellDeaths();
    const fresh = deployments.filter(({ serviceDeploymentArn: id }) => id !== undefined && !before.includes(id));
    const { mine, end } = judgeDeployment({ wanted, fresh, known: this.deployment, service, first });
    if (mine === undefined) return;
    this.deployment = mine.serviceDeploymentArn;
    this.progress = `${name}: ${progressOf(mine)}`;
    if (end === undefined || (end.status === "stopped" && this.mayBeReplaced())) return;
    this.outcome = { name, ...end, deployment: this.deployment ?? null };
    this.work.report.line(`${name}: ${end.status}${end.reason === null ? "" : ` (${end.reason})`}`);
  }

  private mayBeReplaced(): boolean {
    const now = this.work.clock.now();
    this.stoppedAt ??= now;
    return now - this.stoppedAt < stoppedMs;
  }

  private tellEvents(events: NonNullable<Service["events"]>): void {
    const { name, since } = this.service;
    for (const { id = "", createdAt, message = "" } of [...events].reverse()) {
      if (this.told.has(id) || (createdAt?.getTime() ?? 0) < since.getTime()) continue;
      this.told.add(id);
      this.work.report.line(`${name}: ${message}`);
    }
  }

  /** What only tells must not undo a deployment that goes well. */
  private async tryTellDeaths(): Promise<void> {
    if (this.deaf) return;
    try {
      await this.tellDeaths();
    } catch (error) {
      if (isExpired(error)) throw error;
      if (isPassing(error)) return;
      this.deaf = true;
      this.work.report.warn(`${this.service.name}: tasks that die are not told (${troubleText(error)})`);
    }
  }

  private async tellDeaths(): Promise<void> {
    const { name, arn, taskDefinition, since } = this.service;
    if (taskDefinition === undefined) return;
    const stopped = await this.work.ecs.tasks({ service: arn, status: "STOPPED" });
    for (const { arn: task, text } of deadTasks(stopped, taskDefinition, since)) {
      if (this.dead.has(task)) continue;
      this.dead.add(task);
      this.work.report.line(`${name}: ${text}`);
    }
    if (this.dead.size >= manyDeaths) this.wish?.offer(name);
  }
}

function progressOf({ status, targetServiceRevision: target }: ServiceDeployment): string {
  const tasks =
    target === undefined ? "" : `, ${target.runningTaskCount ?? 0} of ${target.requestedTaskCount ?? 0} tasks run`;
  return `${(status ?? "unknown").toLowerCase().replaceAll("_", " ")}${tasks}`;
}
