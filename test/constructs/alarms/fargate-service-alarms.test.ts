import { fargateServiceAlarms } from "../../../constructs/alarms/fargate-service-alarms";
import {
  fargateServiceSettings,
  type WebServiceSettings,
  type WorkerServiceSettings,
} from "../../../constructs/settings/fargate-service";
import type { AlarmSpec } from "../../../constructs/shared/alarm-spec";
import { during, lastState } from "../../support/spec-alarm";

type Input = Readonly<Record<string, unknown>>;

function alarms(input: Input, countsTasks = false): Record<string, AlarmSpec> {
  const settings = fargateServiceSettings.parse(input) as WebServiceSettings | WorkerServiceSettings;
  return fargateServiceAlarms({
    serviceName: "jobs",
    settings,
    ecsCluster: "shop",
    ecsService: "shop-jobs",
    countsTasks,
    targetGroup: settings.kind === "web" ? "targetgroup/jobs/1" : undefined,
  });
}

const worker = { kind: "worker" } as const;
const web = { kind: "web", healthCheckPath: "/healthz" } as const;

describe("load", () => {
  test.each([
    ["a fixed number of tasks", { minTasks: 2, maxTasks: 2 }, 80, 80],
    ["default targets", {}, 80, 87.5],
    ["high targets", { targetCpuPercent: 95, targetMemoryPercent: 90 }, 97.5, 95],
    ["low targets", { targetCpuPercent: 30, targetMemoryPercent: 40 }, 80, 80],
  ])("of a service with %s is too high above 80 %, or halfway between target and 100 %", (_, input, cpu, memory) => {
    const { Cpu, Memory } = alarms({ ...worker, ...input });
    expect([Cpu!.threshold, Memory!.threshold]).toEqual([cpu, memory]);
  });

  test("of a service that does not run is none", () => {
    const { Cpu, AtMaximum } = alarms(worker);
    expect(lastState(Cpu!, { CPUUtilization: during(20, undefined) })).toBe("OK");
    const silent = { CPUUtilization: during(30, undefined), MemoryUtilization: during(30, undefined) };
    expect(lastState(AtMaximum!, silent)).toBe("OK");
  });
});

describe("at maximum", () => {
  const { AtMaximum } = alarms({ ...web, targetRequestsPerTask: 600 });
  const after = (cpu: number, memory: number, requests: number | undefined, minutes: number): string =>
    lastState(AtMaximum!, {
      CPUUtilization: [...during(20, 10), ...during(minutes, cpu)],
      MemoryUtilization: [...during(20, 10), ...during(minutes, memory)],
      RequestCountPerTarget: [...during(20, undefined), ...during(minutes, requests)],
    });

  test.each([
    ["CPU", 61, 10, undefined],
    ["memory", 10, 76, undefined],
    ["requests", 10, 10, 601],
  ])("is a service whose target of %s is missed for a quarter of an hour", (_, cpu, memory, requests) => {
    expect(after(cpu, memory, requests, 14)).toBe("OK");
    expect(after(cpu, memory, requests, 15)).toBe("ALARM");
  });

  test("is none that meets its targets", () => {
    expect(after(60, 75, 600, 30)).toBe("OK");
  });

  test("is not asked of a service of fixed size, nor by requests of one that does not scale by them", () => {
    expect(alarms({ ...worker, minTasks: 2, maxTasks: 2 })["AtMaximum"]).toBeUndefined();
    expect(Object.keys(alarms(web)["AtMaximum"]!.metrics)).toEqual(["cpu", "memory"]);
  });
});

describe("liveness of a worker", () => {
  const night = { name: "night", schedule: "cron(0 20 * * ? *)", minTasks: 0, maxTasks: 0 };
  const livenessOf = (input: Input, countsTasks = false): string[] =>
    Object.entries(alarms(input, countsTasks)).flatMap(([id, { role }]) => (role === "liveness" ? [id] : []));

  test.each([
    ["one task", { minTasks: 1 }, false, ["NoTask"]],
    ["several that nobody counts", { minTasks: 2 }, false, ["NoTask"]],
    ["several that Container Insights counts", { minTasks: 2 }, true, ["NoTask", "BelowMinimum"]],
    ["one that Container Insights counts", { minTasks: 1 }, true, ["NoTask"]],
    ["none at least", { minTasks: 0 }, true, []],
    ["none at night", { minTasks: 1, scheduledScaling: [night] }, true, []],
  ])("with %s", (_, input, countsTasks, expected) => {
    expect(livenessOf({ ...worker, ...input }, countsTasks)).toEqual(expected);
  });

  test("is whether samples of CPU arrive", () => {
    const { NoTask } = alarms(worker);
    const heard = (...minutes: (number | undefined)[]) => ({ CPUUtilization: [...during(20, 3), ...minutes] });
    expect(lastState(NoTask!, heard())).toBe("OK");
    expect(lastState(NoTask!, heard(...during(3, undefined), 3))).toBe("OK");
    expect(lastState(NoTask!, heard(...during(10, undefined)))).toBe("ALARM");
  });

  test("of a web service is for its load balancer to tell", () => {
    expect(livenessOf({ ...web, minTasks: 2 }, true)).toEqual([]);
  });
});
