import type { Service, ServiceDeployment, Task } from "../../ci/aws/ecs";
import { isDenied, isExpired, isPassing, tellable } from "../../ci/release/aws-trouble";
import { deadTasks } from "../../ci/release/dying-tasks";
import { judgeDeployment } from "../../ci/release/judge-deployment";
import { bystanders, migrationProblem } from "../../ci/release/migrate";
import { failureReasons, gaveUpForCapacity, lacksCapacity, outcomeOf } from "../../ci/release/task-outcome";
import { judgeReturn } from "../../ci/release/undo";

type Status = NonNullable<ServiceDeployment["status"]>;
const deployment = (name: string, status: Status, more: object = {}): ServiceDeployment => ({
  serviceDeploymentArn: name,
  status,
  ...more,
});
const runs = (taskDefinition: string, rolloutState: "COMPLETED" | "IN_PROGRESS" | "FAILED" = "COMPLETED"): Service => ({
  taskDefinition,
  deployments: [{ status: "PRIMARY", taskDefinition, rolloutState }],
});

describe("a deployment", () => {
  const look = { wanted: "web:2", known: undefined, service: runs("web:2"), first: false };

  test.each<[string, Status, Service, string | undefined]>([
    ["is waiting", "PENDING", runs("web:2", "IN_PROGRESS"), undefined],
    ["goes on", "IN_PROGRESS", runs("web:2", "IN_PROGRESS"), undefined],
    ["has succeeded", "SUCCESSFUL", runs("web:2"), "succeeded"],
    ["says so, and is not completed", "SUCCESSFUL", runs("web:2", "IN_PROGRESS"), undefined],
    ["says so, and something else runs", "SUCCESSFUL", runs("web:1"), "rolled back"],
    ["goes back", "ROLLBACK_IN_PROGRESS", runs("web:1", "IN_PROGRESS"), undefined],
    ["is asked to go back", "ROLLBACK_REQUESTED", runs("web:2", "IN_PROGRESS"), undefined],
    ["has gone back", "ROLLBACK_SUCCESSFUL", runs("web:1"), "rolled back"],
    ["could not go back", "ROLLBACK_FAILED", runs("web:1", "FAILED"), "rollback failed"],
    ["was stopped", "STOPPED", runs("web:2"), "stopped"],
  ])("%s", (_, status, service, end) => {
    expect(judgeDeployment({ ...look, service, fresh: [deployment("d1", status)] }).end?.status).toBe(end);
  });

  test("that has not shown up is not judged", () => {
    expect(judgeDeployment({ ...look, fresh: [] })).toEqual({ mine: undefined, end: undefined });
  });

  test("that has nothing to go back to has failed when it begins to", () => {
    const fresh = [deployment("d1", "ROLLBACK_IN_PROGRESS", { statusReason: "circuit breaker" })];
    expect(judgeDeployment({ ...look, first: true, fresh }).end).toEqual({
      status: "rolled back",
      reason: "circuit breaker",
    });
  });

  test("is replaced by a later one that brings something else", () => {
    const fresh = [deployment("d2", "IN_PROGRESS"), deployment("d1", "STOPPED")];
    expect(judgeDeployment({ ...look, known: "d1", service: runs("web:9"), fresh }).end?.status).toBe("replaced");
    const done = [deployment("d2", "IN_PROGRESS"), deployment("d1", "SUCCESSFUL")];
    expect(judgeDeployment({ ...look, known: "d1", service: runs("web:9"), fresh: done }).end).toEqual({
      status: "replaced",
      reason: "it runs web:9, by a later deployment",
    });
  });

  test("stays ours once it is known, whatever was before and comes after", () => {
    const fresh = [deployment("d3", "IN_PROGRESS"), deployment("d2", "IN_PROGRESS"), deployment("d1", "STOPPED")];
    const { mine } = judgeDeployment({ ...look, known: "d2", service: runs("web:9", "IN_PROGRESS"), fresh });
    expect(mine?.serviceDeploymentArn).toBe("d2");
  });

  test("is judged by what runs, also where that is nothing, or says nothing of its own", () => {
    const fresh = [deployment("d1", "SUCCESSFUL")];
    const judged = (service: Service | undefined): unknown => judgeDeployment({ ...look, service, fresh }).end;
    expect(judged(undefined)).toEqual({ status: "rolled back", reason: "it runs nothing" });
    expect(judged({ taskDefinition: "web:2" })).toEqual({ status: "succeeded", reason: null });
    expect(judged({ taskDefinition: "web:2", deployments: [{ status: "PRIMARY", taskDefinition: "web:2" }] })).toEqual({
      status: "succeeded",
      reason: null,
    });
    const old = { status: "ACTIVE", taskDefinition: "web:1", rolloutState: "COMPLETED" as const };
    const now = { status: "PRIMARY", taskDefinition: "web:2", rolloutState: "IN_PROGRESS" as const };
    // which of them comes first is nobody's promise
    expect(judged({ taskDefinition: "web:2", deployments: [old, now] })).toBeUndefined();
  });

  test("is followed on in a later one that brings the same", () => {
    const fresh = [deployment("d2", "SUCCESSFUL"), deployment("d1", "STOPPED")];
    const { mine, end } = judgeDeployment({ ...look, known: "d1", fresh });
    expect([mine?.serviceDeploymentArn, end?.status]).toEqual(["d2", "succeeded"]);
  });

  test("is the oldest of the new ones, as long as none is known", () => {
    const fresh = [deployment("d2", "IN_PROGRESS"), deployment("d1", "STOPPED")];
    expect(judgeDeployment({ ...look, wanted: undefined, fresh }).end?.status).toBe("replaced");
  });

  test("of any revision has succeeded with whatever runs", () => {
    const fresh = [deployment("d1", "SUCCESSFUL")];
    expect(judgeDeployment({ ...look, wanted: undefined, service: runs("web:7"), fresh }).end?.status).toBe(
      "succeeded",
    );
  });

  test("says all its reasons, and none twice", () => {
    const reason = (more: object): string | null | undefined =>
      judgeDeployment({ ...look, fresh: [deployment("d1", "ROLLBACK_SUCCESSFUL", more)] }).end?.reason;
    expect(reason({ statusReason: "x", rollback: { reason: "x" }, alarms: { triggeredAlarmNames: ["a", "b"] } })).toBe(
      "x; alarms that rang: a, b",
    );
    expect(reason({ statusReason: "x", rollback: { reason: "y" } })).toBe("x; y");
    expect(reason({})).toBeNull();
  });
});

