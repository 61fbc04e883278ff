import { spawnSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { exitCodes, InterruptedError } from "../../ci/exit-codes";
import { Report } from "../../ci/report";
import { Interrupts, type Stoppable } from "../../ci/terraform/interrupts";
import { QuietMoment } from "../../ci/terraform/quiet-moment";
import type { ResourceEvent, UiEvent } from "../../ci/terraform/ui-stream";

// stands for Terraform: writes down every signal, and takes a moment to finish what it has begun
const script = `
const fs = require("node:fs");
const log = (line) => fs.appendFileSync(process.argv[2], line + "\\n");
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {
  log(signal);
  setTimeout(() => process.exit(1), 150);
});
log("group " + require("node:child_process").execSync("ps -o pgid= -p " + process.pid).toString().trim());
setInterval(() => {}, 1000);
console.log("ready");
`;

let folder: string;
let source: EventEmitter;
let said: string[];
let interrupts: Interrupts;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "slipway-interrupts-"));
  writeFileSync(path.join(folder, "child.cjs"), script);
  source = new EventEmitter();
  said = [];
  const report = Report.to({ stderr: { write: (text) => said.push(text) }, stdout: { write: () => true } });
  interrupts = new Interrupts(report, source);
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

async function start(stoppable?: Stoppable): Promise<{
  readonly log: () => string[];
  readonly pid: number | undefined;
  readonly ended: Promise<unknown>;
}> {
  const file = path.join(folder, "signals");
  const child = interrupts.spawn(process.execPath, [path.join(folder, "child.cjs"), file], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "" },
    ...(stoppable === undefined ? {} : { stoppable }),
  });
  const ended = once(child, "close");
  if (child.stdout === null) throw new Error("no output");
  await once(child.stdout, "data");
  return { log: () => readFileSync(file, "utf8").trim().split("\n"), pid: child.pid, ended };
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"])(
  "%s becomes one SIGINT to Terraform, in a process group of its own",
  async (signal) => {
    const { log, pid, ended } = await start();
    source.emit(signal);
    await ended;
    expect(log()).toEqual([`group ${pid}`, "SIGINT"]);
    expect(interrupts.interrupted).toBe(true);
  },
);

test("the same signal passed on by npm is not a second one, and a second one only explains", async () => {
  const clock = jest.spyOn(Date, "now");
  const { log, ended } = await start();
  clock.mockReturnValue(1_000_000);
  source.emit("SIGINT");
  clock.mockReturnValue(1_000_010);
  source.emit("SIGINT");
  expect(said).toHaveLength(1);
  clock.mockReturnValue(1_002_000);
  source.emit("SIGTERM");
  expect(said[1]).toContain("still stopping: Terraform finishes what it has begun and saves the state");
  await ended;
  expect(log().slice(1)).toEqual(["SIGINT"]);
});

test("every child that works side by side is asked once", async () => {
  const [one, other] = await Promise.all([start(), start()]);
  source.emit("SIGINT");
  await Promise.all([one.ended, other.ended]);
  expect(one.log().filter((line) => line === "SIGINT")).toHaveLength(2);
});

test("a child that cannot be stopped yet is asked as soon as it can", async () => {
  let begin = (): void => undefined;
  const { log, ended } = await start(() => new Promise((resolve) => (begin = resolve)));
  source.emit("SIGTERM");
  await pause(100);
  expect(log()).toHaveLength(1);
  begin();
  await ended;
  expect(log().slice(1)).toEqual(["SIGINT"]);
});

test.each([
  ["SIGTERM", true],
  ["SIGINT", false],
])("a second %s hurries a child that cannot be stopped yet: %s", async (second, hurries) => {
  const clock = jest.spyOn(Date, "now");
  let hurry: AbortSignal | undefined;
  let begin = (): void => undefined;
  const { ended } = await start((signal) => {
    hurry = signal;
    return new Promise((resolve) => (begin = resolve));
  });
  clock.mockReturnValue(1_000_000);
  source.emit("SIGINT");
  clock.mockReturnValue(1_002_000);
  source.emit(second);
  expect(hurry?.aborted).toBe(hurries);
  begin();
  await ended;
});

