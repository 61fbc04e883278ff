import { CommandError } from "../../ci/exit-codes";
import type { FoundLine } from "../../ci/aws/log-search";
import { databaseLoginOf } from "../../ci/release/database-login";
import { durationMs } from "../../ci/release/duration";
import { LogTail, type TailedLine } from "../../ci/release/log-tail";
import { shellLine } from "../../ci/release/shell-words";
import { countProblem, countText, desiredWithin, taskCount } from "../../ci/release/task-count";
import { loginOfSecret, loginSecretName } from "../../constructs/shared/database-names";

function refused(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
  throw new Error("not refused");
}

describe("a duration", () => {
  test.each([
    ["90s", 90_000],
    ["15m", 900_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["0s", 0],
  ])("%s is %d ms", (text, ms) => expect(durationMs("--since", text)).toBe(ms));

  test.each(["15", "m", "1.5h", "-1m", "1w", "15 m", "1234567s"])("%s is refused", (text) => {
    expect(refused(() => durationMs("--since", text))).toBe(
      `--since must be a number and s, m, h or d, such as 15m, got ${text}`,
    );
  });
});

describe("a number of tasks", () => {
  test.each([
    ["0", { min: 0, max: 0 }, "0"],
    ["3", { min: 3, max: 3 }, "3"],
    ["2-6", { min: 2, max: 6 }, "2 to 6"],
    ["0-5000", { min: 0, max: 5000 }, "0 to 5000"],
  ])("%s", (text, count, told) => {
    expect(taskCount(text)).toEqual(count);
    expect(countText(taskCount(text))).toBe(told);
  });

  test.each(["", "-1", "6-2", "5001", "2-", "a", "1-2-3", "1.5"])("%j is refused", (text) => {
    expect(refused(() => taskCount(text))).toContain(`got ${text}`);
  });

  test.each([
    [1, 2],
    [4, 4],
    [9, 6],
  ])("%d tasks become %d in 2-6", (desired, expected) => {
    expect(desiredWithin(desired, { min: 2, max: 6 })).toBe(expected);
  });

  test("a fixed service takes no range, and says where one is set", () => {
    const fixed = { scalableTarget: null, minTasks: 2 };
    expect(countProblem("web", "dev", fixed, { min: 3, max: 3 })).toBeUndefined();
    expect(countProblem("web", "dev", { ...fixed, scalableTarget: "x" }, { min: 2, max: 6 })).toBeUndefined();
    expect(countProblem("web", "dev", fixed, { min: 2, max: 6 })).toBe(
      "web has a fixed size (2) and takes one number: for a range raise maxTasks above minTasks in environments/dev.ts, and deploy",
    );
  });
});

test.each([
  [["/bin/sh"], "/bin/sh"],
  [["npm", "run", "migrate"], "npm run migrate"],
  [["node", "-e", "console.log('a b')"], `node -e 'console.log('\\''a b'\\'')'`],
  [["echo", ""], "echo ''"],
  [["sh", "-c", "echo $HOME | wc"], "sh -c 'echo $HOME | wc'"],
])("the words %j are the line %s", (words, line) => {
  expect(shellLine(words)).toBe(line);
});

describe("the login of a task", () => {
  const arn = `arn:aws:secretsmanager:eu-west-1:123456789012:secret:/shop/dev/${loginSecretName("app", 2, 13)}-AbCdEf`;
  const definition = (valueFrom: string): Parameters<typeof databaseLoginOf>[0] => ({
    containerDefinitions: [{ name: "sidecar" }, { name: "app", secrets: [{ name: "DATABASE_PASSWORD", valueFrom }] }],
  });

  test("is read from the secret that it names, without reading it", () => {
    const login = { user: "app_13", generation: 2, secretArn: arn };
    expect(databaseLoginOf(definition(`${arn}:password::`), "app")).toEqual(login);
    expect(databaseLoginOf(definition(arn), "app")).toEqual(login);
  });

  test.each([
    ["app", arn.replace("app-2-13", "master-2")],
    ["app", arn.replace("-AbCdEf", "")],
    ["sidecar", arn],
    ["none", arn],
  ])("is none for %s with %s", (container, valueFrom) => {
    expect(databaseLoginOf(definition(valueFrom), container)).toBeUndefined();
    expect(loginOfSecret("")).toBeUndefined();
  });
});

describe("the tail of a log group", () => {
  const line = (id: string, timestamp: number): FoundLine => ({
    id,
    timestamp,
    stream: "ecs/app/0a1b2c",
    text: `line ${id}`,
  });

  /** What a tail asks for, and tells, when looks find these pages. */
  async function tailed(...looks: FoundLine[][][]): Promise<{ asked: unknown[]; told: string[][] }> {
    const asked: unknown[] = [];
    const told: string[][] = [];
    const waiting = [...looks];
    const tail = new LogTail({
      search: {
        async *pages(query) {
          asked.push(query);
          yield* await Promise.resolve(waiting.shift() ?? []);
        },
      },
      source: { name: "web", logGroup: "/shop/dev/tasks/web" },
      from: 1_000_000,
      containing: undefined,
    });
    while (told.length < looks.length) {
      const lines: TailedLine[] = [];
      for await (const found of tail.look()) lines.push(found);
      told.push(lines.map(({ text }) => text));
    }
    return { asked, told };
  }

  test("tells each line once, also those that come late", async () => {
    const { told } = await tailed(
      [[line("a", 1_100_000)], [line("b", 1_100_001)]],
      [[line("late", 1_095_000), line("a", 1_100_000), line("b", 1_100_001), line("c", 1_100_002)]],
      [[line("late", 1_095_000), line("a", 1_100_000), line("c", 1_100_002)]],
    );
    expect(told).toEqual([["line a", "line b"], ["line late", "line c"], []]);
  });

  test("looks back twenty seconds from the newest line, and never before the beginning", async () => {
    const { asked } = await tailed([[line("a", 1_010_000)]], [[line("b", 1_100_000)]], []);
    expect(asked).toEqual([
      { logGroup: "/shop/dev/tasks/web", from: 1_000_000 },
      { logGroup: "/shop/dev/tasks/web", from: 1_000_000 },
      { logGroup: "/shop/dev/tasks/web", from: 1_080_000 },
    ]);
  });

  test("takes task and container from the stream", async () => {
    const tail = new LogTail({
      search: {
        async *pages() {
          yield await Promise.resolve([line("a", 5), { ...line("b", 6), stream: "odd" }]);
        },
      },
      source: { name: "web", logGroup: "x" },
      from: 0,
      containing: "line",
    });
    const lines: TailedLine[] = [];
    for await (const found of tail.look()) lines.push(found);
    expect(lines).toEqual([
      { service: "web", task: "0a1b2c", container: "app", timestamp: 5, text: "line a" },
      { service: "web", task: "odd", container: "", timestamp: 6, text: "line b" },
    ]);
  });
});