describe("a service on its way back", () => {
  const moving = [{ arn: "d1", status: "IN_PROGRESS" as const }];
  test.each([
    ["is back", runs("web:1"), [], "back"],
    ["moves", runs("web:1", "IN_PROGRESS"), [], "moving"],
    ["moves as long as a deployment does", runs("web:1"), moving, "moving"],
    ["runs something else", runs("web:2"), [], "elsewhere"],
    ["has failed to", runs("web:1", "FAILED"), [], "failed"],
  ])("%s", (_, service, inProgress, expected) => {
    expect(judgeReturn("web:1", service, inProgress)).toBe(expected);
  });

  test("moves as long as tasks of another deployment are left", () => {
    const service = { ...runs("web:1"), deployments: [{ status: "PRIMARY" }, { status: "ACTIVE" }] };
    expect(judgeReturn("web:1", service, [])).toBe("moving");
  });
});

describe("tasks that die", () => {
  const since = new Date(1000);
  const task = (more: Partial<Task>): Task => ({
    taskArn: "arn/t1",
    taskDefinitionArn: "web:2",
    createdAt: new Date(2000),
    ...more,
  });

  test.each<[Partial<Task>, string | undefined]>([
    [
      {
        stopCode: "EssentialContainerExited",
        stoppedReason: "Essential container exited",
        containers: [
          { name: "app", exitCode: 137, reason: "OutOfMemoryError" },
          { name: "agent", exitCode: 0 },
        ],
      },
      "task t1 stopped; Essential container exited; app: exit code 137, OutOfMemoryError",
    ],
    [
      { stopCode: "TaskFailedToStart", stoppedReason: "CannotPullContainerError" },
      "task t1 stopped; CannotPullContainerError",
    ],
    [
      { stopCode: "ServiceSchedulerInitiated", stoppedReason: "Task failed ELB health checks" },
      "task t1 stopped; Task failed ELB health checks",
    ],
    // a container that never ran has neither a code nor a reason
    [{ stopCode: "TaskFailedToStart", stoppedReason: "", containers: [{ name: "app" }] }, "task t1 stopped"],
    [
      {
        stopCode: "EssentialContainerExited",
        containers: [
          { name: "app", reason: "Error" },
          { name: "b", exitCode: 2 },
        ],
      },
      "task t1 stopped; app: Error; b: exit code 2",
    ],
    // in the very second in which the deployment was asked for
    [{ stopCode: "EssentialContainerExited", createdAt: since }, "task t1 stopped"],
    [{ stopCode: "EssentialContainerExited", taskArn: undefined }, undefined],
    [{ stopCode: "ServiceSchedulerInitiated", stoppedReason: "Scaling activity initiated" }, undefined],
    [{ stopCode: "SpotInterruption" }, undefined],
    [{ stopCode: "EssentialContainerExited", taskDefinitionArn: "web:1" }, undefined],
    [{ stopCode: "EssentialContainerExited", createdAt: new Date(1) }, undefined],
  ])("%#", (more, text) => {
    expect(deadTasks([task(more)], "web:2", since).map((dead) => dead.text)).toEqual(text === undefined ? [] : [text]);
  });
});

