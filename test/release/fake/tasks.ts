import type {
  DescribeTasksCommandInput,
  Failure,
  ListTasksCommandInput,
  RunTaskCommandInput,
  StopTaskCommandInput,
} from "@aws-sdk/client-ecs";
import type { GetLogEventsCommandInput } from "@aws-sdk/client-cloudwatch-logs";
import type { FakeClock } from "../support/fake-clock";
import type { Handlers, Journal } from "./journal";
import { cluster, ecsArn, environmentName, shortName } from "./names";
import type { Revisions } from "./revisions";
import { AwsFault } from "./server";

/** How a task that is run goes. */
export interface TaskPlan {
  /** ECS starts nothing, and says this. */
  readonly failures?: readonly Failure[];
  /** Exit codes by container; null is none at all. Default: 0 of each. */
  readonly exits?: Readonly<Record<string, number | null>>;
  /** What ECS says about a container. */
  readonly reasons?: Readonly<Record<string, string>>;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  /** What containers write, one line a second once they run. */
  readonly lines?: Readonly<Record<string, readonly string[]>>;
  /** Seconds until it stops of itself; Infinity for never. Default: 6. */
  readonly seconds?: number;
  /** It never starts to run. Default: false. */
  readonly pending?: boolean;
  /** It stops only when it wants to. Default: false. */
  readonly deaf?: boolean;
  /** ECS has forgotten it when it is asked about its end. Default: false. */
  readonly forgotten?: boolean;
}

interface FakeTask {
  readonly arn: string;
  readonly revision: string;
  readonly group: string;
  readonly startedBy: string;
  readonly createdAt: number;
  readonly plan: TaskPlan;
  readonly containers: readonly string[];
  status: string;
  /** Somebody or something has told it to stop, and it may go on for a while. */
  unwanted: boolean;
  exits: Readonly<Record<string, number | null>>;
  stopCode?: string;
  stoppedReason?: string;
}

const runsAfter = 2;

/** The tasks of a cluster that no service keeps, the dead ones of services, and what they write. */
export class Tasks {
  readonly all: FakeTask[] = [];
  /** How the next tasks go; then they end well. */
  readonly script: TaskPlan[] = [];
  private readonly logs = new Map<string, { readonly timestamp: number; readonly message: string }[]>();
  private readonly answers = new Map<string, { readonly question: string; readonly answer: object }>();

  constructor(
    private readonly clock: FakeClock,
    private readonly journal: Journal,
    private readonly revisions: Revisions,
  ) {}

  /** A task of a service, which has died. */
  addDead(service: string, revision: string): void {
    const task = this.add(revision, `service:${environmentName}-${service}`, "ecs-svc/1", {});
    this.stop(task, { app: 1 }, "EssentialContainerExited", "Essential container in task exited");
  }

  /** A task that somebody else has started, and that goes on. */
  addRunning(family: string, startedBy = "somebody"): void {
    const revision = this.revisions.find(family);
    if (revision === undefined) throw new Error(`there is no ${family}`);
    this.add(revision.arn, `family:${family}`, startedBy, {}).status = "RUNNING";
  }

  readonly handlers: Handlers = {
    RunTask: (input: RunTaskCommandInput) => {
      // the same token is the same answer, and must come with the same question
      const question = JSON.stringify(input);
      const known = this.answers.get(input.clientToken ?? "");
      if (known !== undefined && known.question !== question) throw new AwsFault("ConflictException", "token was used");
      if (known !== undefined) return known.answer;
      const answer = this.run(input);
      if (input.clientToken !== undefined) this.answers.set(input.clientToken, { question, answer });
      return answer;
    },
    DescribeTasks: ({ tasks = [] }: DescribeTasksCommandInput) => {
      const found = tasks.map((arn) => this.all.find((task) => task.arn === arn && !isForgotten(task)));
      return {
        tasks: found.flatMap((task) => (task === undefined ? [] : described(task))),
        failures: tasks.flatMap((arn, i) => (found[i] === undefined ? { arn, reason: "MISSING" } : [])),
      };
    },
    ListTasks: ({ family, serviceName, desiredStatus, startedBy }: ListTasksCommandInput) => ({
      taskArns: this.all
        .filter(
          (task) =>
            (desiredStatus === "STOPPED") === task.unwanted &&
            (family === undefined || shortName(task.revision).startsWith(`${shortName(`/${family}`)}:`)) &&
            (serviceName === undefined || task.group.endsWith(`-${shortName(serviceName)}`)) &&
            (startedBy === undefined || task.startedBy === startedBy),
        )
        .map(({ arn }) => arn),
    }),
    StopTask: ({ task: arn, reason = "" }: StopTaskCommandInput) => {
      const task = this.all.find((candidate) => candidate.arn === arn);
      if (task === undefined) throw new AwsFault("InvalidParameterException", "The referenced task was not found.");
      this.journal.write(`StopTask ${shortName(task.revision)}`);
      task.unwanted = true;
      if (task.plan.deaf !== true && task.status !== "STOPPED") {
        task.status = "DEACTIVATING";
        this.clock.in(3_000, () => {
          // those that had ended before keep their code
          this.stop(task, { logins: task.exits["logins"] ?? 0, migrate: 143 }, "UserInitiated", reason);
        });
      }
      return { task: described(task) };
    },
    GetLogEvents: ({ logGroupName = "", logStreamName = "", nextToken }: GetLogEventsCommandInput) => {
      const lines = this.logs.get(`${logGroupName} ${logStreamName}`);
      if (lines === undefined) throw new AwsFault("ResourceNotFoundException", "there is no such stream");
      const from = Number(nextToken?.slice(2) ?? 0);
      return { events: lines.slice(from), nextForwardToken: `f/${lines.length}` };
    },
  };

