import { exitCodeHelp } from "../ci/exit-codes";
import { iotTable } from "./support/iot-policy-table";
import { readFileSync } from "node:fs";
import path from "node:path";
import { readRecord, rehearsedRoles } from "../ci/rehearse/roles";
import { environments, project } from "./support/shipped";
import { parseConfiguration } from "../environments/checks";
import { escalations } from "./support/escalations";
import { idleOf, type RoleGroup } from "./support/pipeline-calls";
import { readmeTable, tableRows } from "./support/readme";
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

test("the README says how much of the pipelines' roles is proven", () => {
  const roles = rehearsedRoles(parseConfiguration(project, environments).project, "stage");
  const recorded = readRecord(process.cwd());
  const idle = idleOf(roles, recorded);
  const groups = ["plan", "apply", "release"] as const;
  const inBoth = (count: (group: RoleGroup) => number): string[] =>
    groups.map((group) => String(count(group) + count(`registry-${group}`)));
  expect(readmeTable("roles")).toEqual([
    ["roles of pipelines", ...groups],
    ["actions that rehearsals did with them", ...inBoth((group) => recorded[group]?.length ?? 0)],
    [
      "permissions that none used, each with its reason",
      ...inBoth((of) => idle.filter(({ group }) => group === of).length),
    ],
    ["attempts to get further, all refused", ...groups.map(() => String(escalations.length))],
  ]);
});

test("the README says what the scan finds, as its own page does", () => {
  const page = readFileSync(path.join(__dirname, "..", "docs", "scan.md"), "utf8");
  const [first = ""] = page.split(/\n{2,}/).filter((block) => block.startsWith("|"));
  expect(readmeTable("scan").length).toBeGreaterThan(4);
  expect(readmeTable("scan")).toEqual(tableRows(first));
});
