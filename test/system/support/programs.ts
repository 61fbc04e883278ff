import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

/** How a program ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** All that the program knows of its surroundings. */
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** Run a program to its end, without a terminal to ask a person on. */
export async function runProgram(program: string, args: readonly string[], options: ProgramOptions): Promise<Ended> {
  const child = start(program, args, options);
  child.stdin.end();
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (said.stderr += chunk.toString("utf8")));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, ...said };
}

/** A session of psql that stays open from one statement to the next. */
export class PsqlSession {
  private asked = 0;
  private readonly ended: Promise<void>;
  /** What it said since it was last asked, apart: psql writes a line of errors in pieces. */
  private readonly said = { stdout: "", stderr: "" };
  private look: () => void = () => undefined;

  constructor(private readonly child: ChildProcessWithoutNullStreams) {
    for (const name of ["stdout", "stderr"] as const) {
      child[name].on("data", (chunk: Buffer) => {
        this.said[name] += chunk.toString("utf8");
        this.look();
      });
    }
    // whoever asks a session that ended learns of it by its answer
    child.stdin.on("error", () => undefined);
    this.ended = new Promise((resolve) => child.once("close", () => resolve()));
  }

  static start(args: readonly string[], options: ProgramOptions): PsqlSession {
    return new PsqlSession(start("psql", args, options));
  }

  /** Run SQL, and say what was answered, then the errors. */
  async ask(sql: string): Promise<string> {
    this.asked += 1;
    const mark = `answered ${this.asked}.\n`;
    const { said } = this;
    const answered = new Promise<void>((resolve) => {
      this.look = () => {
        if (said.stdout.endsWith(mark) && said.stderr.endsWith(mark)) resolve();
      };
    });
    this.child.stdin.write(`${sql};\n\\echo ${mark}\\warn ${mark}`);
    await Promise.race([answered, this.ended]);
    const answer = `${said.stdout}${said.stderr}`.replaceAll(mark, "").trim();
    said.stdout = said.stderr = "";
    return answer;
  }

  async close(): Promise<void> {
    this.child.stdin.end();
    await this.ended;
  }
}

function start(
  program: string,
  args: readonly string[],
  { env, uid, gid }: ProgramOptions,
): ChildProcessWithoutNullStreams {
  return spawn(program, args, {
    cwd: "/",
    env,
    // a session of its own: no terminal to ask on, as in a container
    detached: true,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
}
