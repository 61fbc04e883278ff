import * as fc from "fast-check";
import { InterruptedError } from "../../ci/exit-codes";
import { dance } from "../../ci/images/key-dance";
import { type Ending, type Goal, quietMs, settleMs } from "../../ci/images/key-plan";
import { Report } from "../../ci/report";
import { type Fault, KeyAccount } from "./support/key-account";

const silent = Report.to({ stderr: { write: () => true }, stdout: { write: () => true } });
const interrupts = { check: () => {}, pause: () => Promise.resolve() };

/** One run of the command, to its end or to its fault. */
async function run(
  account: KeyAccount,
  goal: Goal,
  { force = false, fault }: { readonly force?: boolean; readonly fault?: Fault | undefined } = {},
): Promise<Ending | "interrupted"> {
  account.begin(fault);
  account.watch = invariants(account, goal, force);
  try {
    return await dance({ goal, force, world: account, report: silent, interrupts, now: () => account.now });
  } catch (error) {
    if (error instanceof InterruptedError) return "interrupted";
    throw error;
  }
}

/** What holds after every single change; throws, which ends the run and the test. */
function invariants(account: KeyAccount, goal: Goal, force: boolean): () => void {
  const first = account.current?.id;
  const worked = account.isActive(first);
  let active = activeKeys(account);
  return () => {
    expect(account.keys.size).toBeLessThanOrEqual(2);
    if (goal === "revoke") return;
    // whoever reads the secret gets a key that works
    if (worked) expect(account.isActive(account.current?.id)).toBe(true);
    if (worked && account.current?.id !== first) expect(account.accepted).toContain(account.current?.id);
    const lost = active.filter((id) => !account.isActive(id) && account.published.has(id));
    active = activeKeys(account);
    if (lost.length > 0) expect(account.accepted).toContain(account.current?.id);
    if (force) return;
    for (const id of lost) {
      expect(account.now).toBeGreaterThanOrEqual(account.changedAt + settleMs);
      const usedAt = account.published.get(id) ?? 0;
      const storedAt = account.current?.storedAt ?? 0;
      if (usedAt > storedAt) expect(account.now).toBeGreaterThanOrEqual(usedAt + quietMs);
    }
  };
}

function activeKeys(account: KeyAccount): string[] {
  return [...account.keys.keys()].filter((id) => account.isActive(id));
}

const minute = 60_000;
const goals = ["issue", "rotate", "revoke"] as const;
const fault: fc.Arbitrary<Fault | undefined> = fc.option(
  fc.record({ call: fc.nat(25), when: fc.constantFrom("before" as const, "after" as const) }),
  { nil: undefined },
);

/** What may happen in the life of a key: somebody runs the command, time goes by, an uploader uploads. */
const event = fc.oneof(
  fc.record({
    kind: fc.constant("run" as const),
    goal: fc.constantFrom("issue" as const, "rotate" as const, "rotate" as const, "revoke" as const),
    force: fc.boolean(),
    refusals: fc.nat(4),
    stale: fc.boolean(),
    fault,
  }),
  fc.record({ kind: fc.constant("pass" as const), minutes: fc.constantFrom(1, 29, 31, 60, 1439, 1441) }),
  fc.record({ kind: fc.constant("use" as const), nth: fc.nat(5) }),
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

async function live(account: KeyAccount, events: readonly Event[]): Promise<void> {
  for (const happening of events) {
    if (happening.kind === "pass") account.now += happening.minutes * minute;
    else if (happening.kind === "use") account.use([...account.published.keys()].at(-1 - happening.nth) ?? "");
    else {
      account.refusals = happening.refusals;
      account.stale = happening.stale;
      const { goal, force, fault: befalls } = happening;
      await run(account, goal, { force: force && goal === "rotate", fault: befalls });
    }
  }
  account.stale = false;
}

/** The same command again and again, two days apart, until it has nothing left to do. */
async function persist(account: KeyAccount, goal: Goal, most: number): Promise<Ending | "interrupted"> {
  for (let runs = 1; ; runs += 1) {
    const ending = await run(account, goal);
    if (runs === most || (ending !== "interrupted" && ending.do === "done")) return ending;
    account.now += 2 * quietMs;
  }
}

test("whatever happened before, a rotation ends with one new key, and never leaves the readers of the secret without", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
      const account = new KeyAccount();
      await live(account, events);
      const ending = await persist(account, "rotate", 3);
      expect(ending).toMatchObject({ do: "done", current: account.current?.id });
      expect(activeKeys(account)).toEqual([account.current?.id]);
      expect(account.keys.size).toBe(1);
    }),
    { numRuns: 150 },
  );
});

test("whatever happened before, an issue ends with a key that works, unless somebody has switched it off, and is idempotent", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
      const account = new KeyAccount();
      await live(account, events);
      const ending = await run(account, "issue");
      const inactive = account.keys.has(account.current?.id ?? "") && !account.isActive(account.current?.id);
      expect(ending).toMatchObject(
        inactive ? { do: "refuse", because: "inactive" } : { do: "done", current: account.current?.id },
      );
      if (inactive) return;
      expect(account.isActive(account.current?.id)).toBe(true);
      const before = JSON.stringify([...account.keys.keys()]);
      expect(await run(account, "issue")).toMatchObject({ do: "done" });
      expect(JSON.stringify([...account.keys.keys()])).toBe(before);
    }),
    { numRuns: 100 },
  );
});

