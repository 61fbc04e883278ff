import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CommandError, exitCodes } from "../exit-codes";

export interface PlanFileOptions {
  readonly base: string;
  readonly stack: string;
  /** Hash of the stack as it is synthesized now. */
  readonly hash: string;
}

/** The saved plan of a stack, `.state/plans/<stack>.tfplan`, and beside it what it was made of. */
export class PlanFile {
  /** Full path; the file may be missing. */
  readonly path: string;
  private readonly note: string;
  private readonly hash: string;

  constructor({ base, stack, hash }: PlanFileOptions) {
    const folder = path.join(base, ".state", "plans");
    // a saved plan holds state
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.path = path.join(folder, `${stack}.tfplan`);
    this.note = path.join(folder, `${stack}.json`);
    this.hash = hash;
  }

  get exists(): boolean {
    return existsSync(this.path);
  }

  /** Note what the plan that Terraform just wrote was made of. */
  remember(): void {
    writeFileSync(this.note, `${JSON.stringify({ configuration: this.hash })}\n`, { mode: 0o600 });
  }

  /** A plan is applied once, whatever comes of it. */
  forget(): void {
    rmSync(this.path, { force: true });
    rmSync(this.note, { force: true });
  }

  /** @throws CommandError when the saved plan was made of another configuration, or with other options, than this run's */
  check(command: string): void {
    if (this.rememberedHash() === this.hash) return;
    throw new CommandError(
      `the saved plan is of another configuration: \`${command}\` makes a new one, or delete ${this.path}`,
      exitCodes.stale,
    );
  }

  private rememberedHash(): string | undefined {
    if (!existsSync(this.note)) return undefined;
    const note = JSON.parse(readFileSync(this.note, "utf8")) as { readonly configuration?: string };
    return note.configuration;
  }
}
