import { postgresAlarms, postgresReplicaAlarms } from "../../../constructs/alarms/postgres-alarms";
import { postgresDatabaseSettings, type PostgresDatabaseInput } from "../../../constructs/settings/postgres-database";
import type { AlarmSpec } from "../../../constructs/shared/alarm-spec";
import type { Point } from "../../support/metric-math";
import { during, lastState } from "../../support/spec-alarm";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const HOUR = 60;

const props = (input: PostgresDatabaseInput) => ({
  name: "db-1",
  identifier: "shop-db-1",
  settings: postgresDatabaseSettings.parse(input),
});
const alarms = (input: PostgresDatabaseInput = {}): Record<string, AlarmSpec> => postgresAlarms(props(input));
const threshold = (id: string, input: PostgresDatabaseInput): number | undefined => alarms(input)[id]?.threshold;

test("every metric is that of the instance", () => {
  for (const { metrics, section, name } of Object.values(alarms())) {
    expect([section, name.startsWith("db-1-")]).toEqual(["database", true]);
    for (const { namespace, dimensions } of Object.values(metrics)) {
      expect([namespace, dimensions]).toEqual(["AWS/RDS", { DBInstanceIdentifier: "shop-db-1" }]);
    }
  }
});

describe("what a class has decides", () => {
  const common = [
    "Connections",
    "Cpu",
    "Load",
    "Memory",
    "ReadLatency",
    "Storage",
    "TimeToFull",
    "TransactionIds",
    "WriteLatency",
  ];
  const disk = ["DiskOperations", "DiskThroughput"];

  test.each([
    ["t4g.micro", [...common, ...disk, "Credits"]],
    ["m7g.large", [...common, ...disk]],
    ["m7g.8xlarge", common],
    ["r6gd.xlarge", [...common, ...disk, "LocalDisk"]],
  ])("which alarms a %s has", (instanceClass, expected) => {
    expect(Object.keys(alarms({ instanceClass })).sort()).toEqual([...expected].sort());
  });

  test("load, where Performance Insights measures it", () => {
    expect(threshold("Load", { instanceClass: "m7g.2xlarge" })).toBe(8);
    expect(alarms({ performanceInsights: false })["Load"]).toBeUndefined();
  });

  test.each([
    ["t4g.micro", 77],
    ["t4g.small", 461],
    ["t4g.medium", 1024],
    ["m7g.large", 2048],
    ["r7g.4xlarge", 32_768],
  ])("that a %s has too little memory below %i MiB", (instanceClass, mib) => {
    expect(Math.round((threshold("Memory", { instanceClass }) ?? 0) / MIB)).toBe(mib);
  });

  test("from how many credits on it is poor", () => {
    expect([threshold("Credits", {}), threshold("Credits", { instanceClass: "t3.large" })]).toEqual([12, 36]);
  });
});

describe("connections", () => {
  test.each([
    ["a t4g.micro", {}, 73],
    ["a large one", { instanceClass: "r7g.8xlarge" }, 4500],
    ["one whose parameter says so", { parameters: { max_connections: "200" } }, 180],
    [
      "one whose parameter has a formula",
      { instanceClass: "m7g.large", parameters: { max_connections: "LEAST({DBInstanceClassMemory/20000000},300)" } },
      270,
    ],
  ])("are scarce above nine tenths of what %s takes", (_, input, expected) => {
    expect(threshold("Connections", input)).toBe(expected);
  });
});

describe("storage", () => {
  test("is short at a tenth, or at a twentieth where it grows before that", () => {
    expect(threshold("Storage", { storageGiB: 100, maxStorageGiB: 100 })).toBe(10 * GIB);
    expect(threshold("Storage", { storageGiB: 100, maxStorageGiB: 200 })).toBe(5 * GIB);
  });

  const filling = (input: PostgresDatabaseInput, freeGiB: number, gibPerHour: number, hours: number): string =>
    lastState(alarms(input)["TimeToFull"]!, {
      FreeStorageSpace: Array.from({ length: hours * HOUR }, (_, at) => (freeGiB - (gibPerHour * at) / HOUR) * GIB),
    });
  const fixed = { storageGiB: 100, maxStorageGiB: 100 };

  test.each([
    ["does not fill", fixed, 50, 0, 24, "OK"],
    ["empties", fixed, 50, -1, 24, "OK"],
    ["fills within the weekend", fixed, 50, 1, 24, "ALARM"],
    ["fills within weeks", fixed, 50, 0.1, 24, "OK"],
    ["fills within the weekend, and grows", { storageGiB: 100, maxStorageGiB: 200 }, 50, 1, 24, "OK"],
    ["fills faster than it grows", { storageGiB: 100, maxStorageGiB: 200 }, 50, 4, 11, "ALARM"],
    ["fills for a few hours", fixed, 50, 2, 5, "INSUFFICIENT_DATA"],
  ])("that %s", (_, input, freeGiB, gibPerHour, hours, expected) => {
    expect(filling(input, freeGiB, gibPerHour, hours)).toBe(expected);
  });

  test("that an import of one night takes is no trend", () => {
    const night = [
      ...during(12 * HOUR, 50 * GIB),
      ...Array.from({ length: 4 * HOUR }, (_, at) => (50 - at / HOUR) * GIB),
    ];
    expect(
      lastState(alarms(fixed)["TimeToFull"]!, { FreeStorageSpace: [...night, ...during(2 * HOUR, 46 * GIB)] }),
    ).toBe("OK");
  });
});

describe("an instance that is gone", () => {
  test.each(["Cpu", "Memory", "Connections", "Storage"])("rings %s", (id) => {
    const spec = alarms()[id]!;
    const [metric] = Object.values(spec.metrics);
    expect(lastState(spec, { [metric!.name]: during(60, undefined) })).toBe("ALARM");
  });
});

test("a new burstable instance earns its first hour's credits before anybody is told", () => {
  const { Credits } = alarms();
  const earned = Array.from({ length: 4 * HOUR }, (_, at) => (at / HOUR) * 8);
  expect(lastState(Credits!, { CPUCreditBalance: earned })).toBe("OK");
  expect(lastState(Credits!, { CPUCreditBalance: during(4 * HOUR, 2) })).toBe("ALARM");
});

describe("a replica", () => {
  const replica = postgresReplicaAlarms(props({ masterPassword: "write-only", readReplicas: ["reports"] }));
  const lag = (minutes: readonly Point[]): string => lastState(replica["Lag"]!, { ReplicaLag: minutes });

  test("has the alarms of an instance, but for transactions", () => {
    expect(Object.keys(replica)).toEqual(expect.arrayContaining(["Cpu", "Memory", "Storage", "Lag"]));
    expect(replica["TransactionIds"]).toBeUndefined();
  });

  test("seems to lag behind an idle source, and does behind a busy one", () => {
    expect(lag(Array.from({ length: 60 }, (_, at) => (at % 5) * 60 + 5))).toBe("OK");
    expect(lag([...during(20, 0), ...during(10, 90)])).toBe("ALARM");
  });

  test("that does not follow at all says -1", () => {
    expect(lag([...during(20, 0), ...during(10, -1)])).toBe("ALARM");
  });
});