describe("a task", () => {
  test("has succeeded when every container that counts ended with 0", () => {
    const ok = (...containers: Task["containers"] & object): boolean => outcomeOf({ containers }, ["a", "b"], []).ok;
    expect(ok({ name: "a", exitCode: 0 }, { name: "b", exitCode: 0 }, { name: "c", exitCode: 1 })).toBe(true);
    expect(ok({ name: "a", exitCode: 0 }, { name: "b", exitCode: 1 })).toBe(false);
    expect(ok({ name: "a", exitCode: 0 }, { name: "b" })).toBe(false);
    expect(ok({ name: "a", exitCode: 0 })).toBe(false);
  });

  test.each([
    [[{ reason: "Capacity is unavailable at this time" }], true],
    [[{ reason: "RESOURCE:CPU" }], true],
    [[{ reason: "x", detail: "Capacity is unavailable" }], true],
    [[{ reason: "MISSING" }], false],
    [[], false],
  ])("lacks capacity or not (%#)", (failures, expected) => {
    expect(lacksCapacity(failures)).toBe(expected);
  });

  test("was given up for want of capacity only before it began", () => {
    const stoppedReason = "Capacity is unavailable at this time";
    expect(gaveUpForCapacity({ stopCode: "TaskFailedToStart", stoppedReason })).toBe(true);
    expect(gaveUpForCapacity({ stopCode: "EssentialContainerExited", stoppedReason })).toBe(false);
    expect(gaveUpForCapacity({ stopCode: "TaskFailedToStart" })).toBe(false);
  });

  test("that was not started says why", () => {
    expect(failureReasons([{ reason: "a", detail: "b" }, { reason: "c" }])).toEqual(["a: b", "c"]);
    expect(failureReasons([])).toEqual(["ECS has started nothing and not said why"]);
  });
});

