import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { Report } from "../report";
import { type Engine, engineText } from "./engine";

/** Where the fork's provider checksums are kept, per stack. */
export function lockfileOf(root: string, stack: string): string {
  return path.join(root, "stacks", "locks", `${stack}.lock.hcl`);
}

/** Terraform's own name for it, in the folder it works in. */
export const workingLockfile = ".terraform.lock.hcl";

export interface PlaceLockfile {
  readonly root: string;
  readonly stack: string;
  readonly directory: string;
  readonly engine: Engine;
  /** What the synthesized stack asks of the provider, such as `>= 6.58.0, < 7.0.0`. */
  readonly constraint: string;
  readonly report: Report;
}

/** Put the stack's lock file where Terraform looks; says how `init` is to treat it. */
export function placeLockfile({
  root,
  stack,
  directory,
  engine,
  constraint,
  report,
}: PlaceLockfile): "readonly" | "write" {
  const kept = lockfileOf(root, stack);
  const working = path.join(directory, workingLockfile);
  if (!existsSync(kept)) {
    report.warn(`providers are not locked: \`npm run lock\` writes ${path.relative(root, kept)}, to be committed`);
    // what init recorded before keeps plan and deploy on one version, unless another one is asked for now
    if (existsSync(working) && !locksConstraint(readFileSync(working, "utf8"), constraint)) rmSync(working);
    return "write";
  }
  const writer = engineOfLockfile(readFileSync(kept, "utf8"));
  if (writer !== undefined && writer !== engine.kind) {
    report.warn(
      `${path.relative(root, kept)} was written by the other engine and is not used: run \`npm run lock\` with ${engineText(engine)}`,
    );
    rmSync(working, { force: true });
    return "write";
  }
  copyFileSync(kept, working);
  return "readonly";
}

/** Which engine wrote a lock file: each looks providers up in a registry of its own, so a lock serves one of them. */
export function engineOfLockfile(text: string): Engine["kind"] | undefined {
  const [, writer] = /maintained automatically by "(terraform|tofu) init"/.exec(text) ?? [];
  if (writer === undefined) return undefined;
  return writer === "tofu" ? "opentofu" : "terraform";
}

function locksConstraint(text: string, constraint: string): boolean {
  const [, locked] = /^\s*constraints\s*=\s*"([^"]*)"/m.exec(text) ?? [];
  return locked !== undefined && bare(locked) === bare(constraint);
}

function bare(constraint: string): string {
  return constraint.replaceAll(/\s/g, "").replaceAll("=", "");
}