test("whatever happened before, a revocation leaves no key", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
      const account = new KeyAccount();
      await live(account, events);
      expect(await run(account, "revoke")).toEqual({ do: "done", others: [] });
      expect(account.keys.size).toBe(0);
    }),
    { numRuns: 100 },
  );
});

test("what somebody did by hand is repaired, or refused in words; revoke and issue always start afresh", async () => {
  const keys = fc.array(fc.record({ active: fc.boolean(), used: fc.boolean() }), { maxLength: 2 });
  const label = fc.option(fc.nat(2), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(
      keys,
      label,
      label,
      label,
      fc.constantFrom(...goals),
      async (made, current, pending, previous, goal) => {
        const account = new KeyAccount();
        made.forEach(({ active, used }, index) => {
          account.keys.set(`HAND${index}`, { active, refusals: 0, ...(used ? { lastUsedAt: account.now } : {}) });
        });
        const stored = (nth: number): { id: string; storedAt: number } => ({ id: `HAND${nth}`, storedAt: account.now });
        if (current !== undefined) account.current = stored(current);
        if (pending !== undefined) account.pending = stored(pending);
        if (previous !== undefined) account.previous = `HAND${previous}`;
        const ending = await persist(account, goal, 3);
        expect(["done", "refuse"]).toContain(ending === "interrupted" ? ending : ending.do);
        if (goal !== "revoke" && ending !== "interrupted" && ending.do === "done") {
          expect(account.isActive(account.current?.id)).toBe(true);
        }
        await run(account, "revoke");
        expect(await run(account, "issue")).toMatchObject({ do: "done", others: [] });
        expect(account.keys.size).toBe(1);
      },
    ),
    { numRuns: 150 },
  );
});

describe("a rotation that is interrupted at any call", () => {
  const beginning = async (): Promise<KeyAccount> => {
    const account = new KeyAccount();
    await run(account, "issue");
    account.use(account.current?.id ?? "");
    account.now += 60 * minute;
    return account;
  };

  test("goes on when it is run again", async () => {
    const length = await callsOfRotation(await beginning());
    // create, store, verify, promote, deactivate and delete, each with a look before it
    expect(length).toBeGreaterThan(10);
    for (let call = 0; call < length; call += 1) {
      for (const when of ["before", "after"] as const) {
        const account = await beginning();
        const old = account.current?.id;
        expect(await run(account, "rotate", { force: true, fault: { call, when } })).toBe("interrupted");
        const { current } = account;
        const unfinished = account.keys.size === 2 && current?.id !== old;
        expect(await persist(account, "rotate", 3)).toMatchObject({ do: "done" });
        expect(account.keys.size).toBe(1);
        // what was begun is finished, and not begun once more
        if (unfinished) expect(account.current?.id).toBe(current?.id);
        expect(account.current?.id).not.toBe(old);
      }
    }
  });

  /** How many calls an undisturbed one makes. */
  async function callsOfRotation(account: KeyAccount): Promise<number> {
    for (let call = 0; ; call += 1) {
      const trial = await beginning();
      const ending = await run(trial, "rotate", { force: true, fault: { call, when: "before" } });
      if (ending !== "interrupted") return call;
      if (call > 100) throw new Error(`a rotation never ends for ${account.keys.size} keys`);
    }
  }
});

test("the old key goes half an hour after the new one, or a day after its own last use", async () => {
  const account = new KeyAccount();
  await run(account, "issue");
  const old = account.current?.id ?? "";
  account.use(old);
  account.now += minute;

  expect(await run(account, "rotate")).toMatchObject({ do: "wait", id: old, because: "settling" });
  expect(account.current?.id).not.toBe(old);
  account.now += 10 * minute;
  account.use(old);
  const usedAt = account.now;
  account.now += 60 * minute;
  expect(await run(account, "rotate")).toEqual({ do: "wait", id: old, until: usedAt + quietMs, because: "in use" });
  expect(account.isActive(old)).toBe(true);
  account.now = usedAt + quietMs;
  expect(await run(account, "rotate")).toEqual({ do: "done", current: account.current?.id, others: [] });
  expect([...account.keys.keys()]).toEqual([account.current?.id]);
});

test("a revocation stops every key before it tidies up", async () => {
  const account = new KeyAccount();
  await run(account, "issue");
  account.use(account.current?.id ?? "");
  await run(account, "rotate");
  expect(await run(account, "revoke")).toEqual({ do: "done", others: [] });
  expect(account.changes).toEqual(["deactivate AKIA1", "deactivate AKIA2", "delete AKIA1", "delete AKIA2"]);
});

test("a key that AWS never takes replaces nothing", async () => {
  const account = new KeyAccount();
  await run(account, "issue");
  const old = account.current?.id;
  account.refusals = 1000;
  await expect(run(account, "rotate", { force: true })).rejects.toThrow(
    /^AWS does not take key AKIA2 of the secret, and no other key was touched/,
  );
  expect(account.current?.id).toBe(old);
  expect(account.isActive(old)).toBe(true);
});

test("keys that IAM counts and does not list are waited for, and then named", async () => {
  const account = new KeyAccount();
  jest.spyOn(account, "create").mockResolvedValue(undefined);
  await expect(run(account, "issue")).rejects.toThrow(
    "IAM says that there are two keys already, and does not list them: run it again in a minute",
  );
});
