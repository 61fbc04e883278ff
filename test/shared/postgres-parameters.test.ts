import { postgresParameters } from "../../constructs/shared/postgres-parameters";

test("forces TLS and logs what is slow", () => {
  expect(postgresParameters(250, {})).toEqual([
    { name: "log_lock_waits", value: "1", applyMethod: "immediate" },
    { name: "log_min_duration_statement", value: "250", applyMethod: "immediate" },
    { name: "rds.force_ssl", value: "1", applyMethod: "pending-reboot" },
  ]);
});

test("own parameters replace those that are ours to give, each stands once, in one order", () => {
  const names = (own: Record<string, string>): string[] => postgresParameters(1, own).map(({ name }) => name);
  expect(names({ work_mem: "8192", log_lock_waits: "0" })).toEqual(names({ log_lock_waits: "0", work_mem: "8192" }));
  expect(postgresParameters(1, { log_lock_waits: "0" })).toContainEqual({
    name: "log_lock_waits",
    value: "0",
    applyMethod: "immediate",
  });
  expect(names({ log_lock_waits: "0" })).toHaveLength(3);
});

test.each([
  ["work_mem", "immediate"],
  ["shared_preload_libraries", "pending-reboot"],
  ["max_connections", "pending-reboot"],
  ["rds.logical_replication", "pending-reboot"],
])("%s is applied %s", (name, applyMethod) => {
  expect(postgresParameters(1, { [name]: "1" })).toContainEqual({ name, value: "1", applyMethod });
});
