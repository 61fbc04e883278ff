import { spawn } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import type { Fork } from "./repository";
import { linkPackages } from "./repository";
import { playedCommand } from "./played";

export type Result = "success" | "failure" | "skipped";

/** What every job of a dry run works with. */
export interface Workshop {
  readonly fork: Fork;
  /** Folder of all jobs. */
  readonly directory: string;
  /** What sends AWS's SDK and Terraform to the emulator, and where programs are; a host gives none of it. */
  readonly machine: Readonly<Record<string, string>>;
  /** Terraform of this machine. */
  readonly terraform: string;
  readonly slots: Slots;
  /** Hears how each job has ended. */
  readonly tell: (line: string) => void;
}

/** As many jobs at once as the machine bears; the others wait for their turn. */
export class Slots {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free += 1;
      else next();
    }
  }
}

let count = 0;

/** One job on a machine of its own: a folder, a home, and what it has said. */
export class Job {
  readonly folder: string;
  private readonly tmp: string;
  private said = "";

  constructor(
    private readonly workshop: Workshop,
    readonly name: string,
  ) {
    count += 1;
    const place = path.join(workshop.directory, `${count}-${name.replaceAll(/[^\w-]/g, "-")}`);
    this.folder = path.join(place, "project");
    this.tmp = path.join(place, "tmp");
    mkdirSync(this.tmp, { recursive: true });
  }

  get log(): string {
    return this.said;
  }

  /** Run lines of a shell as the host does; gives whether they have succeeded. */
  async run(script: string, variables: Readonly<Record<string, string>>): Promise<boolean> {
    const env = this.environment(variables);
    this.said += `$ ${script}\n`;
    const played = playedCommand(script);
    if (played !== undefined) {
      if (played.startsWith("npm ci")) linkPackages(this.folder);
      else this.placeTerraform(env["TERRAFORM_BINARY_NAME"] ?? "");
      return true;
    }
    const child = spawn("bash", ["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script], {
      cwd: this.folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (this.said += chunk.toString("utf8").replaceAll(/\u001b\[\d+m/g, "")));
    }
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (code !== 0) this.said += `exit code ${String(code)}\n`;
    return code === 0;
  }

  note(line: string): void {
    this.said += `${line}\n`;
  }

  /** Every job has a /tmp of its own. */
  private environment(variables: Readonly<Record<string, string>>): Record<string, string> {
    const moved = Object.entries(variables).map(([name, value]) => [name, value.replace(/^\/tmp\//, `${this.tmp}/`)]);
    return { ...this.workshop.machine, HOME: this.tmp, ...(Object.fromEntries(moved) as Record<string, string>) };
  }

  private placeTerraform(file: string): void {
    mkdirSync(path.dirname(file), { recursive: true });
    if (!existsSync(file)) symlinkSync(this.workshop.terraform, file);
  }
}
