import { webTargetAlarms } from "../../../constructs/alarms/web-target-alarms";
import { fargateServiceSettings, type WebServiceSettings } from "../../../constructs/settings/fargate-service";
import type { AlarmSpec } from "../../../constructs/shared/alarm-spec";
import { during, lastState } from "../../support/spec-alarm";

function alarms(input: Readonly<Record<string, unknown>> = {}): Record<string, AlarmSpec> {
  const settings = fargateServiceSettings.parse({ kind: "web", healthCheckPath: "/healthz", ...input });
  return webTargetAlarms({
    serviceName: "api",
    settings: settings as WebServiceSettings,
    loadBalancer: "app/shop/1",
    targetGroup: "targetgroup/api/2",
  });
}

const idsOf = (input: Readonly<Record<string, unknown>>): string[] => Object.keys(alarms(input)).sort();
const always = ["Errors", "Latency", "RollbackErrors", "RollbackUnhealthyHosts", "UnhealthyHosts"];

test("every metric is that of the target group behind its load balancer", () => {
  for (const { metrics } of Object.values(alarms({ minTasks: 2 }))) {
    for (const { namespace, dimensions } of Object.values(metrics)) {
      expect([namespace, dimensions]).toEqual([
        "AWS/ApplicationELB",
        { LoadBalancer: "app/shop/1", TargetGroup: "targetgroup/api/2" },
      ]);
    }
  }
});

describe("errors", () => {
  const requests = (perMinute: number, errors: number, minutes: number, input = {}): string =>
    lastState(alarms(input)["Errors"]!, {
      RequestCount: during(minutes, perMinute),
      HTTPCode_Target_5XX_Count: during(minutes, errors === 0 ? undefined : errors),
    });

  test.each([
    ["a busy service at its limit", 1000, 50, "OK"],
    ["a busy service above it", 1000, 51, "ALARM"],
    ["five requests a minute that all fail", 5, 5, "ALARM"],
    ["one error a minute where there is little else", 1, 1, "OK"],
    ["no errors", 1000, 0, "OK"],
  ])("%s", (_, perMinute, errors, state) => {
    expect(requests(perMinute, errors, 10)).toBe(state);
  });

  test("a service without requests is fine, and a single bad minute is none", () => {
    const { Errors } = alarms();
    const quiet = { RequestCount: during(10, undefined), HTTPCode_Target_5XX_Count: during(10, undefined) };
    expect(lastState(Errors!, quiet)).toBe("OK");
    const moment = { RequestCount: during(10, 100), HTTPCode_Target_5XX_Count: [...during(9, undefined), 100] };
    expect(lastState(Errors!, moment)).toBe("OK");
  });

  test("they are counted against the service's own limit", () => {
    expect(requests(1000, 51, 10, { errorPercent: 20 })).toBe("OK");
    expect(requests(1000, 201, 10, { errorPercent: 20 })).toBe("ALARM");
    // a single error is not more than it, whatever it is
    for (const errorPercent of [1, 3, 7, 33, 75]) expect(requests(1, 1, 10, { errorPercent })).toBe("OK");
  });

  test("two minutes of them undo a deployment, one does not", () => {
    const { RollbackErrors } = alarms();
    const failing = (minutes: number) => ({
      RequestCount: during(10, 100),
      HTTPCode_Target_5XX_Count: [...during(10 - minutes, undefined), ...during(minutes, 50)],
    });
    expect(lastState(RollbackErrors!, failing(1))).toBe("OK");
    expect(lastState(RollbackErrors!, failing(2))).toBe("ALARM");
  });
});