describe("an apply can be stopped", () => {
  let moment: QuietMoment;
  let clock: jest.SpyInstance<number>;
  const event = (address: string, action: string, phase: ResourceEvent["phase"]): UiEvent => ({
    kind: "resource",
    event: { address, action, phase, seconds: 0 },
  });
  /** Whether it can be by now; asks for longer than it takes to find out. */
  const canBe = (hurry = new AbortController().signal): Promise<boolean> =>
    Promise.race([moment.reached(hurry).then(() => true), pause(250).then(() => false)]);

  beforeEach(() => {
    moment = new QuietMoment();
    clock = jest.spyOn(Date, "now").mockReturnValue(1_000_000);
  });
  afterEach(() => moment.end());

  test("not while the plugins are loaded, however long that takes", async () => {
    expect(await canBe(AbortSignal.abort())).toBe(false);
    moment.take({ kind: "planned", steps: 1 });
    expect(await canBe(AbortSignal.abort())).toBe(false);
  });

  test("not in the first seconds of something being created, unless it has to be", async () => {
    moment.take(event("aws_db_instance.D", "create", "start"));
    clock.mockReturnValue(1_009_000);
    expect(await canBe()).toBe(false);
    expect(await canBe(AbortSignal.abort())).toBe(true);
    clock.mockReturnValue(1_010_000);
    expect(await canBe()).toBe(true);
  });

  test.each(["complete", "errored"] as const)("when what is young is %s", async (phase) => {
    moment.take(event("aws_vpc.V", "create", "start"));
    moment.take(event("aws_vpc.V", "create", phase));
    expect(await canBe()).toBe(true);
  });

  test.each(["delete", "update"])("while something begins to %s, which is in the state", async (action) => {
    moment.take(event("aws_vpc.V", action, "start"));
    expect(await canBe()).toBe(true);
  });
});

test("nothing new is begun afterwards", () => {
  source.emit("SIGINT");
  expect(() => interrupts.spawn(process.execPath, [], { cwd: folder, env: {} })).toThrow(InterruptedError);
  expect(() => interrupts.check()).toThrow(InterruptedError);
});

test("waiting ends at once, and a finished wait is not disturbed", async () => {
  await expect(interrupts.race(Promise.resolve(7))).resolves.toBe(7);
  const waiting = interrupts.pause(60_000);
  source.emit("SIGTERM");
  await expect(waiting).rejects.toThrow(InterruptedError);
});

test("the signals are given back", () => {
  interrupts.dispose();
  expect(source.listenerCount("SIGINT") + source.listenerCount("SIGTERM") + source.listenerCount("SIGHUP")).toBe(0);
});

test("one that comes when the command is about to end does not take its exit code", () => {
  const preload = path.join(folder, "signal-at-the-end.cjs");
  writeFileSync(
    preload,
    `const off = process.off;
     process.off = function (name, ...rest) {
       const result = off.call(process, name, ...rest);
       if (name === "SIGHUP") for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.kill(process.pid, signal);
       return result;
     };`,
  );
  const { status, signal } = spawnSync(
    process.execPath,
    ["--require", "tsx/cjs", "--require", preload, "ci/main.ts", "costs", "nowhere"],
    { cwd: path.resolve(__dirname, "../.."), env: { PATH: process.env["PATH"] ?? "" } },
  );
  expect({ status, signal }).toEqual({ status: exitCodes.usage, signal: null });
});

test("what was given up at a signal may fail later, and nobody hears of it", async () => {
  const unheard: unknown[] = [];
  const hear = (reason: unknown): void => void unheard.push(reason);
  process.on("unhandledRejection", hear);
  try {
    source.emit("SIGINT");
    const late = pause(20).then(() => Promise.reject(new Error("late")));
    await expect(interrupts.race(late)).rejects.toThrow(InterruptedError);
    await pause(60);
    expect(unheard).toEqual([]);
  } finally {
    process.off("unhandledRejection", hear);
  }
});
