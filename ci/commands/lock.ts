import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { everyStack, targetOf } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import type { Session } from "../session";
import { type Engine, engineText, findEngine } from "../terraform/engine";
import { lockfileOf, workingLockfile } from "../terraform/lockfile";
import { readStack, type StackJson } from "../terraform/stack-json";
import { synthesizeInChild } from "../terraform/synthesize";
import { Terraform } from "../terraform/terraform";

/** Where the fork's people and pipelines run. */
export const defaultPlatforms: readonly string[] = ["linux_amd64", "linux_arm64", "darwin_arm64"];

export interface LockCommandOptions {
  /** Stacks to lock; none means all. */
  readonly stacks: readonly string[];
  /** Such as `linux_amd64`. */
  readonly platforms: readonly string[];
  /** Folder of a filesystem mirror to take the checksums from, in place of the registry. */
  readonly mirror?: string;
}

/** `lock [stack...]`: record the checksums of the providers, to be committed. */
export async function lockCommand(session: Session, { stacks, platforms, mirror }: LockCommandOptions): Promise<void> {
  const { report, interrupts, surroundings, configuration, synthesize = synthesizeInChild } = session;
  const { root, env } = surroundings;
  const wrong = platforms.filter((platform) => !/^[a-z0-9]+_[a-z0-9]+$/.test(platform));
  if (wrong.length > 0) {
    throw new CommandError(`--platform must be such as linux_amd64, got ${wrong.join(", ")}`, exitCodes.usage);
  }
  const named = stacks.length > 0 ? stacks : everyStack(configuration);
  for (const stack of named) targetOf(configuration, stack, env);

  const engine = await findEngine({ env });
  const outdir = path.join(root, ".cache", "lock");
  // checksums are asked for afresh: what an earlier run recorded would keep its version
  rmSync(outdir, { recursive: true, force: true });
  await report.step("synthesize", () => synthesize({ root, stack: named[0] ?? "", outdir, env, interrupts }));
  for (const group of sameProviders(named, outdir)) {
    const [first] = group;
    if (first === undefined) continue;
    const directory = path.join(outdir, "stacks", first);
    const terraform = new Terraform({ engine, directory, env, report, interrupts });
    await report.step(`lock providers of ${group.join(", ")} for ${platforms.join(", ")}`, () =>
      terraform.lock(platforms, mirror === undefined ? {} : { mirror: path.resolve(root, mirror) }),
    );
    keep(root, directory, group);
  }
  report.result(`wrote ${named.map((stack) => path.relative(root, lockfileOf(root, stack))).join(", ")}: commit them`);
  report.line(engineNote(engine));
}

/** Stacks that ask for the same providers share one download. */
function sameProviders(stacks: readonly string[], outdir: string): readonly string[][] {
  const groups = new Map<string, string[]>();
  for (const stack of stacks) {
    const { json } = readStack(path.join(outdir, "stacks", stack, "cdk.tf.json"));
    const key = providersOf(json);
    groups.set(key, [...(groups.get(key) ?? []), stack]);
  }
  return [...groups.values()];
}

function providersOf({ terraform }: StackJson): string {
  return JSON.stringify(terraform.required_providers ?? {});
}

function keep(root: string, directory: string, stacks: readonly string[]): void {
  for (const stack of stacks) {
    const file = lockfileOf(root, stack);
    mkdirSync(path.dirname(file), { recursive: true });
    copyFileSync(path.join(directory, workingLockfile), file);
  }
}

function engineNote(engine: Engine): string {
  return `the lock serves ${engineText(engine).split(" ")[0] ?? ""} alone: Terraform and OpenTofu look providers up in registries of their own`;
}