describe("latency", () => {
  const waiting = (minutes: number, perMinute: number, latencyP95Sec?: number): string =>
    lastState(alarms(latencyP95Sec === undefined ? {} : { latencyP95Sec })["Latency"]!, {
      RequestCount: during(30, perMinute),
      TargetResponseTime: [...during(30 - minutes, 0.1), ...during(minutes, 2)],
    });

  test("counts when it lasts for a quarter of an hour", () => {
    expect([waiting(10, 100), waiting(15, 100)]).toEqual(["OK", "ALARM"]);
  });

  test("is measured against the service's own limit", () => {
    expect(waiting(15, 100, 3)).toBe("OK");
  });

  test("is none of a handful of requests", () => {
    expect([waiting(15, 3), waiting(15, 4)]).toEqual(["OK", "ALARM"]);
  });
});

describe("hosts", () => {
  test.each([
    [60, 3, 2],
    [0, 3, 2],
    [90, 4, 3],
    [600, 12, 11],
  ])("with %i seconds to start may be unhealthy for a while", (healthCheckGraceSec, watched, undone) => {
    const { UnhealthyHosts, RollbackUnhealthyHosts } = alarms({ healthCheckGraceSec });
    expect([UnhealthyHosts!.datapoints, UnhealthyHosts!.of]).toEqual([watched, watched]);
    expect([RollbackUnhealthyHosts!.datapoints, RollbackUnhealthyHosts!.of]).toEqual([undone, undone]);
  });

  test("that are gone with their metric are dead", () => {
    const { NoHealthyHost, BelowMinimum, UnhealthyHosts } = alarms({ minTasks: 2 });
    expect(lastState(NoHealthyHost!, { HealthyHostCount: [...during(10, 2), ...during(3, undefined)] })).toBe("OK");
    expect(lastState(NoHealthyHost!, { HealthyHostCount: [...during(10, 2), ...during(6, undefined)] })).toBe("ALARM");
    expect(lastState(NoHealthyHost!, { HealthyHostCount: [...during(10, 2), ...during(3, 0)] })).toBe("ALARM");
    expect(lastState(BelowMinimum!, { HealthyHostCount: during(20, undefined) })).toBe("ALARM");
    expect(lastState(UnhealthyHosts!, { UnHealthyHostCount: during(20, undefined) })).toBe("OK");
  });

  test("may be fewer than the minimum while one is replaced", () => {
    const { BelowMinimum } = alarms({ minTasks: 3 });
    expect(BelowMinimum!.threshold).toBe(3);
    expect(lastState(BelowMinimum!, { HealthyHostCount: [...during(10, 3), ...during(9, 2)] })).toBe("OK");
    expect(lastState(BelowMinimum!, { HealthyHostCount: [...during(10, 3), ...during(10, 2)] })).toBe("ALARM");
  });
});

describe("liveness", () => {
  const night = { name: "night", schedule: "cron(0 20 * * ? *)", minTasks: 0, maxTasks: 0 };
  const evening = { name: "evening", schedule: "cron(0 18 * * ? *)", minTasks: 1, maxTasks: 2 };

  test.each([
    ["one task", { minTasks: 1 }, ["NoHealthyHost"]],
    ["several", { minTasks: 2 }, ["BelowMinimum", "NoHealthyHost"]],
    ["none at least", { minTasks: 0 }, []],
    ["several by day and one in the evening", { minTasks: 2, scheduledScaling: [evening] }, ["NoHealthyHost"]],
    ["several by day and none at night", { minTasks: 2, scheduledScaling: [evening, night] }, []],
  ])("of a service with %s", (_, input, expected) => {
    expect(idsOf(input)).toEqual([...always, ...expected].sort());
    const made = Object.values(alarms(input)).filter(({ role }) => role === "liveness");
    expect(made.map(({ missing }) => missing)).toEqual(expected.map(() => "breaching"));
  });

  test("is apart from what undoes a deployment", () => {
    const roles = Object.entries(alarms({ minTasks: 2 })).map(([id, { role }]) => [id, role]);
    expect(Object.fromEntries(roles)).toEqual({
      Errors: undefined,
      RollbackErrors: "rollback",
      Latency: undefined,
      UnhealthyHosts: undefined,
      RollbackUnhealthyHosts: "rollback",
      NoHealthyHost: "liveness",
      BelowMinimum: "liveness",
    });
  });
});
