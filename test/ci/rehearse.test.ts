import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { deflateRawSync } from "node:zlib";
import { CommandError, InterruptedError } from "../../ci/exit-codes";
import { judge, type PlannedDrill } from "../../ci/rehearse/drill";
import { driftIn, type EmulatorGap, unlisted, unusedGaps } from "../../ci/rehearse/drift";
import { Halt } from "../../ci/rehearse/halt";
import { outputProblems } from "../../ci/rehearse/outputs";
import { Recorder } from "../../ci/rehearse/recorder";
import { emptyResult, tableOf } from "../../ci/rehearse/result";
import { haystacksOf, leaksIn, secretTexts } from "../../ci/rehearse/secret-scan";
import { sideBySide } from "../../ci/rehearse/side-by-side";
import { awsVariables, terraformVariables } from "../../ci/rehearse/variables";
import { unzip } from "../../ci/rehearse/zip";
import { Report } from "../../ci/report";
import type { Action, Change, PlanJson, ResourceChange } from "../../ci/terraform/json";

const quiet = Report.to({ stderr: { write: () => true }, stdout: { write: () => true } });

function change(address: string, actions: readonly Action[], more: Partial<Change> = {}): ResourceChange {
  const [type = "", name = ""] = address.split(".");
  return {
    address,
    type,
    name,
    mode: type === "data" ? "data" : "managed",
    change: { actions, before: {}, after: {}, ...more },
  };
}

function plan(...changes: readonly ResourceChange[]): PlanJson {
  return { resource_changes: changes };
}

describe("drift", () => {
  test("there is none where nothing is to be done", () => {
    expect(driftIn({})).toEqual([]);
    expect(driftIn(plan(change("aws_vpc.A", ["no-op"]), change("data.aws_ami.A", ["read"])))).toEqual([]);
    expect(driftIn({ output_changes: { url: { actions: ["no-op"], before: "a", after: "a" } } })).toEqual([]);
  });

  test("names each field that differs, down to the place in a list", () => {
    const before = { name: "a", tags: { x: "1" }, rule: [{ type: "forward", port: 80 }], same: [1], gone: null };
    const after = { name: "a", tags: { x: "2" }, rule: [{ type: "redirect", port: 80 }], same: [1] };
    expect(driftIn(plan(change("aws_lb.A", ["update"], { before, after, after_unknown: { arn: true } })))).toEqual([
      { resource: "aws_lb.A", field: "tags.x" },
      { resource: "aws_lb.A", field: "rule[0].type" },
      { resource: "aws_lb.A", field: "arn" },
    ]);
  });

  test("names what is to be replaced as a whole, and changed outputs", () => {
    expect(
      driftIn({
        ...plan(change("aws_vpc.A", ["delete", "create"])),
        output_changes: { url: { actions: ["update"], before: "a", after: "b" } },
      }),
    ).toEqual([
      { resource: "aws_vpc.A", field: "delete/create" },
      { resource: "output.url", field: "value" },
    ]);
  });

  test("an update in which this sees no field is drift all the same", () => {
    expect(driftIn(plan(change("aws_vpc.A", ["update"])))).toEqual([{ resource: "aws_vpc.A", field: "update" }]);
  });

  const gap: EmulatorGap = { resource: "aws_launch_template.*", field: "tags", reason: "forgotten" };

  test("a listed gap covers its field and what is below, of its resource alone", () => {
    const covered = [
      { resource: "aws_launch_template.A", field: "tags" },
      { resource: "aws_launch_template.B", field: "tags.x" },
      { resource: "aws_launch_template.B", field: "tags[0]" },
    ];
    const others = [
      { resource: "aws_launch_template.A", field: "tags_all" },
      { resource: "aws_vpc.A", field: "tags" },
      { resource: "data.aws_launch_template.A", field: "tags" },
    ];
    expect(unlisted([...covered, ...others], [gap])).toEqual(others);
  });

  test("a gap is unused when an environment has the resource and none shows it", () => {
    const shows = {
      addresses: ["aws_launch_template.A"],
      drift: [{ resource: "aws_launch_template.A", field: "tags" }],
    };
    const doesNot = { addresses: ["aws_launch_template.A"], drift: [] };
    const hasNone = { addresses: ["aws_vpc.A"], drift: [] };
    expect(unusedGaps([gap], [doesNot, hasNone])).toEqual([gap]);
    expect(unusedGaps([gap], [doesNot, shows])).toEqual([]);
    expect(unusedGaps([gap], [hasNone])).toEqual([]);
  });
});