describe("a migration", () => {
  const url = (task: string): string => `https://console/${task}`;
  const ended = (more: object): Parameters<typeof migrationProblem>[0] => ({
    kind: "ended",
    ok: false,
    task: "t1",
    containers: [],
    stopCode: "EssentialContainerExited",
    stoppedReason: "Essential container in task exited",
    lastLines: ["migrate: boom"],
    ...more,
  });
  const problem = (outcome: Parameters<typeof migrationProblem>[0]): ReturnType<typeof migrationProblem> =>
    migrationProblem(outcome, ["logins", "migrate"], 600, url);

  test("that failed says which container, its last lines and where to look", () => {
    const containers = [
      { name: "logins", exitCode: 0, reason: null },
      { name: "migrate", exitCode: 1, reason: "x" },
    ];
    expect(problem(ended({ containers }))).toEqual({
      exitCode: 10,
      text: [
        "the migration failed, and services are untouched: mend it, and release again",
        "  - EssentialContainerExited: Essential container in task exited",
        "  - container migrate ended with 1 (x)",
        "  - | migrate: boom",
        "  - https://console/t1",
      ].join("\n"),
    });
  });

  test("without an exit code has failed", () => {
    const text = problem(ended({ containers: [{ name: "migrate", exitCode: null, reason: null }] }))?.text;
    expect(text).toContain("container logins has no exit code: it did not run to its end");
    expect(text).toContain("container migrate has no exit code: it did not run to its end");
  });

  test("on Spot says how to avoid it", () => {
    expect(problem(ended({ stopCode: "SpotInterruption" }))?.text).toContain("migrations.spot: false");
  });

  test("that takes too long or does not start has a code of its own", () => {
    const timedOut = { kind: "timed out", task: "t1", lastLines: [] } as const;
    expect(problem({ ...timedOut, stopped: true })).toMatchObject({ exitCode: 11 });
    expect(problem({ ...timedOut, stopped: false })?.text).toContain("still runs");
    expect(problem({ kind: "not started", reasons: ["no room"] })).toEqual({
      exitCode: 12,
      text: "the migration could not start, and services are untouched: run the same command again\n  - no room",
    });
  });

  test("that succeeded warns of containers that do not count", () => {
    const containers = [
      { name: "logins", exitCode: 0, reason: null },
      { name: "migrate", exitCode: 0, reason: null },
      { name: "agent", exitCode: 3, reason: null },
      { name: "cut", exitCode: null, reason: null },
    ];
    const outcome = ended({ ok: true, containers });
    expect(problem(outcome)).toBeUndefined();
    expect(bystanders(outcome, ["logins", "migrate"])).toEqual([
      "container agent ended with 3: it does not count, and the migration has succeeded",
    ]);
  });
});

describe("trouble with AWS", () => {
  const named = (name: string, message = "m", more: object = {}): Error =>
    Object.assign(new Error(message), { name, ...more });

  test.each([
    ["ExpiredTokenException", isExpired],
    ["ExpiredToken", isExpired],
    ["CredentialsProviderError", isExpired],
    ["AccessDeniedException", isDenied],
    ["AccessDenied", isDenied],
    ["UnauthorizedOperation", isDenied],
    ["ThrottlingException", isPassing],
    ["ServiceUnavailableException", isPassing],
    ["TimeoutError", isPassing],
  ])("%s is known", (name, kind) => {
    expect([isExpired, isDenied, isPassing].filter((is) => is(named(name)))).toEqual([kind]);
  });

  test("of the network or of a server passes", () => {
    expect(isPassing(named("Error", "m", { code: "ECONNRESET" }))).toBe(true);
    expect(isPassing(named("SomeException", "m", { $fault: "server" }))).toBe(true);
    expect(isPassing(named("ClientException", "m", { $fault: "client" }))).toBe(false);
  });

  test("is told with the way out", () => {
    expect(tellable(named("ExpiredTokenException"), "dev")).toMatchObject({ exitCode: 4 });
    expect(tellable(named("AccessDenied", "User x may not do ecs:RunTask"), "dev")).toMatchObject({
      exitCode: 1,
      message:
        "AWS refuses this to these credentials (User x may not do ecs:RunTask): give their role that permission, and run the same command again",
    });
    const other = named("Other");
    expect(tellable(other, "dev")).toBe(other);
  });
});
