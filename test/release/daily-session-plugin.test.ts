import { EventEmitter } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { exitCodes } from "../../ci/exit-codes";
import { Report } from "../../ci/report";
import { Interrupts } from "../../ci/terraform/interrupts";
import { SessionPlugin } from "../../ci/tools/session-plugin";
import { FakePrograms } from "./support/fake-programs";

const name = "session-manager-plugin";
const session = { sessionId: "person-0a1b", streamUrl: "wss://example.com/1", tokenValue: "the-token" };
const response = { SessionId: "person-0a1b", TokenValue: "the-token", StreamUrl: "wss://example.com/1" };
const request = { Target: "ecs:c_t_r" };

let programs: FakePrograms;
let signals: EventEmitter;
let interrupts: Interrupts;
beforeEach(() => {
  programs = new FakePrograms();
  signals = new EventEmitter();
  const silent = { write: () => true };
  interrupts = new Interrupts(Report.to({ stderr: silent, stdout: silent }), signals);
});
afterEach(() => programs.remove());

function find(env: Readonly<Record<string, string>> = {}): Promise<SessionPlugin> {
  return SessionPlugin.find({ env: { PATH: programs.bin, ...env }, interrupts, region: "eu-west-1" });
}

function plugin(version: string, behaviour = ""): void {
  programs.add(
    name,
    `if (args[0] === "--version") { console.log("${version}"); process.exit(0); }
     write(${JSON.stringify(path.join(programs.folder, "variable"))}, process.env.AWS_SSM_START_SESSION_RESPONSE ?? "none");
     ${behaviour}`,
  );
}

function variable(): string {
  return readFileSync(path.join(programs.folder, "variable"), "utf8");
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(10);
}

test("a plugin that is missing is asked for by name, with the way to get it", async () => {
  await expect(find()).rejects.toMatchObject({
    exitCode: exitCodes.usage,
    message: expect.stringMatching(/^session-manager-plugin is not on PATH, .*: install it \(macOS: brew install/),
  });
});

test.each(["1.2.498.0", "1.3.0.0", "2.0.0.0"])(
  "version %s gets the token where other processes do not see it",
  async (version) => {
    plugin(version);
    expect(await (await find({ AWS_PROFILE: "dev" })).run(session, request)).toBe(0);
    expect(programs.calls.at(-1)?.args).toEqual([
      "AWS_SSM_START_SESSION_RESPONSE",
      "eu-west-1",
      "StartSession",
      "dev",
      JSON.stringify(request),
      "https://ssm.eu-west-1.amazonaws.com",
    ]);
    expect(JSON.parse(variable())).toEqual(response);
  },
);

test.each(["1.2.497.0", "1.1.999.9", "", "unknown"])("version %j takes it as an argument", async (version) => {
  plugin(version);
  await (await find({ AWS_ENDPOINT_URL: "http://127.0.0.1:1" })).run(session, request);
  const [first, , , profile, , endpoint] = programs.calls.at(-1)?.args ?? [];
  expect(JSON.parse(first ?? "")).toEqual(response);
  expect([profile, endpoint, variable()]).toEqual(["", "http://127.0.0.1:1", "none"]);
});

test("its exit code is given back", async () => {
  plugin("1.2.700.0", "process.exit(7)");
  expect(await (await find()).run(session, request)).toBe(7);
});

test("Ctrl-C is the session's: neither it nor the command is stopped", async () => {
  const go = path.join(programs.folder, "go");
  plugin(
    "1.2.700.0",
    `const wait = () => (fs.existsSync(${JSON.stringify(go)}) ? process.exit(0) : setTimeout(wait, 10)); wait();`,
  );
  const running = (await find()).run(session, request);
  await until(() => existsSync(path.join(programs.folder, "variable")));
  signals.emit("SIGINT");
  signals.emit("SIGINT");
  expect(interrupts.interrupted).toBe(false);
  writeFileSync(go, "");
  expect(await running).toBe(0);
  signals.emit("SIGINT");
  expect(interrupts.interrupted).toBe(true);
});

test("a machine that stops the command stops the session", async () => {
  plugin("1.2.700.0", "setInterval(() => undefined, 1000);");
  const running = (await find()).run(session, request);
  await until(() => existsSync(path.join(programs.folder, "variable")));
  signals.emit("SIGTERM");
  await expect(running).rejects.toMatchObject({ exitCode: exitCodes.interrupted });
});
