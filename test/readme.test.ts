import { exitCodeHelp } from "../ci/exit-codes";
import { iotTable } from "./support/iot-policy-table";
import { readmeTable } from "./support/readme";
import { tableCounts } from "./system/support/broker-table";
import { statements } from "./system/support/login-table";

test("the README says how many uses of topics are tried", () => {
  const row = (tried: string, { all, allowed }: { readonly all: number; readonly allowed: number }): string[] => [
    tried,
    String(all),
    String(allowed),
    String(all - allowed),
  ];
  const { publish, subscribe, connect } = tableCounts;
  expect(readmeTable("topics")).toEqual([
    ["tried", "in all", "allowed", "refused"],
    row("AWS IoT: connect, publish, subscribe, receive", {
      all: iotTable.length,
      allowed: iotTable.filter(({ allowed }) => allowed).length,
    }),
    row("ActiveMQ: publish", publish),
    row("ActiveMQ: subscribe", subscribe),
    row("ActiveMQ: connect", connect),
  ]);
});

test("the README says how many statements are tried as each login", () => {
  const rowOf = (tried: string, role: "app" | "migrator"): string[] => {
    const mine = statements.filter(({ as }) => as === role);
    const allowed = mine.filter(({ denied }) => denied === undefined).length;
    return [tried, String(mine.length), String(allowed), String(mine.length - allowed)];
  };
  expect(readmeTable("statements")).toEqual([
    ["statements", "in all", "allowed", "refused"],
    rowOf("of `app_<n>`", "app"),
    rowOf("of `migrator_<n>`", "migrator"),
  ]);
});

test("the README says what the exit codes of a release mean, as --help does", () => {
  const rows = readmeTable("exit codes").slice(1);
  expect(rows.length).toBeGreaterThan(9);
  const help = exitCodeHelp.split("\n").map((line) => line.trim().split(/ {2,}/));
  for (const row of rows) expect(help).toContainEqual(row);
});
