import { EventEmitter } from "node:events";
import { Readable } from "node:stream";
import type { Task } from "@aws-sdk/client-ecs";
import { exitCodes } from "../../ci/exit-codes";
import { runCli } from "../../ci/main";
import { FakeAws } from "../ci/support/fake-aws";
import { testConfiguration } from "./support/configuration";
import { DailyWorld } from "./support/daily-world";
import { FakeClock } from "./support/fake-clock";
import { FakePrograms } from "./support/fake-programs";

// the SDK's word on the version of Node, on stderr, is not what is tested
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let aws: FakeAws;
let clock: FakeClock;
let world: DailyWorld;
let signals: EventEmitter;
let programs: FakePrograms;
beforeAll(async () => {
  aws = await FakeAws.start();
});
afterAll(() => aws.stop());
beforeEach(() => {
  clock = new FakeClock();
  world = new DailyWorld(aws, clock);
  signals = new EventEmitter();
  programs = new FakePrograms();
});
afterEach(() => programs.remove());

/** A command line, as a person types it after `slipway`. */
async function slipway(line: string, { isTTY = false } = {}): Promise<Ran> {
  const written = { out: "", err: "" };
  const surroundings = {
    env: {
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
      PATH: programs.bin,
      USER: "ann",
    },
    root: "/nowhere",
    stdin: Readable.from([]),
    stdout: { write: (text: string) => (written.out += text) },
    stderr: { write: (text: string) => (written.err += text) },
    isTTY,
  };
  const code = await runCli(line.split(" "), surroundings, { configuration: testConfiguration(), clock, signals });
  return { code, out: written.out, err: written.err.replaceAll(/\u001b\[\d*[mK]/g, "") };
}

describe("every daily command", () => {
  const lines = ["status", "logs", "run", "restart", "exec", "tunnel", "scale"].map((name) => {
    const rest: Record<string, string> = { run: " -- true", tunnel: " db", scale: " web 2" };
    return [name, rest[name] ?? ""] as const;
  });

  test.each(lines)("%s refuses an environment that there is not", async (name, rest) => {
    const { code, err } = await slipway(`${name} dve${rest}`, { isTTY: true });
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain("dve is not an environment: did you mean dev?");
  });

  test.each(lines)("%s says when the environment is not deployed", async (name, rest) => {
    world.parameters.clear();
    const { code, err } = await slipway(`${name} dev${rest}`, { isTTY: true });
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain("dev is not deployed yet (/shop/dev/release is empty): npm run deploy -- dev");
  });

  test("says when another version has deployed it", async () => {
    world.parameters.set("/shop/dev/release/services/web", JSON.stringify({ version: 2, kind: "web" }));
    const { code, err } = await slipway("status dev");
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain(
      "/shop/dev/release/services/web was written by another version of Slipway: npm run deploy -- dev writes it anew",
    );
  });
});

describe("status", () => {
  beforeEach(() => {
    world.tags["shop-dev-web:8"] = {
      "slipway:release": "release-dev-7",
      "slipway:image-digest": `sha256:${"ab".repeat(32)}`,
      "slipway:status": "proven",
    };
    world.tags["shop-dev-nightly:3"] = { "slipway:release": "release-dev-7", "slipway:status": "proven" };
  });

  test("says what runs, by whose release, and whether it was proven", async () => {
    const web = world.services["web"];
    if (web !== undefined) {
      web.runningCount = 1;
      web.deployments = [{ id: "d", status: "PRIMARY", rolloutState: "IN_PROGRESS" }];
      web.events = [{ id: "e", createdAt: new Date(clock.now()), message: "(service web) has begun draining" }].map(
        (event) => ({ ...event, createdAt: world.seconds as unknown as Date }),
      );
    }
    const { code, out } = await slipway("status dev");
    expect(code).toBe(exitCodes.ok);
    const rows = out.split("\n").filter((line) => line.startsWith("│"));
    expect(
      rows.map((row) =>
        row
          .split("│")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
    ).toEqual([
      ["service", "release", "image", "revision", "tasks", "deployment", "proof"],
      ["jobs", "none", "", "shop-dev-jobs:8", "3 of 3", "completed", ""],
      ["nightly", "release-dev-7", "", "shop-dev-nightly:3", "by the clock", "on", "proven"],
      ["web", "release-dev-7", "abababababab", "shop-dev-web:8", "1 of 2", "in progress", "proven"],
    ]);
    expect(out).toContain("no release is running\nno alarm rings\nevents of web:\n");
    expect(out).toContain("  2026-11-26T12:00:00.000Z (service web) has begun draining");
  });

  test("says who releases, and what rings, and still ends with 0", async () => {
    world.parameters.set("/shop/dev/lock/release", JSON.stringify({ by: "ann", since: "2026-11-26T11:59:00.000Z" }));
    world.ringing = ["shop-dev-web-errors", "shop-dev-two-web-errors", "shop-live-web-errors"];
    const { code, out } = await slipway("status dev");
    expect(code).toBe(exitCodes.ok);
    expect(out).toContain("a release is running: by ann since 2026-11-26T11:59:00.000Z");
    expect(out).toContain("alarms that ring: shop-dev-web-errors\n");
  });

  test("with --json is one value, also of what is missing", async () => {
    delete world.services["web"];
    world.schedule = undefined;
    const { out } = await slipway("status dev --json");
    const { services, ...rest } = JSON.parse(out) as { services: { name: string; state: string }[] };
    expect(rest).toEqual({ ok: true, environment: "dev", lock: null, alarms: [] });
    expect(services.map(({ name, state }) => [name, state])).toEqual([
      ["jobs", "completed"],
      ["nightly", "missing"],
      ["web", "missing"],
    ]);
  });

  test("changes nothing", async () => {
    await slipway("status dev");
    expect(world.changes).toEqual([]);
  });
});

describe("logs", () => {
  test("shows all pages of the last quarter of an hour, with the task of each line", async () => {
    world.log("web", "0a1b2c3d4e5f", "too old");
    await clock.sleep(16 * 60_000);
    world.log("web", "0a1b2c3d4e5f", "one");
    await clock.sleep(1_000);
    world.log("web", "9f8e7d6c5b4a", "two");
    const { code, out } = await slipway("logs dev web");
    expect(code).toBe(exitCodes.ok);
    expect(out).toBe("2026-11-26T12:16:00.000Z 0a1b2c3d one\n2026-11-26T12:16:01.000Z 9f8e7d6c two\n");
  });

  test("of all services names whose each line is; the migration has lines too", async () => {
    world.log("web", "0a1b2c3d4e5f", "one");
    world.log("migration", "11112222", "two", "migrate");
    const { out } = await slipway("logs dev");
    expect(out.split("\n").sort()).toEqual([
      "",
      "2026-11-26T12:00:00.000Z migration/11112222 two",
      "2026-11-26T12:00:00.000Z web/0a1b2c3d one",
    ]);
  });

  test("filters by a text with quotation marks", async () => {
    world.log("web", "0a1b2c3d4e5f", 'a "b" c');
    world.log("web", "0a1b2c3d4e5f", "other");
    const { out } = await slipway('logs dev web --filter "b"');
    expect(out).toBe('2026-11-26T12:00:00.000Z 0a1b2c3d a "b" c\n');
  });

  test("says when there is nothing, which is no failure", async () => {
    const { code, out, err } = await slipway("logs dev web --since 2h");
    expect([code, out]).toEqual([exitCodes.ok, ""]);
    expect(err).toContain("nothing was logged in the last 2h: try --since 1d");
  });

  test("follows until Ctrl-C, which is its end and no failure", async () => {
    world.log("web", "0a1b2c3d4e5f", "one");
    clock.in(3_000, () => world.log("web", "0a1b2c3d4e5f", "two"));
    clock.in(9_000, () => signals.emit("SIGINT"));
    const { code, out } = await slipway("logs dev web --follow");
    expect(code).toBe(exitCodes.ok);
    expect(out.split("\n").map((line) => line.slice(25))).toEqual(["0a1b2c3d one", "0a1b2c3d two", ""]);
  });

  test("goes on following when AWS has not answered for a while", async () => {
    clock.in(1_000, () => (world.throttled = 5));
    clock.in(3_000, () => world.log("web", "0a1b2c3d4e5f", "two"));
    clock.in(30_000, () => signals.emit("SIGINT"));
    const { code, out, err } = await slipway("logs dev web --follow");
    expect(code).toBe(exitCodes.ok);
    expect(out.split("\n").map((line) => line.slice(25))).toEqual(["0a1b2c3d two", ""]);
    expect(err).toContain("AWS does not answer (ThrottlingException");
  });

  test("with --json is one value", async () => {
    world.log("web", "0a1b2c3d4e5f", "one");
    const { out } = await slipway("logs dev web --json");
    expect(JSON.parse(out)).toEqual({
      ok: true,
      environment: "dev",
      lines: [{ service: "web", task: "0a1b2c3d4e5f", container: "app", timestamp: clock.now(), text: "one" }],
    });
  });

  test.each([
    ["logs dev web --follow --json", "--follow never ends, and --json prints one value at the end: choose one"],
    ["logs dev web --since soon", "--since must be a number and s, m, h or d, such as 15m, got soon"],
    ["logs dev wbe", "wbe is not a service: did you mean web?"],
  ])("%s is refused", async (line, sentence) => {
    const { code, err } = await slipway(line);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain(sentence);
  });
});

describe("run", () => {
  const ends = (container: string, exitCode: number | undefined, more: Partial<Task> = {}): void => {
    world.onTask = (task) => {
      clock.in(5_000, () => {
        task.lastStatus = "RUNNING";
        world.log(container === "migrate" ? "migration" : "web", "0a1b2c3d4e", "hello", container);
      });
      clock.in(20_000, () =>
        Object.assign(task, {
          lastStatus: "STOPPED",
          containers: [{ name: container, ...(exitCode === undefined ? {} : { exitCode }) }],
          ...more,
        }),
      );
    };
  };

  test("runs the newest proven revision of the migration, and prints what it prints", async () => {
    world.revisions["shop-dev-migration"] = ["shop-dev-migration:5", "shop-dev-migration:4", "shop-dev-migration:3"];
    world.tags["shop-dev-migration:5"] = { "slipway:status": "failed" };
    world.tags["shop-dev-migration:4"] = { "slipway:status": "proven" };
    ends("migrate", 0);
    const { code, out, err } = await slipway("run dev -- node backfill.js --all");
    expect([code, out]).toEqual([exitCodes.ok, "hello\n"]);
    expect(err).toContain("the command ended with 0 after 24 s");
    expect(world.changes).toEqual(["RunTask shop-dev-migration:4"]);
    expect(world.ran[0]).toMatchObject({
      count: 1,
      startedBy: "run/dev",
      capacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1 }],
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: ["subnet-a", "subnet-b"],
          securityGroups: ["sg-1"],
          assignPublicIp: "DISABLED",
        },
      },
      overrides: { containerOverrides: [{ name: "migrate", command: ["node", "backfill.js", "--all"] }] },
    });
    expect(world.ran[0]?.["launchType"]).toBeUndefined();
  });

  test("takes a service when a secret of the migration was rotated away, without which its task would not start", async () => {
    world.revisions["shop-dev-migration"] = ["shop-dev-migration:4"];
    world.tags["shop-dev-migration:4"] = { "slipway:status": "proven" };
    world.goneSecrets.add("arn:aws:secretsmanager:eu-west-1:123456789012:secret:/shop/dev/database/app-1-2-AbCdEf");
    ends("app", 0);
    const { code, err } = await slipway("run dev -- true");
    expect([code, world.changes]).toEqual([exitCodes.ok, ["RunTask shop-dev-jobs:8"]]);
    expect(err).toContain(
      "shop-dev-migration:4 cannot start any more (secret /shop/dev/database/app-1-2 is not there): taking a service",
    );
  });

  test("says that the command was not started, and why, when the container before it has failed", async () => {
    const contract = "/shop/dev/release/environment";
    const environment = JSON.parse(world.parameters.get(contract) ?? "") as { migration: object };
    const migration = { ...environment.migration, containers: ["migrate"], required: ["logins", "migrate"] };
    world.parameters.set(contract, JSON.stringify({ ...environment, migration }));
    world.revisions["shop-dev-migration"] = ["shop-dev-migration:4"];
    world.tags["shop-dev-migration:4"] = { "slipway:status": "proven" };
    ends("migrate", 143, {
      containers: [
        { name: "logins", exitCode: 1 },
        { name: "migrate", exitCode: 143, reason: "dependency graph: failed to resolve container ordering dependency" },
      ],
    });
    world.log("migration", "0a1b2c3d4e", "logins: no way in", "logins");
    const { code, out, err } = await slipway("run dev --json -- true");
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain("logins: no way in");
    expect(err).toContain("the command was not started: container logins before it ended with 1, see its lines above");
    expect(JSON.parse(out)).toMatchObject({ ok: false, commandExitCode: null });
  });

  test("runs what a service runs, with another size", async () => {
    ends("app", 0);
    const { code, out } = await slipway("run dev --service web --cpu 512 --memory 2048 --json -- true");
    expect(code).toBe(exitCodes.ok);
    expect(JSON.parse(out)).toEqual({
      ok: true,
      environment: "dev",
      task: "0a1b2c3d4e",
      revision: "shop-dev-web:8",
      exitCode: 0,
      seconds: 24,
    });
    expect(world.ran[0]?.["overrides"]).toEqual({
      cpu: "512",
      memory: "2048",
      containerOverrides: [{ name: "app", command: ["true"] }],
    });
  });

  test("takes the first service while no migration was proven", async () => {
    ends("app", 0);
    await slipway("run dev -- true");
    expect(world.changes).toEqual(["RunTask shop-dev-jobs:8"]);
  });

  test.each<[string, number | undefined, Partial<Task>, string]>([
    ["an exit code", 3, {}, "the command ended with 3"],
    [
      "a missing exit code",
      undefined,
      { stopCode: "TaskFailedToStart", stoppedReason: "CannotPullContainerError" },
      "the command has not run to its end: TaskFailedToStart, CannotPullContainerError",
    ],
    ["nothing at all", undefined, {}, "the command has not run to its end: ECS does not say why"],
  ])("fails with %s", async (_what, exitCode, more, sentence) => {
    ends("app", exitCode, more);
    const { code, err } = await slipway("run dev --service web -- false");
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain(`error: ${sentence}\n`);
  });

  test("asks one zone after the other while there is no capacity, with another token each time", async () => {
    const full = { reason: "Capacity is unavailable at this time. Please try again later or in a different zone" };
    world.failures = [full, full];
    ends("app", 0);
    const { code } = await slipway("run dev --service web -- true");
    expect(code).toBe(exitCodes.ok);
    const subnets = world.ran.map(({ networkConfiguration }) => networkConfiguration);
    expect(JSON.stringify(subnets[1])).toContain('"subnets":["subnet-a"]');
    expect(JSON.stringify(subnets[2])).toContain('"subnets":["subnet-b"]');
    expect(new Set(world.ran.map(({ clientToken }) => clientToken)).size).toBe(3);
  });

  test("gives up after five starts without capacity", async () => {
    world.failures = Array.from({ length: 9 }, () => ({ reason: "RESOURCE:MEMORY" }));
    const { code, err } = await slipway("run dev --service web -- true");
    expect([code, world.ran.length]).toEqual([exitCodes.failed, 5]);
    expect(err).toContain("the task could not start: RESOURCE:MEMORY");
  });

  test("does not try again what another try would not change", async () => {
    world.failures = [{ reason: "AccessDenied", detail: "no role" }];
    const { err } = await slipway("run dev --service web -- true");
    expect(world.ran).toHaveLength(1);
    expect(err).toContain("the task could not start: AccessDenied: no role");
  });

  test("stops the command when it takes too long", async () => {
    const { code, err } = await slipway("run dev --service web --timeout 2 -- sleep");
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain("the command was stopped after 2 minutes: pass a longer --timeout");
    expect(world.changes.at(-1)).toBe("StopTask timed out after 120 s");
  });

  test("stops the command at Ctrl-C", async () => {
    clock.in(10_000, () => signals.emit("SIGINT"));
    const { code, err } = await slipway("run dev --service web -- sleep");
    expect(code).toBe(exitCodes.interrupted);
    expect(world.changes.at(-1)).toBe("StopTask interrupted by a person or by the machine");
    expect(err).toContain("task 0a1b2c3d4e was told to stop");
  });

  test.each([
    ["run dev --service nightly -- true", "nightly runs by the clock and not all the time: name one of jobs, web"],
    ["run dev --service web --cpu 300 -- true", "--cpu must be one of 256, 512, 1024"],
    ["run dev --service web --cpu 4096 -- true", "--memory must be a size that Fargate offers with cpu 4096, got 512"],
    ["run dev --timeout never -- true", "It must be a whole number of at least 1"],
    ["run dev", "missing required argument 'command'"],
  ])("%s is refused", async (line, sentence) => {
    const { code, err } = await slipway(line);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain(sentence);
    expect(world.changes).toEqual([]);
  });

  test("refuses a service that was never released", async () => {
    world.parameters.set("/shop/dev/released/web", "no");
    const { code, err } = await slipway("run dev --service web -- true");
    expect(code).toBe(exitCodes.refused);
    expect(err).toContain("web was never released, and there is no image to run: npm run release -- dev");
  });
});

