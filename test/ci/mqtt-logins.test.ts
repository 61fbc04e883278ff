import * as fc from "fast-check";
import { InterruptedError } from "../../ci/exit-codes";
import { Hidden } from "../../ci/hidden";
import { converge } from "../../ci/mqtt/converge";
import { type Aim, type Facts, type Move, nextMoves, rotationMoves } from "../../ci/mqtt/login-plan";
import { loginIn, loginValue, newPassword } from "../../ci/mqtt/login-value";
import { LoginWorld } from "../../ci/mqtt/login-world";
import { isNobodys, previousLogin } from "../../ci/mqtt/tell-logins";
import { Report } from "../../ci/report";
import { type Fault, LoginAccount } from "./support/login-account";

const names = ["server", "sensor", "pump"] as const;
const logs = { audit: true, general: true };
const interrupts = { check: () => {}, pause: () => Promise.resolve() };

type Task =
  | { readonly kind: "sync" }
  | { readonly kind: "rotate"; readonly client: string }
  | { readonly kind: "retire"; readonly client: string };

interface Outcome {
  readonly ended: boolean;
  readonly said: string;
  /** The login that a retirement has taken away. */
  readonly previous: string | undefined;
}

/** One run of a command, to its end or to its fault. */
async function run(account: LoginAccount, clients: readonly string[], task: Task, fault?: Fault): Promise<Outcome> {
  account.begin(fault);
  account.watch = invariants(account, clients);
  let said = "";
  const report = Report.to({
    stderr: { write: (text) => (said += text) },
    stdout: { write: (text) => (said += text) },
  });
  const world = new LoginWorld({ broker: account, secret: (name) => account.secret(name) }, clients, logs);
  let previous: string | undefined;
  try {
    const facts = await world.facts(() => {});
    previous = task.kind === "retire" ? previousLogin(facts, task.client) : undefined;
    const [gone, isStranger] = [previous, isNobodys(clients)];
    const unwanted = (login: string): boolean => isStranger(login) || login === gone;
    const aim = { unwanted, restored: new Set<string>() };
    const moves = task.kind === "rotate" ? rotationMoves(facts, aim, task.client) : nextMoves(facts, aim);
    await converge({ facts, moves }, { world, unwanted, report, interrupts });
    return { ended: true, said, previous };
  } catch (error) {
    if (error instanceof InterruptedError) return { ended: false, said, previous };
    throw error;
  } finally {
    account.restarting = 0;
  }
}

/** What holds after every single change; throws, which ends the run and the test. */
function invariants(account: LoginAccount, clients: readonly string[]): () => void {
  const lettingIn = new Map(clients.map((client) => [client, account.letsIn(client)]));
  const reads = new Map(clients.map((client) => [client, account.read(client)?.username]));
  // what somebody else has changed and not yet restarted for is theirs
  const meddled = new Set(
    clients.filter((client) => account.waiting.get(account.read(client)?.username ?? "")?.change === "DELETE"),
  );
  return () => {
    for (const client of clients) {
      const now = account.letsIn(client);
      // nobody is ever given a login that the running broker does not know
      if (account.read(client)?.username !== reads.get(client)) expect(now).toBe(true);
      if (lettingIn.get(client) === true && !meddled.has(client)) expect(now).toBe(true);
      lettingIn.set(client, now);
      reads.set(client, account.read(client)?.username);
    }
  };
}

const fault: fc.Arbitrary<Fault | undefined> = fc.option(
  fc.record({ call: fc.nat(45), when: fc.constantFrom("before" as const, "after" as const) }),
  { nil: undefined },
);
const client = fc.constantFrom(...names);
const task: fc.Arbitrary<Task> = fc.oneof(
  fc.record({ kind: fc.constant("sync" as const) }),
  fc.record({ kind: fc.constant("rotate" as const), client }),
  fc.record({ kind: fc.constant("retire" as const), client }),
);
/** What may happen in the life of a broker. */
const event = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("run" as const), task, fault }) },
  // AWS restarts it in its window
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
  // another deployment is another broker, that knows nobody
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("replace" as const) }) },
  // somebody works by hand
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("meddle" as const),
      login: fc.constantFrom("server-a", "server-b", "sensor-a", "admin"),
      how: fc.constantFrom("create" as const, "update" as const, "delete" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("clients" as const), count: fc.integer({ min: 1, max: 3 }) }) },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

function begin(): LoginAccount {
  const account = new LoginAccount();
  account.running.set("bootstrap", { password: "in the state of Terraform", group: "nobody" });
  return account;
}

async function live(account: LoginAccount, events: readonly Event[]): Promise<readonly string[]> {
  let clients: readonly string[] = names.slice(0, 2);
  for (const happening of events) {
    switch (happening.kind) {
      case "run":
        if (happening.task.kind !== "sync" && !clients.includes(happening.task.client)) break;
        await run(account, clients, happening.task, happening.fault);
        break;
      case "restart":
        account.restart();
        break;
      case "replace":
        account.running = new Map(begin().running);
        account.waiting.clear();
        account.loggedNow = { audit: false, general: false };
        account.loggedNext = undefined;
        break;
      case "meddle":
        await meddle(account, happening.login, happening.how);
        break;
      case "clients":
        clients = names.slice(0, happening.count);
        // the secret of a client goes with it
        for (const name of names.slice(happening.count)) account.secrets.delete(name);
    }
  }
  return clients;
}

