import { CommandError } from "../exit-codes";
import type { Report } from "../report";
import type { Interrupts } from "../terraform/interrupts";
import { type Deed, type Ending, type Goal, nextStep, nothingDone, remember } from "./key-plan";
import type { KeyWorld } from "./key-world";

export interface DanceOptions {
  readonly goal: Goal;
  /** Do not wait for the old key to be out of use. */
  readonly force: boolean;
  readonly world: KeyWorld;
  readonly report: Report;
  readonly interrupts: Pick<Interrupts, "check" | "pause">;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: () => number;
}

/** From the first refusal of a new key to giving up: IAM takes seconds to tell everybody, seldom a minute. */
const patienceMs = [500, 1000, 2000, 4000, ...Array<number>(12).fill(5000)];

/** Room in IAM that it does not see yet. */
const crowdedMs = [1000, 2000, 4000, 8000];

/** More than any way from anywhere to a goal takes. */
const maxDeeds = 30;

/**
 * Step by step to the goal. Each step begins with what AWS says then, so that it can end anywhere and be begun again.
 *
 * @throws CommandError when AWS does not get there in reasonable time; InterruptedError between two steps
 */
export async function dance({ goal, force, world, report, interrupts, now = Date.now }: DanceOptions): Promise<Ending> {
  let memory = nothingDone;
  let crowded = 0;
  let facts = await report.step("read the keys", () => world.observe());
  for (let deeds = 0; deeds < maxDeeds; deeds += 1) {
    const step = nextStep(goal, facts, memory, { now: now(), force });
    if (!isDeed(step)) return step;
    interrupts.check();
    const made = await report.step(nameOf(step), async () => perform(step, { world, report, interrupts }));
    memory = remember(memory, step, made);
    if (step.do === "create" && made === undefined) await waitForRoom(interrupts, crowded++);
    interrupts.check();
    facts = await world.observe();
  }
  throw new CommandError(`after ${maxDeeds} steps the keys are not what they should be: run the same command again`);
}

type Performers = Pick<DanceOptions, "world" | "report" | "interrupts">;

async function perform(step: Deed, { world, report, interrupts }: Performers): Promise<string | undefined> {
  switch (step.do) {
    case "create":
      return world.create();
    case "store":
      await world.store(step.id);
      return undefined;
    case "promote":
      await world.promote();
      return undefined;
    case "deactivate":
      await world.deactivate(step.id);
      return undefined;
    case "delete":
      await world.delete(step.id);
      return undefined;
    case "verify":
      for (const ms of patienceMs) {
        if (await world.accepts(step.id)) return undefined;
        report.progress("AWS does not take it yet");
        await interrupts.pause(ms);
      }
      throw new CommandError(
        `AWS does not take key ${step.id} of the secret, and no other key was touched: run the same command again, or --revoke and issue a new one`,
      );
  }
}

async function waitForRoom(interrupts: DanceOptions["interrupts"], times: number): Promise<void> {
  const ms = crowdedMs[times];
  if (ms === undefined) {
    throw new CommandError(
      "IAM says that there are two keys already, and does not list them: run it again in a minute",
    );
  }
  await interrupts.pause(ms);
}

function isDeed(step: Deed | Ending): step is Deed {
  return step.do !== "done" && step.do !== "wait" && step.do !== "refuse";
}

function nameOf(deed: Deed): string {
  switch (deed.do) {
    case "create":
      return "create a key";
    case "store":
      return `store ${deed.id} as the secret's pending value`;
    case "verify":
      return `verify that AWS takes ${deed.id}`;
    case "promote":
      return `make ${deed.id} the secret's current value`;
    case "deactivate":
      return `deactivate ${deed.id}`;
    case "delete":
      return `delete ${deed.id} (${deed.because})`;
  }
}