describe("restart", () => {
  const lock = "/shop/dev/lock/release";
  const ending = (
    status: "SUCCESSFUL" | "ROLLBACK_SUCCESSFUL" | "ROLLBACK_FAILED" | "STOPPED",
    reason?: string,
  ): void => {
    world.onDeployment = (name, deployment) =>
      clock.in(30_000, () => {
        Object.assign(deployment, { status, ...(reason === undefined ? {} : { statusReason: reason }) });
        world.services[name]?.events?.unshift({
          id: `${name}-1`,
          createdAt: world.seconds as unknown as Date,
          message: `(service ${name}) has started 2 tasks`,
        });
      });
  };

  test("starts what runs anew, under the lock, and follows it to its end", async () => {
    ending("SUCCESSFUL");
    const { code, out, err } = await slipway("restart dev web");
    expect([code, out]).toEqual([exitCodes.ok, "web runs in new tasks\n"]);
    expect(world.changes).toEqual([`PutParameter ${lock}`, "UpdateService web forced", `DeleteParameter ${lock}`]);
    expect(err.match(/\(service web\) has started 2 tasks/g)).toHaveLength(1);
  });

  test("takes all services that run, and says which do not", async () => {
    const jobs = world.services["jobs"];
    if (jobs !== undefined) jobs.desiredCount = 0;
    ending("SUCCESSFUL");
    const { code, out, err } = await slipway("restart dev --json");
    expect(code).toBe(exitCodes.ok);
    expect(JSON.parse(out)).toEqual({
      ok: true,
      environment: "dev",
      services: [{ name: "web", status: "succeeded", reason: null }],
    });
    expect(err).toContain("nothing to restart of jobs: no task is wanted");
  });

  test("is not deceived by a deployment that was there before", async () => {
    world.deployments["web"]?.push({
      serviceDeploymentArn: "arn:before",
      createdAt: world.seconds - 5,
      status: "SUCCESSFUL",
    });
    ending("ROLLBACK_SUCCESSFUL", "circuit breaker");
    const { code, err } = await slipway("restart dev web");
    expect(code).toBe(exitCodes.rolledBack);
    expect(err).toContain("  - web: rolled back, circuit breaker");
  });

  test.each([
    ["ROLLBACK_FAILED", exitCodes.rollbackFailed, "web: rollback failed"],
    ["STOPPED", exitCodes.rolledBack, "web: stopped"],
  ] as const)("that ends %s has exit code %d", async (status, expected, sentence) => {
    ending(status);
    const { code, err } = await slipway("restart dev web");
    expect(code).toBe(expected);
    expect(err).toContain(sentence);
    expect(world.parameters.has(lock)).toBe(false);
  });

  test("says when another deployment has taken its place", async () => {
    world.onDeployment = (_name, deployment) =>
      clock.in(10_000, () => {
        deployment.status = "STOPPED";
        world.deployments["web"]?.unshift({
          serviceDeploymentArn: "arn:other",
          createdAt: world.seconds,
          status: "SUCCESSFUL",
        });
      });
    const { code, err } = await slipway("restart dev web");
    expect(code).toBe(exitCodes.rolledBack);
    expect(err).toContain("web: replaced, another deployment of it was begun meanwhile");
  });

  test("gives up after its time, and gives the lock back", async () => {
    const { code, err } = await slipway("restart dev web --timeout 3");
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain("web: timed out");
    expect(world.changes.at(-1)).toBe(`DeleteParameter ${lock}`);
  });

  test("at Ctrl-C leaves the rest to ECS, and gives the lock back", async () => {
    clock.in(10_000, () => signals.emit("SIGINT"));
    const { code, err } = await slipway("restart dev web");
    expect(code).toBe(exitCodes.interrupted);
    expect(err).toContain("ECS goes on with the restart by itself");
    expect(world.changes.at(-1)).toBe(`DeleteParameter ${lock}`);
  });

  test("waits for nobody: a release that is running is named, and its lock stays", async () => {
    world.parameters.set(
      lock,
      JSON.stringify({ by: "bob", since: "2026-11-26T11:59:00.000Z", pipeline: "https://ci/1" }),
    );
    const { code, err } = await slipway("restart dev web");
    expect(code).toBe(exitCodes.locked);
    expect(err).toContain("another release of dev is running, by bob since 2026-11-26T11:59:00.000Z (https://ci/1)");
    expect(world.changes).toEqual([]);
  });

  test("is refused while a deployment is in progress: what is in flight was not proven, or goes back", async () => {
    world.deployments["web"]?.push({
      serviceDeploymentArn: "arn:flying/1",
      createdAt: world.seconds - 5,
      status: "ROLLBACK_IN_PROGRESS",
    });
    const { code, err } = await slipway("restart dev web");
    expect(code).toBe(exitCodes.refused);
    expect(err).toContain("a deployment of web is in progress (1): wait for its end");
    expect(world.changes).toEqual([`PutParameter ${lock}`, `DeleteParameter ${lock}`]);
  });

  test("of nothing is refused", async () => {
    const web = world.services["web"];
    if (web !== undefined) web.desiredCount = 0;
    const { code, err } = await slipway("restart dev web");
    expect(code).toBe(exitCodes.refused);
    expect(err).toContain("there is nothing to restart: no task of web is wanted");
    expect(world.changes.some((change) => change.startsWith("UpdateService"))).toBe(false);
  });
});

