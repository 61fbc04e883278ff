import { isFamilyOf } from "../../ci/aws/task-definitions";
import { Report } from "../../ci/report";
import { ApplyProgress } from "../../ci/terraform/apply-progress";
import { guardsIn, guardsOnDeleted } from "../../ci/terraform/guards";
import type { Action, Change, ResourceChange } from "../../ci/terraform/json";
import { waitingChanges, waitingText } from "../../ci/terraform/maintenance-window";
import { countsText, summarize, summaryText } from "../../ci/terraform/plan-summary";
import { parseUiLine, type UiEvent } from "../../ci/terraform/ui-stream";

function changeOf(
  address: string,
  actions: Action[],
  rest: Partial<Change> & { reason?: string } = {},
): ResourceChange {
  const [type = "", name = ""] = address.split(".");
  const { reason, ...change } = rest;
  return {
    address,
    type,
    name,
    mode: "managed",
    change: { before: null, after: null, ...change, actions },
    ...(reason === undefined ? {} : { action_reason: reason }),
  };
}

// colours would hide what the text says
const plain = (text: string): string => text.replaceAll(/\u001b\[\d+m/g, "");

describe("the summary of a plan", () => {
  test.each([
    ["nothing", [], "0 to create, 0 to change, 0 to replace, 0 to delete"],
    [
      "one of each",
      [["create"], ["update"], ["delete", "create"], ["delete"]],
      "1 to create, 1 to change, 1 to replace, 1 to delete",
    ],
    [
      "a replacement that is created first",
      [["create", "delete"]],
      "0 to create, 0 to change, 1 to replace, 0 to delete",
    ],
    ["what stays", [["no-op"], ["read"]], "0 to create, 0 to change, 0 to replace, 0 to delete"],
  ] as [string, Action[][], string][])("counts %s", (_, actions, expected) => {
    const plan = { resource_changes: actions.map((action, i) => changeOf(`aws_sns_topic.T${i}`, action)) };
    expect(countsText(summarize(plan).counts)).toBe(expected);
  });

  test("names the attributes that change, known or not, and no value", () => {
    const summary = summarize({
      resource_changes: [
        changeOf("aws_lb.Alb", ["update"], {
          before: { name: "a", idle_timeout: 60, tags: { a: "1" }, arn: "x" },
          after: { name: "a", idle_timeout: 90, tags: { a: "1" } },
          after_unknown: { arn: true, tags: {}, name: false },
        }),
      ],
    });
    expect(summary.changes[0]?.attributes).toEqual(["arn", "idle_timeout"]);
    expect(plain(summaryText(summary))).toMatch(/update +aws_lb\.Alb +arn, idle_timeout/);
  });

  test("says in words which data is lost, and what forces it", () => {
    const summary = summarize({
      resource_changes: [
        changeOf("aws_db_instance.Database_Generation1", ["delete", "create"], {
          replace_paths: [["storage_encrypted"]],
        }),
        changeOf("aws_s3_bucket.Logs", ["delete"]),
        changeOf("aws_db_instance.Other", ["delete", "create"], { reason: "replace_because_tainted" }),
        changeOf("aws_ecs_service.Api", ["delete", "create"]),
      ],
    });
    const text = plain(summaryText(summary)).split("\n");
    expect(text).toContain(
      "REPLACES aws_db_instance.Database_Generation1: its data is lost, but for snapshots and backups that stay, forced by storage_encrypted",
    );
    expect(text).toContain("DELETES aws_s3_bucket.Logs: its objects are lost");
    expect(text).toContain(
      "REPLACES aws_db_instance.Other: its data is lost, but for snapshots and backups that stay, because it is tainted",
    );
    expect(summary.losses).toHaveLength(3);
  });

  test("shows first what is deleted, then what is replaced, changed, created", () => {
    const text = plain(
      summaryText(
        summarize({
          resource_changes: [
            changeOf("aws_a.Created", ["create"]),
            changeOf("aws_a.Changed", ["update"]),
            changeOf("aws_a.Replaced", ["delete", "create"]),
            changeOf("aws_a.Deleted", ["delete"]),
          ],
        }),
      ),
    );
    expect([...text.matchAll(/aws_a\.(\w+)/g)].map(([, name]) => name)).toEqual([
      "Deleted",
      "Replaced",
      "Changed",
      "Created",
    ]);
  });

  test("knows a plan of outputs alone from one of nothing", () => {
    expect(summaryText(summarize({}))).toBe("nothing to change");
    expect(summaryText(summarize({ output_changes: { url: { actions: ["update"], before: "a" } } }))).toBe(
      "no resource changes; outputs that do: url",
    );
  });
});

describe("the maintenance window", () => {
  const update = (before: object, after: object): ResourceChange =>
    changeOf("aws_db_instance.Db", ["update"], { before, after: { apply_immediately: false, ...after } });

  test.each([
    ["a class waits", { instance_class: "db.t4g.micro" }, { instance_class: "db.t4g.small" }, ["instance_class"]],
    [
      "a version and Multi-AZ wait",
      { engine_version: "17.1", multi_az: false },
      { engine_version: "17.2", multi_az: true },
      ["engine_version", "multi_az"],
    ],
    [
      "tags and protection do not",
      { deletion_protection: true, tags: {} },
      { deletion_protection: false, tags: { a: "1" } },
      [],
    ],
    ["other backup days do not wait", { backup_retention_period: 1 }, { backup_retention_period: 7 }, []],
    [
      "the first backup day waits",
      { backup_retention_period: 0 },
      { backup_retention_period: 7 },
      ["backup_retention_period"],
    ],
    [
      "nothing waits with apply_immediately",
      { instance_class: "a" },
      { instance_class: "b", apply_immediately: true },
      [],
    ],
    ["an unknown value does not count", { port: 5432 }, {}, []],
  ])("%s", (_, before, after, expected) => {
    const waiting = waitingChanges({ resource_changes: [update(before, after)] });
    expect(waiting.map(({ attribute }) => attribute)).toEqual(expected);
  });

  test("does not hold back what is created or replaced", () => {
    const values = { before: { instance_class: "a" }, after: { instance_class: "b", apply_immediately: false } };
    const changes = [
      changeOf("aws_db_instance.A", ["create"], values),
      changeOf("aws_db_instance.B", ["delete", "create"], values),
    ];
    expect(waitingChanges({ resource_changes: changes })).toEqual([]);
  });

  test("is named, with the choice", () => {
    const waiting = waitingChanges({
      resource_changes: [
        update(
          { instance_class: "db.t4g.micro" },
          { instance_class: "db.t4g.small", maintenance_window: "sun:04:00-sun:05:00" },
        ),
      ],
    });
    expect(waitingText(waiting, "npm run deploy -- dev")).toEqual([
      "aws_db_instance.Db: instance_class db.t4g.micro → db.t4g.small waits for the maintenance window (sun:04:00-sun:05:00 UTC)",
      "until then every plan shows it again; `npm run deploy -- dev --apply-now` makes it at once, with a restart",
    ]);
    expect(waitingText([], "npm run deploy -- dev")).toEqual([]);
  });

  test("holds back who may use which topics of a broker, its size and its version, and not its window", () => {
    const start = [{ day_of_week: "SUNDAY", time_of_day: "03:00", time_zone: "UTC" }];
    const of = (before: object, after: object): readonly string[] =>
      waitingText(
        waitingChanges({
          resource_changes: [
            changeOf("aws_mq_broker.B", ["update"], {
              before,
              after: { apply_immediately: false, maintenance_window_start_time: start, ...after },
            }),
          ],
        }),
        "npm run deploy -- dev",
      ).slice(0, -1);
    const waits = "waits for the maintenance window (sunday 03:00 UTC)";
    expect(of({ host_instance_type: "mq.t3.micro" }, { host_instance_type: "mq.m5.large" })).toEqual([
      `aws_mq_broker.B: host_instance_type mq.t3.micro → mq.m5.large ${waits}`,
    ]);
    const revision = (number?: number) => ({ configuration: [{ id: "c-1", revision: number }] });
    expect(of(revision(1), revision(2))).toEqual([`aws_mq_broker.B: configuration revision 1 → revision 2 ${waits}`]);
    // a plan does not know the number before the configuration is changed
    expect(of(revision(1), { configuration: [{ id: "c-1" }] })).toEqual([
      `aws_mq_broker.B: configuration revision 1 → its next revision ${waits}`,
    ]);
    expect(of({ security_groups: ["sg-1"] }, { security_groups: ["sg-1", "sg-2"] })).toEqual([
      `aws_mq_broker.B: security_groups sg-1 → sg-1, sg-2 ${waits}`,
    ]);
    expect(of(revision(1), revision(1))).toEqual([]);
  });
});

describe("guards", () => {
  test.each([
    ["aws_db_instance", { deletion_protection: true, skip_final_snapshot: true }, ["deletion_protection = true"]],
    ["aws_db_instance", { deletion_protection: false, skip_final_snapshot: false }, ["skip_final_snapshot = false"]],
    ["aws_db_instance", { deletion_protection: false, skip_final_snapshot: false, replicate_source_db: "db" }, []],
    ["aws_lb", { enable_deletion_protection: true }, ["enable_deletion_protection = true"]],
    ["aws_lb", { enable_deletion_protection: false }, []],
    ["aws_s3_bucket", { force_destroy: false }, ["force_destroy = false"]],
    ["aws_s3_bucket", { force_destroy: true }, []],
    ["aws_s3_bucket", { force_destroy: null }, ["force_destroy = null"]],
    ["aws_iam_user", { force_destroy: null }, ["force_destroy = null"]],
    ["aws_ecr_repository", { force_delete: false }, ["force_delete = false"]],
    ["aws_ecr_repository", {}, ["force_delete = undefined"]],
    ["aws_secretsmanager_secret", { recovery_window_in_days: 7 }, ["recovery_window_in_days = 7"]],
    ["aws_secretsmanager_secret", { recovery_window_in_days: 0 }, []],
    ["aws_sns_topic", { deletion_protection: true }, []],
  ])("of %s with %j", (type, values, expected) => {
    expect(guardsIn([{ address: `${type}.X`, type, values }]).map(({ by }) => by)).toEqual(expected);
  });

  test("are read from what a plan deletes, as AWS had it", () => {
    const plan = {
      resource_changes: [
        changeOf("aws_lb.Kept", ["update"], { before: { enable_deletion_protection: true } }),
        changeOf("aws_lb.Deleted", ["delete"], { before: { enable_deletion_protection: true } }),
      ],
    };
    expect(guardsOnDeleted(plan).map(({ address }) => address)).toEqual(["aws_lb.Deleted"]);
  });
});

describe("the families of an environment", () => {
  const scope = { project: "slipway", environment: "dev", environments: ["dev", "dev-two", "stage"] };

  test.each([
    ["slipway-dev-api", true],
    ["slipway-dev-migration", true],
    ["slipway-dev-two-api", false],
    ["slipway-stage-api", false],
    ["slipway-development-api", false],
    ["other-slipway-dev-api", false],
  ])("%s: %s", (family, expected) => {
    expect(isFamilyOf(family, scope)).toBe(expected);
  });
});

describe("the lines of Terraform", () => {
  const line = (fields: object): string => JSON.stringify({ "@level": "info", ...fields });

  test.each([
    ["apply_start", "start", 0],
    ["apply_progress", "progress", 10],
    ["apply_complete", "complete", 12],
    ["apply_errored", "errored", 13],
  ])("%s is a step of a resource", (type, phase, seconds) => {
    const hook = { resource: { addr: "aws_vpc.V" }, action: "create", elapsed_seconds: seconds };
    expect(parseUiLine(line({ type, hook }))).toEqual({
      kind: "resource",
      event: { address: "aws_vpc.V", action: "create", phase, seconds },
    });
  });

  test.each([
    ["create", 1],
    ["replace", 2],
  ])("a planned %s is %i steps", (action, steps) => {
    expect(parseUiLine(line({ type: "planned_change", change: { action } }))).toEqual({ kind: "planned", steps });
  });

  test("a diagnostic keeps its words and its place, and leaves the code out", () => {
    const diagnostic = {
      severity: "error",
      summary: "no",
      detail: "why",
      address: "aws_vpc.V",
      snippet: { code: "x" },
    };
    expect(parseUiLine(line({ type: "diagnostic", diagnostic }))).toEqual({
      kind: "diagnostic",
      diagnostic: { severity: "error", summary: "no", detail: "why", address: "aws_vpc.V" },
    });
  });

  test.each([
    ["not JSON"],
    ["{ half"],
    [""],
    ["[]"],
    ["{}"],
    [line({ type: "version" })],
    [line({ type: "apply_start", hook: {} })],
  ])("%j gives nothing", (text) => {
    expect(parseUiLine(text)).toBeUndefined();
  });

  test("become how far an apply is, and a line for what took long", () => {
    const written: string[] = [];
    const report = Report.to({ stderr: { write: (text) => written.push(text) }, stdout: { write: () => true } });
    const details: string[] = [];
    jest.spyOn(report, "progress").mockImplementation((detail) => void details.push(detail));
    const progress = new ApplyProgress(report);
    const step = (address: string, phase: "start" | "complete" | "errored", seconds: number): UiEvent => ({
      kind: "resource",
      event: { address, action: "create", phase, seconds },
    });
    progress.take({ kind: "planned", steps: 1 });
    progress.take({ kind: "planned", steps: 2 });
    progress.take(step("aws_vpc.V", "start", 0));
    progress.take(step("aws_lb.L", "start", 0));
    progress.take(step("aws_vpc.V", "complete", 3));
    progress.take(step("aws_lb.L", "complete", 61));
    progress.take(step("aws_eip.E", "errored", 5));
    expect(details).toContain("0 of 3 done, waiting for aws_vpc.V and 1 more");
    expect(details).toContain("1 of 3 done, waiting for aws_lb.L");
    expect(written).toEqual(["created aws_lb.L (1 min 1 s)\n", "failed to create aws_eip.E after 5.0 s\n"]);
  });
});