  private run(input: RunTaskCommandInput): object {
    const plan = this.script.shift() ?? {};
    const { taskDefinition = "", startedBy = "", networkConfiguration } = input;
    const subnets = networkConfiguration?.awsvpcConfiguration?.subnets ?? [];
    const text = `RunTask ${shortName(taskDefinition)}`;
    if (plan.failures !== undefined) {
      this.journal.write(`${text} in ${subnets.join("+")}: nothing`);
      return { tasks: [], failures: plan.failures };
    }
    const revision = this.revisions.find(taskDefinition);
    if (revision?.active !== true) throw new AwsFault("ClientException", "TaskDefinition not found");
    this.journal.write(`${text} in ${subnets.join("+")}`);
    const task = this.add(revision.arn, `family:${revision.definition.family ?? ""}`, startedBy, plan);
    this.live(task);
    return { tasks: [described(task)], failures: [] };
  }

  private add(revision: string, group: string, startedBy: string, plan: TaskPlan): FakeTask {
    const task: FakeTask = {
      arn: ecsArn("task", `${environmentName}/${(this.all.length + 1).toString(16).padStart(32, "0")}`),
      revision,
      group,
      startedBy,
      createdAt: this.journal.seconds,
      plan,
      containers: this.revisions.find(revision)?.definition.containerDefinitions?.map(({ name = "" }) => name) ?? [],
      status: "PROVISIONING",
      unwanted: false,
      exits: plan.exits ?? {},
      ...(plan.stopCode === undefined ? {} : { stopCode: plan.stopCode }),
      ...(plan.stoppedReason === undefined ? {} : { stoppedReason: plan.stoppedReason }),
    };
    this.all.push(task);
    return task;
  }

  private live(task: FakeTask): void {
    const { seconds = 6, pending = false, lines = {}, exits = {}, stopCode, stoppedReason } = task.plan;
    this.clock.in(1_000, () => (task.status = "PENDING"));
    if (!pending) {
      this.clock.in(runsAfter * 1_000, () => {
        if (task.status === "PENDING") task.status = "RUNNING";
      });
      for (const [container, texts] of Object.entries(lines)) {
        texts.forEach((text, i) => this.clock.in((runsAfter + i) * 1_000, () => this.log(task, container, text)));
      }
    }
    if (seconds === Infinity) return;
    this.clock.in(seconds * 1_000, () => {
      const all = Object.fromEntries(task.containers.map((name) => [name, 0]));
      const reason = stoppedReason ?? "Essential container in task exited";
      this.stop(task, { ...all, ...exits }, stopCode ?? "EssentialContainerExited", reason);
    });
  }

  private stop(task: FakeTask, exits: FakeTask["exits"], stopCode: string, stoppedReason: string): void {
    if (task.status === "STOPPED") return;
    Object.assign(task, { status: "STOPPED", unwanted: true, exits, stopCode, stoppedReason });
  }

  private log(task: FakeTask, container: string, message: string): void {
    if (task.status === "STOPPED") return;
    const [name = ""] = shortName(task.revision).split(":");
    const key = `/shop/dev/tasks/${name} ecs/${container}/${task.arn.slice(task.arn.lastIndexOf("/") + 1)}`;
    const lines = this.logs.get(key) ?? [];
    this.logs.set(key, lines);
    lines.push({ timestamp: this.clock.now(), message });
  }
}

function isForgotten({ plan, status }: FakeTask): boolean {
  return plan.forgotten === true && status === "STOPPED";
}

function described(task: FakeTask): object {
  const { arn, revision, group, startedBy, createdAt, status, unwanted, containers, plan, exits } = task;
  const { stopCode, stoppedReason } = task;
  const stopped = status === "STOPPED";
  return {
    taskArn: arn,
    clusterArn: cluster,
    taskDefinitionArn: revision,
    group,
    startedBy,
    createdAt,
    lastStatus: status,
    desiredStatus: unwanted ? "STOPPED" : "RUNNING",
    containers: containers.map((name) => {
      const code = exits[name];
      const reason = plan.reasons?.[name];
      return {
        name,
        lastStatus: status,
        ...(!stopped || code === null || code === undefined ? {} : { exitCode: code }),
        ...(!stopped || reason === undefined ? {} : { reason }),
      };
    }),
    ...(stopped && stopCode !== undefined ? { stopCode } : {}),
    ...(stopped && stoppedReason !== undefined ? { stoppedReason } : {}),
  };
}