describe("scale", () => {
  test("of a fixed service changes the number until the next deploy, and says so", async () => {
    const { code, out, err } = await slipway("scale dev web 5");
    expect(code).toBe(exitCodes.ok);
    expect(out).toBe("web goes from 2 to 5 tasks; npm run status -- dev shows them\n");
    expect(err).toContain("the next deploy sets it to 2 again: write the numbers into environments/dev.ts");
    expect(world.changes).toEqual(["UpdateService web desiredCount=5", "EnableAlarmActions shop-dev-web-tasks"]);
  });

  test("of a service that scales by itself changes its range, and leaves a number that fits", async () => {
    const { out } = await slipway("scale dev jobs 2-6");
    expect(out).toBe("jobs may have 2 to 6 tasks, and keeps 3\n");
    expect(world.changes).toEqual([
      "RegisterScalableTarget service/shop-dev/shop-dev-jobs 2-6",
      "EnableAlarmActions shop-dev-jobs-tasks",
    ]);
  });

  test("to nothing silences the alarms of too few tasks before there are too few", async () => {
    const { code, out, err } = await slipway("scale dev jobs 0 --json");
    expect(code).toBe(exitCodes.ok);
    expect(err).toContain("nothing rings while jobs has no tasks, and nothing will after a deploy has started some");
    expect(JSON.parse(out)).toEqual({
      ok: true,
      environment: "dev",
      service: "jobs",
      min: 0,
      max: 0,
      desired: 0,
      before: 3,
    });
    expect(world.changes).toEqual([
      "DisableAlarmActions shop-dev-jobs-tasks",
      "RegisterScalableTarget service/shop-dev/shop-dev-jobs 0-0",
      "UpdateService jobs desiredCount=0",
    ]);
  });

  test("of a service that was never released is refused", async () => {
    world.parameters.set("/shop/dev/released/web", "no");
    const { code, err } = await slipway("scale dev web 2");
    expect(code).toBe(exitCodes.refused);
    expect(err).toContain("web was never released");
    expect(world.changes).toEqual([]);
  });

  test.each([
    ["scale dev web 2-4", "web has a fixed size (2) and takes one number"],
    ["scale dev web many", "the number of tasks must be a number such as 3"],
    ["scale dev nightly 2", "nightly runs by the clock"],
  ])("%s is refused", async (line, sentence) => {
    const { code, err } = await slipway(line);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain(sentence);
    expect(world.changes).toEqual([]);
  });
});