async function meddle(account: LoginAccount, login: string, how: "create" | "update" | "delete"): Promise<void> {
  account.begin();
  account.watch = () => {};
  const wanted = { name: login, group: "elsewhere", password: new Hidden("set by somebody's hand") };
  await (how === "delete" ? account.delete(login) : account[how](wanted)).catch(() => undefined);
}

describe("logins of the broker", () => {
  test("whatever has happened, a sync gives every client its login and leaves no other", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
        const account = begin();
        const clients = await live(account, events);
        const { said } = await run(account, clients, { kind: "sync" });
        for (const name of clients) expect(account.letsIn(name)).toBe(true);
        const known = clients.flatMap((name) => [`${name}-a`, `${name}-b`]);
        for (const login of account.running.keys()) expect(known).toContain(login);
        expect(account.loggedNow).toEqual(logs);
        for (const password of account.passwords) expect(said).not.toContain(password);

        await run(account, clients, { kind: "sync" });
        expect(account.changes).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test("whatever has happened, a rotation changes the login, and what was in use stays valid", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 10 }), async (events) => {
        const account = begin();
        const clients = await live(account, events);
        await run(account, clients, { kind: "sync" });
        const before = account.read("server");
        // what somebody deletes has to be gone before it can be made anew
        const isGoing = ["server-a", "server-b"].some((login) => account.waiting.get(login)?.change === "DELETE");
        await run(account, clients, { kind: "rotate", client: "server" });
        const after = account.read("server");
        expect(after?.username).not.toBe(before?.username);
        expect(account.letsIn("server")).toBe(true);
        expect(account.running.get(before?.username ?? "")?.password).toBe(before?.password);
        expect(account.restarts).toBe(isGoing ? 2 : 1);

        const { previous } = await run(account, clients, { kind: "retire", client: "server" });
        expect(previous).toBe(before?.username);
        expect(account.running.has(before?.username ?? "")).toBe(false);
        expect(account.read("server")).toEqual(after);
        expect(account.letsIn("server")).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test.each<[string, Task]>([
    ["a first sync", { kind: "sync" }],
    ["a rotation", { kind: "rotate", client: "server" }],
    ["a retirement", { kind: "retire", client: "server" }],
  ])("%s that ends at any call and is run again restarts the broker once", async (_, wanted) => {
    let all = 0;
    for (let call = 0; call === 0 || call < all; call += 1) {
      for (const when of ["before", "after"] as const) {
        const account = begin();
        if (wanted.kind !== "sync") await run(account, names, { kind: "sync" });
        if (wanted.kind === "retire") await run(account, names, { kind: "rotate", client: "server" });
        const before = account.read("server");

        const first = await run(account, names, wanted, { call, when });
        const restarts = account.restarts;
        if (!first.ended) all = Math.max(all, call + 2);
        // a rotation whose end alone was unheard is done, and another one is another one
        const isDone = wanted.kind === "rotate" && account.read("server")?.username !== before?.username;
        if (!first.ended && !isDone) await run(account, names, wanted);
        expect(restarts + (first.ended || isDone ? 0 : account.restarts)).toBeLessThanOrEqual(1);

        for (const name of names) expect(account.letsIn(name)).toBe(true);
        expect(account.isUnderWay("server")).toBe(false);
        if (wanted.kind === "retire") expect(account.running.has("server-a")).toBe(false);
        if (wanted.kind === "rotate") expect(account.read("server")?.username).not.toBe(before?.username);
      }
    }
    expect(all).toBeGreaterThan(10);
  });

  test("a broker that was replaced is told what its clients read already", async () => {
    const account = begin();
    await run(account, names, { kind: "sync" });
    const before = names.map((name) => account.read(name));
    await live(account, [{ kind: "replace" }]);
    await run(account, names, { kind: "sync" });
    expect(names.map((name) => account.read(name))).toEqual(before);
    expect(account.restarts).toBe(1);
  });

  test("the changes of a sync come with one restart, whatever number they are", async () => {
    const account = begin();
    await run(account, names, { kind: "sync" });
    expect(account.changes.filter((what) => what === "reboot")).toHaveLength(1);
    expect(account.changes).toEqual([
      ...names.flatMap((name) => [`put AWSCURRENT of ${name}`, `put AWSPENDING of ${name}`]),
      "delete bootstrap",
      "logs",
      ...names.flatMap((name) => [`create ${name}-a`, `move MQTT_SENT of ${name}`]),
      "reboot",
      ...names.map((name) => `move AWSCURRENT of ${name}`),
    ]);
  });
});

describe("the plan of moves", () => {
  const aim: Aim = { unwanted: (login) => login === "old", restored: new Set(["server-a"]) };
  const facts = (
    client: Facts["clients"][number],
    logins: Record<string, Partial<Facts["logins"] extends ReadonlyMap<string, infer L> ? L : never>>,
  ): Facts => ({
    clients: [client],
    logs: "right",
    logins: new Map(Object.entries(logins).map(([name, found]) => [name, { member: true, ...found }])),
  });
  const prepared = { name: "server", next: { login: "server-a", sent: true } };

  test.each<[string, Facts, readonly Move[]]>([
    ["nothing is to be done", facts({ name: "server", current: "server-a" }, { "server-a": {} }), []],
    ["a client has nothing", facts({ name: "server" }, {}), [{ do: "prepare", client: "server", login: "server-a" }]],
    [
      "the broker was told, and has not restarted",
      facts(prepared, { "server-a": { pending: "CREATE" } }),
      [{ do: "reboot" }],
    ],
    [
      "the broker has restarted",
      facts(prepared, { "server-a": {} }),
      [{ do: "promote", client: "server", login: "server-a" }],
    ],
    [
      "the new login is about to be deleted",
      facts(prepared, { "server-a": { pending: "DELETE" } }),
      [{ do: "reboot" }],
    ],
    ["the broker forgot it", facts(prepared, {}), [{ do: "send", client: "server", login: "server-a", how: "create" }]],
    [
      "it was put into another group",
      facts(prepared, { "server-a": { member: false } }),
      [{ do: "send", client: "server", login: "server-a", how: "update" }],
    ],
    [
      "somebody deletes the login in use",
      facts({ name: "server", current: "server-a" }, { "server-a": { pending: "DELETE" } }),
      [{ do: "prepare", client: "server", login: "server-b" }],
    ],
    [
      "somebody changes the login in use",
      facts({ name: "server", current: "server-b" }, { "server-b": { pending: "UPDATE" } }),
      [{ do: "restore", client: "server", login: "server-b", how: "update" }],
    ],
    [
      "this run has changed it back",
      facts({ name: "server", current: "server-a" }, { "server-a": { pending: "UPDATE" } }),
      [{ do: "reboot" }],
    ],
    [
      "a login is to go",
      facts({ name: "server", current: "server-a" }, { "server-a": {}, old: {} }),
      [{ do: "delete", login: "old" }],
    ],
    [
      "it goes with the restart",
      facts({ name: "server", current: "server-a" }, { "server-a": {}, old: { pending: "DELETE" } }),
      [{ do: "reboot" }],
    ],
    [
      "a login of nobody's waits",
      facts({ name: "server", current: "server-a" }, { "server-a": {}, other: { pending: "CREATE" } }),
      [],
    ],
    [
      "a log is off",
      { ...facts({ name: "server", current: "server-a" }, { "server-a": {} }), logs: "wrong" },
      [{ do: "logs" }],
    ],
    [
      "a log waits",
      { ...facts({ name: "server", current: "server-a" }, { "server-a": {} }), logs: "waiting" },
      [{ do: "reboot" }],
    ],
  ])("when %s", (_, found, moves) => {
    expect(nextMoves(found, aim)).toEqual(moves);
  });
});

describe("the first moves of a rotation", () => {
  const moves = (client: Facts["clients"][number], ...logins: string[]): readonly Move[] =>
    rotationMoves(
      { clients: [client], logs: "right", logins: new Map(logins.map((name) => [name, { member: true }])) },
      { unwanted: (login) => login === "old", restored: new Set() },
      "server",
    );

  test("give a client the login that it does not use", () => {
    expect(moves({ name: "server", current: "server-b" }, "server-b")).toEqual([
      { do: "prepare", client: "server", login: "server-a" },
    ]);
  });

  test("give a client without a login one, and bring along what a sync would do", () => {
    expect(moves({ name: "server" }, "old")).toEqual([
      { do: "prepare", client: "server", login: "server-a" },
      { do: "delete", login: "old" },
    ]);
  });

  test("go on with a rotation that is under way", () => {
    const next = { login: "server-b", sent: true };
    expect(moves({ name: "server", current: "server-a", next }, "server-a", "server-b")).toEqual([
      { do: "promote", client: "server", login: "server-b" },
    ]);
  });
});

describe("the value of a secret", () => {
  test("is a login that the broker takes", () => {
    for (let i = 0; i < 200; i += 1) {
      const password = newPassword();
      expect(password.reveal()).toMatch(/^[A-Za-z0-9]{32}$/);
      expect(loginIn(loginValue({ name: "server-a", password }))?.password.reveal()).toBe(password.reveal());
    }
  });

  test.each([
    "{}",
    "not JSON",
    '{"username":"server-a"}',
    '{"username":"server-a","password":"short"}',
    '{"username":"server-a","password":"aaaaaaaaaaaaaaaa"}',
    '{"username":"server-a","password":"with:a:colon:in:it"}',
  ])("is none in %s", (text) => {
    expect(loginIn(new Hidden(text))).toBeUndefined();
  });
});
