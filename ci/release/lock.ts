import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import * as z from "zod";
import { CommandError, exitCodes } from "../exit-codes";
import { troubleText } from "./aws-trouble";
import { provenanceOf } from "./provenance";
import type { ReleaseWork } from "./work";

const holder = z.object({ by: z.string(), since: z.string(), pipeline: z.string().optional() });

/** Name of the parameter that says that a release is running. */
export function lockName({ project, stack }: { readonly project: string; readonly stack: string }): string {
  return `/${project}/${stack}/lock/release`;
}

/** Who holds a lock and since when, in words. */
export function holderText(value: string): string {
  const { success, data } = holder.safeParse(parsed(value));
  if (!success) return "nobody knows whose";
  return `by ${data.by} since ${data.since}${data.pipeline === undefined ? "" : ` (${data.pipeline})`}`;
}

/** @throws CommandError when somebody has the lock; without taking it */
export async function refuseLocked({ parameters, target }: ReleaseWork): Promise<void> {
  const held = await parameters.read(lockName(target));
  if (held !== undefined) throw lockedError(target.stack, held);
}

/**
 * `body` while nobody else releases, restarts or rolls back the environment. The lock is given back however it ends.
 *
 * @throws CommandError when somebody else has it
 */
export async function withReleaseLock<T>(work: ReleaseWork, environment: string, body: () => Promise<T>): Promise<T> {
  const { parameters, clock, env, target, interrupts, report } = work;
  const name = lockName(target);
  const since = new Date(clock.now()).toISOString();
  const { pipeline } = provenanceOf(env);
  const id = randomUUID();
  const value = JSON.stringify({ by: whoAmI(env), since, ...(pipeline === undefined ? {} : { pipeline }), id });
  interrupts.check();
  await take(work, name, value);
  try {
    return await body();
  } finally {
    try {
      // whoever was told to take it away may have given it to somebody else
      if ((await parameters.read(name)) === value) await parameters.delete(name);
      else report.warn(`the lock of ${environment} was taken away meanwhile`);
    } catch (error) {
      // what the release itself has to say matters more
      report.warn(
        `the lock could not be given back (${troubleText(error)}): npm run release -- ${environment} --unlock does it`,
      );
    }
  }
}

/** @throws CommandError when somebody else has it */
async function take({ parameters, target }: ReleaseWork, name: string, value: string): Promise<void> {
  let trouble: Error | undefined;
  try {
    if (await parameters.create(name, value)) return;
  } catch (error) {
    trouble = error instanceof Error ? error : new Error(String(error));
  }
  // an answer that was lost on its way is asked for again, and then finds the lock that it has made
  let held: string | undefined;
  try {
    held = await parameters.read(name);
  } catch (error) {
    if (trouble !== undefined) throw trouble;
    throw error;
  }
  if (held !== value) throw trouble ?? lockedError(target.stack, held);
}

function lockedError(environment: string, held: string | undefined): CommandError {
  return new CommandError(
    `another release of ${environment} is running${held === undefined ? "" : `, ${holderText(held)}`}: wait for it; if it was killed, npm run release -- ${environment} --unlock gives the lock back`,
    exitCodes.locked,
  );
}

function whoAmI(env: Readonly<Record<string, string>>): string {
  return env["GITHUB_ACTOR"] ?? env["GITLAB_USER_LOGIN"] ?? env["USER"] ?? userInfo().username;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