describe("exec", () => {
  beforeEach(() =>
    programs.add(
      "session-manager-plugin",
      `if (args[0] === "--version") { console.log("1.2.700.0"); process.exit(0); }`,
    ),
  );

  test("opens a shell in the newest task that can be entered", async () => {
    world.addTask("web", "old");
    await clock.sleep(1_000);
    world.addTask("web", "new");
    world.addTask("web", "newest", { enableExecuteCommand: false, containers: [{ name: "app" }] });
    const { code } = await slipway("exec dev web", { isTTY: true });
    expect(code).toBe(exitCodes.ok);
    expect(world.changes).toEqual(["ExecuteCommand new app /bin/sh"]);
    expect(programs.calls.at(-1)?.args.slice(1, 5)).toEqual([
      "eu-west-1",
      "StartSession",
      "",
      JSON.stringify({ Target: "ecs:shop-dev_new_new-runtime" }),
    ]);
  });

  test("runs the words after --, each as one word", async () => {
    world.addTask("web", "t1");
    const { code } = await slipway("exec dev web -- echo $HOME web --help");
    expect(code).toBe(exitCodes.ok);
    expect(world.changes).toEqual(["ExecuteCommand t1 app echo '$HOME' web --help"]);
  });

  test("takes words after -- for a command, not for a service", async () => {
    const { code, err } = await slipway("exec dev -- web");
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain("dev has several services: name one of jobs, web");
  });

  test("says when the session ends with an error", async () => {
    world.addTask("web", "t1");
    programs.add("session-manager-plugin", "process.exit(args[0] === '--version' ? 0 : 9)");
    const { code, err } = await slipway("exec dev web -- true");
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain("the session ended with an error (exit code 9 of session-manager-plugin)");
  });

  test("asks for the plugin before it opens a session", async () => {
    programs.remove();
    world.addTask("web", "t1");
    const { code, err } = await slipway("exec dev web -- true");
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain("session-manager-plugin is not on PATH");
    expect(world.changes).toEqual([]);
  });

  test.each([
    ["exec dev web", "a shell needs a terminal: pass -- <command>"],
    ["exec dev web ls", "name the environment and at most one service; a command comes after --"],
    ["exec -- ls", "name the environment and at most one service; a command comes after --"],
  ])("%s is refused", async (line, sentence) => {
    const { code, err } = await slipway(line);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain(sentence);
  });

  test("names the setting where tasks cannot be entered", async () => {
    const web = world.services["web"];
    if (web !== undefined) web.enableExecuteCommand = false;
    world.addTask("web", "t1");
    const { code, err } = await slipway("exec dev web -- true");
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain(
      "tasks of web cannot be entered: set exec to true in environments/dev.ts, then npm run deploy",
    );
  });

  test.each<[string, Partial<Parameters<DailyWorld["addTask"]>[2]> | undefined, string]>([
    ["no task", undefined, "no task of web is running: npm run status -- dev says why"],
    ["an old task", { enableExecuteCommand: false }, "the tasks of web are older than the setting exec"],
    ["a task without the agent", { containers: [{ name: "app", runtimeId: "r" }] }, "the agent that lets people in"],
  ])("with %s says what to do", async (_what, task, sentence) => {
    if (task !== undefined) world.addTask("web", "t1", task);
    const { code, err } = await slipway("exec dev web -- true");
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain(sentence);
    expect(world.changes).toEqual([]);
  });
});