describe("a drill's plan", () => {
  const drill: PlannedDrill = {
    name: "add",
    change: (configured) => configured,
    expects: [{ address: "aws_subnet.*", action: "create" }],
    mayReplace: [{ address: "aws_ecs_task_definition.*", because: "a revision cannot be changed" }],
    mayDelete: [{ address: "aws_route.Old", because: "it leads elsewhere" }],
    losesData: [{ address: "aws_cloudwatch_log_group.Gone*", because: "asked for" }],
  };
  const added = change("aws_subnet.C", ["create"]);

  test("passes when it does what is expected and nothing unlisted goes", () => {
    const verdict = judge(
      drill,
      plan(
        added,
        change("aws_lb.A", ["update"]),
        change("aws_ecs_task_definition.A", ["create", "delete"]),
        change("aws_route.Old", ["delete"]),
        change("aws_cloudwatch_log_group.Gone_1", ["delete"]),
        change("aws_vpc.A", ["no-op"]),
      ),
    );
    expect(verdict).toEqual({ replaced: ["aws_ecs_task_definition.A"], problems: [] });
  });

  test("fails when it replaces or deletes what holds data, even if that is listed as replaceable", () => {
    const listed = { ...drill, mayReplace: [{ address: "aws_db_instance.*", because: "no reason is good enough" }] };
    const replaced = change("aws_db_instance.A", ["delete", "create"], { replace_paths: [["storage_encrypted"]] });
    expect(judge(listed, plan(added, replaced, change("aws_s3_bucket.A", ["delete"]))).problems).toEqual([
      "replaces aws_db_instance.A, which holds what cannot be brought back (forced by storage_encrypted)",
      "deletes aws_s3_bucket.A, which holds what cannot be brought back",
    ]);
  });

  test("fails when it replaces, deletes or forgets what is not listed", () => {
    expect(
      judge(drill, plan(added, change("aws_route.A", ["delete", "create"]), change("aws_route.B", ["forget"])))
        .problems,
    ).toEqual([
      "replaces aws_route.A, which is not listed with a reason in test/support/drills.ts",
      "deletes aws_route.B, which is not listed with a reason in test/support/drills.ts",
    ]);
  });

  test("fails when it does not do what the drill is about", () => {
    expect(judge(drill, plan(change("aws_subnet.A", ["no-op"]))).problems).toEqual([
      "should create aws_subnet.*, and does not",
    ]);
    expect(judge({ ...drill, expects: "no change" }, plan(added)).problems).toEqual([
      "should change nothing, and plans to create aws_subnet.C",
    ]);
    expect(judge({ ...drill, expects: "no change" }, plan(change("aws_subnet.A", ["no-op"]))).problems).toEqual([]);
  });
});

describe("the search for secrets", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "slipway-scan-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const secret = `pa"ss<w>&rd/1`;
  const found = (content: string): Promise<string[]> =>
    leaksIn([{ name: "state", content: Buffer.from(content) }], [secret]);

  test("finds a value however it is written", async () => {
    expect(await found(secret)).toEqual(["state"]);
    expect(await found(JSON.stringify({ password: secret }))).toEqual(["state"]);
    expect(await found(JSON.stringify({ body: JSON.stringify({ password: secret }) }))).toEqual(["state"]);
    expect(await found(`"pa\\"ss\\u003cw\\u003e\\u0026rd/1"`)).toEqual(["state"]);
    expect(await found(`postgresql://app:${encodeURIComponent(secret)}@db`)).toEqual(["state"]);
    expect(await found(Buffer.from(secret).toString("base64"))).toEqual(["state"]);
    expect(await found("nothing of the kind")).toEqual([]);
  });

  test("looks for whole values and for the secret fields in them, but not for what may stand anywhere", () => {
    const value = JSON.stringify({ user: "app_1_user", password: "correct horse", host: "db.example.com", port: 5432 });
    expect(secretTexts([value, value, "short"])).toEqual([value, "correct horse"]);
    expect(secretTexts(["{not json at all"])).toEqual(["{not json at all"]);
  });

  test("looks inside a saved plan, which is a zip archive", async () => {
    const file = path.join(folder, "dev.tfplan");
    writeFileSync(file, zip({ tfplan: "harmless", tfstate: JSON.stringify({ password: secret }).repeat(50) }));
    expect(readFileSync(file).includes("ss")).toBe(false);
    expect(await leaksIn(haystacksOf(file), [secret])).toEqual(["dev.tfplan!tfstate"]);
  });

  test("a file that is not there holds nothing", () => {
    expect(haystacksOf(path.join(folder, "missing"))).toEqual([]);
  });
});