describe("tunnel", () => {
  const endpoint =
    "<DBInstances><DBInstance><DBName>app</DBName><Endpoint><Address>db.example.com</Address><Port>5432</Port></Endpoint></DBInstance></DBInstances>";

  beforeEach(() => {
    programs.add(
      "session-manager-plugin",
      `if (args[0] === "--version") { console.log("1.2.700.0"); process.exit(0); }`,
    );
    aws.answer(
      "DescribeDBInstances",
      () =>
        `<DescribeDBInstancesResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBInstancesResult>${endpoint}</DescribeDBInstancesResult></DescribeDBInstancesResponse>`,
    );
  });

  test("forwards a port through a task, and says how to use it and where the password is", async () => {
    world.addTask("web", "t1");
    const { code, err } = await slipway("tunnel dev db --port 15432");
    expect(code).toBe(exitCodes.ok);
    const parameters = { host: ["db.example.com"], portNumber: ["5432"], localPortNumber: ["15432"] };
    expect(world.changes).toEqual([
      `StartSession ecs:shop-dev_t1_t1-runtime AWS-StartPortForwardingSessionToRemoteHost ${JSON.stringify(parameters)}`,
    ]);
    expect(err).toContain('psql "host=127.0.0.1 port=15432 dbname=app user=app_2 sslmode=require"');
    expect(err).toContain("secret:/shop/dev/database/app-1-2-AbCdEf, under the key password");
    expect(aws.calls.find(({ action }) => action === "DescribeDBInstances")?.body).toContain("shop-dev-db-1");
    expect(aws.actions).not.toContain("GetSecretValue");
  });

  test("tells a script the same as one JSON value, without a word of the plugin", async () => {
    world.addTask("web", "t1");
    const { code, out, err } = await slipway("tunnel dev db --port 15432 --json");
    expect(code).toBe(exitCodes.ok);
    expect(JSON.parse(out)).toEqual({
      ok: true,
      environment: "dev",
      host: "127.0.0.1",
      port: 15432,
      database: "app",
      user: "app_2",
      secretArn: expect.stringContaining("secret:/shop/dev/database/app-1-2-AbCdEf") as string,
    });
    expect(err).not.toContain("psql");
  });

  test("says for every service why there is no way through it", async () => {
    const web = world.services["web"];
    if (web !== undefined) web.enableExecuteCommand = false;
    const { code, err } = await slipway("tunnel dev db");
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain("there is no way to the database of dev:\n  - no task of jobs is running");
    expect(err).toContain("  - tasks of web cannot be entered: set exec to true");
    expect(world.changes).toEqual([]);
  });

  test("knows no other thing to reach", async () => {
    const { code, err } = await slipway("tunnel dev cache");
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain("Allowed choices are db");
  });

  test("says when the port may be taken", async () => {
    world.addTask("web", "t1");
    programs.add("session-manager-plugin", "process.exit(args[0] === '--version' ? 0 : 9)");
    const { code, err } = await slipway("tunnel dev db");
    expect(code).toBe(exitCodes.failed);
    expect(err).toContain("see that nothing else listens on port 5432, or pass --port");
  });
});