describe("zip archives", () => {
  test("are read entry by entry, packed and stored", () => {
    const entries = unzip(zip({ a: "first ".repeat(100), b: "" }, { stored: "as it is" }));
    expect(entries.map(({ name, content }) => [name, content.toString()])).toEqual([
      ["a", "first ".repeat(100)],
      ["b", ""],
      ["stored", "as it is"],
    ]);
  });

  test("that are none are refused", () => {
    expect(() => unzip(Buffer.from("text"))).toThrow("not a zip archive");
  });
});

describe("outputs", () => {
  test("are complete when each promised one says something", () => {
    expect(outputProblems(["url", "names", "count"], { url: "http://a", names: { app: "x" }, count: 0 })).toEqual([]);
    expect(outputProblems(["url", "names", "ids", "parts"], { names: {}, ids: "", parts: ["a", ""] })).toEqual([
      "output url is missing",
      "output names is empty: {}",
      'output ids is empty: ""',
      'output parts is empty: ["a",""]',
    ]);
  });
});

describe("halting", () => {
  const running = (): { readonly halt: Halt; readonly ended: Promise<NodeJS.Signals | null> } => {
    const halt = new Halt(quiet);
    const child = halt.spawn("/bin/sh", ["-c", "sleep 60 & wait"], {
      cwd: "/",
      env: { PATH: process.env["PATH"] ?? "" },
    });
    return { halt, ended: new Promise((resolve) => child.once("close", (_code, signal) => resolve(signal))) };
  };

  test("kills what runs together with its children, and tells the cause instead of what broke", async () => {
    const { halt, ended } = running();
    const work = halt.guard(async () => {
      await ended;
      throw new Error("the child was killed");
    });
    halt.stop(new CommandError("the emulator is dead"));
    halt.stop(new CommandError("and this came later"));
    await expect(work).rejects.toThrow("the emulator is dead");
    expect(await ended).toBe("SIGKILL");
    expect(halt.signal.aborted).toBe(true);
    expect(() => halt.spawn("/bin/true", [], { cwd: "/", env: {} })).toThrow("the emulator is dead");
  });

  test("tells a person's wish from a failure", () => {
    const failed = new Halt(quiet);
    failed.stop(new CommandError("broken"));
    expect([failed.interrupted, failed.isGivenUp]).toEqual([true, false]);
    const given = new Halt(quiet);
    given.stop(new InterruptedError());
    expect([given.interrupted, given.isGivenUp]).toEqual([true, true]);
  });
});

describe("the variables of a rehearsal", () => {
  const options = { url: "http://127.0.0.1:5000", account: "111111111111", region: "us-east-1", directory: "/tmp/run" };

  test("send everything to the emulator, as the environment's account", () => {
    expect(awsVariables(options)).toMatchObject({
      AWS_ENDPOINT_URL: "http://127.0.0.1:5000",
      AWS_ACCESS_KEY_ID: "111111111111",
      AWS_REGION: "us-east-1",
      HTTP_PROXY: "http://127.0.0.1:5000",
    });
  });

  test("let nothing through that would send something elsewhere", () => {
    const env = {
      PATH: "/bin",
      HOME: "/home/me",
      AWS_PROFILE: "production",
      AWS_ENDPOINT_URL_RDS: "http://elsewhere",
      AWS_SESSION_TOKEN: "token",
      TF_CLI_ARGS: "-lock=false",
      TF_VAR_x: "1",
      SLIPWAY_STATE_BUCKET: "production@us-east-1",
      http_proxy: "http://proxy",
      HTTPS_PROXY: "http://proxy",
      NO_PROXY: "*,mirror.test",
    };
    const variables = terraformVariables({ ...options, env });
    const foreign = [
      "AWS_PROFILE",
      "AWS_ENDPOINT_URL_RDS",
      "AWS_SESSION_TOKEN",
      "TF_CLI_ARGS",
      "TF_VAR_x",
      "SLIPWAY_STATE_BUCKET",
      "http_proxy",
    ];
    expect(Object.keys(variables).filter((name) => foreign.includes(name))).toEqual([]);
    expect(variables).toMatchObject({
      PATH: "/bin",
      HOME: "/home/me",
      HTTPS_PROXY: "http://proxy",
      NO_PROXY: "mirror.test",
    });
  });
});

describe("the record", () => {
  test("holds every step with what it found, and the failure that it ended with", async () => {
    const { steps } = emptyResult("dev", "Terraform 1.11.4", "hashicorp/aws 5.100.0");
    const recorder = new Recorder(quiet, steps);
    const result = await recorder.step("one", (detail) => {
      detail("3 found");
      return Promise.resolve("applied");
    });
    expect(result).toBe("applied");
    await expect(recorder.step("two", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(steps).toEqual([
      { name: "one", ok: true, seconds: expect.any(Number), detail: "3 found" },
      { name: "two", ok: false, seconds: expect.any(Number), detail: "broken" },
    ]);
  });

  test("becomes a table", () => {
    const dev = emptyResult("dev", "Terraform 1.11.4", "hashicorp/aws 5.100.0");
    dev.ok = true;
    dev.resources = 71;
    dev.seconds = 301.4;
    dev.steps.push(
      { name: "apply dev", ok: true, seconds: 97.2 },
      { name: "plan again", ok: true, seconds: 6 },
      { name: "destroy dev", ok: true, seconds: 66 },
    );
    dev.drills.push({ name: "add a zone", ok: true, replaced: [] });
    dev.releases.push({ name: "first release", ok: true, seconds: 6 }, { name: "rollback", ok: false, seconds: 6 });
    const stage = emptyResult("stage", "Terraform 1.11.4", "hashicorp/aws 5.100.0");
    stage.steps.push({ name: "apply stage", ok: false, seconds: 3 });
    expect(tableOf([dev, stage])).toBe(
      [
        "| environment | resources | apply  | second plan | releases | drills | destroy | in all | result |",
        "| ----------- | --------- | ------ | ----------- | -------- | ------ | ------- | ------ | ------ |",
        "| dev         | 71        | 97 s   | empty       | 1 of 2   | 1 of 1 | 66 s    | 301 s  | ok     |",
        "| stage       | 0         | failed | -           | -        | -      | -       | 0 s    | failed |",
      ].join("\n"),
    );
  });
});

describe("side by side", () => {
  test("all are worked on in any order, never more at a time than allowed, and give their results in order", async () => {
    let atOnce = 0;
    let most = 0;
    const results = await sideBySide([3, 1, 2, 1], 2, async (turns) => {
      most = Math.max(most, (atOnce += 1));
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      atOnce -= 1;
      return `${turns} turns`;
    });
    expect(results).toEqual(["3 turns", "1 turns", "2 turns", "1 turns"]);
    expect(most).toBe(2);
  });

  test("a failure is told", async () => {
    await expect(sideBySide([1, 2], 2, (item) => Promise.reject(new Error(`no ${item}`)))).rejects.toThrow("no 1");
  });
});

/** A zip archive with packed and with stored entries; only what a reader looks at is filled in. */
function zip(packed: Readonly<Record<string, string>>, stored: Readonly<Record<string, string>> = {}): Buffer {
  const entries = [
    ...Object.entries(packed).map(([name, text]) => ({ name, method: 8, content: deflateRawSync(text) })),
    ...Object.entries(stored).map(([name, text]) => ({ name, method: 0, content: Buffer.from(text) })),
  ];
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, method, content } of entries) {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(method, 10);
    record.writeUInt32LE(content.length, 20);
    record.writeUInt16LE(name.length, 28);
    record.writeUInt32LE(offset, 42);
    directory.push(record, Buffer.from(name));
    files.push(local, Buffer.from(name), content);
    offset += 30 + name.length + content.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, ...directory, end]);
}
