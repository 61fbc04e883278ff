import { spawn } from "node:child_process";
import { CommandError, exitCodes } from "../exit-codes";
import type { Interrupts } from "../terraform/interrupts";
import { findProgram, runProgram } from "./program";

const name = "session-manager-plugin";
/** The newest version that takes a session as an argument alone, where every process of the machine can read its token. */
const lastWithoutVariable = [1, 2, 497, 0];
const responseVariable = "AWS_SSM_START_SESSION_RESPONSE";

/** A session that AWS has opened; the token lets whoever has it in. */
export interface OpenSession {
  readonly sessionId: string;
  readonly streamUrl: string;
  readonly tokenValue: string;
}

export interface PluginWork {
  readonly env: Readonly<Record<string, string>>;
  readonly interrupts: Interrupts;
  readonly region: string;
}

/** What the session was opened with, as Systems Manager takes it. */
export interface SessionRequest {
  readonly Target: string;
  readonly DocumentName?: string;
  readonly Parameters?: Readonly<Record<string, readonly string[]>>;
}

/** AWS's own program at this end of a session: it has the terminal, or the port, until it ends. */
export class SessionPlugin {
  private constructor(
    private readonly program: string,
    private readonly takesVariable: boolean,
    private readonly work: PluginWork,
  ) {}

  /** @throws CommandError that says how to install it; before a session is opened that nobody would use */
  static async find(work: PluginWork): Promise<SessionPlugin> {
    const { env, interrupts } = work;
    const program = findProgram(name, env);
    if (program === undefined) {
      throw new CommandError(
        `${name} is not on PATH, which AWS's sessions need at this end: install it (macOS: brew install --cask session-manager-plugin; others: docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html)`,
        exitCodes.usage,
      );
    }
    const { stdout } = await runProgram(program, ["--version"], { env, interrupts });
    return new SessionPlugin(program, isNewer(stdout.trim(), lastWithoutVariable), work);
  }

  /**
   * Hand the terminal over until the session ends; gives the program's exit code. Ctrl-C is the session's.
   *
   * @param aside what the program says goes to stderr: stdout is somebody else's. Default: false
   */
  async run(
    { sessionId, streamUrl, tokenValue }: OpenSession,
    request: SessionRequest,
    { aside = false }: { readonly aside?: boolean } = {},
  ): Promise<number> {
    const { env, interrupts, region } = this.work;
    const response = JSON.stringify({ SessionId: sessionId, TokenValue: tokenValue, StreamUrl: streamUrl });
    const endpoint = env["AWS_ENDPOINT_URL_SSM"] ?? env["AWS_ENDPOINT_URL"] ?? `https://ssm.${region}.amazonaws.com`;
    const args = [
      this.takesVariable ? responseVariable : response,
      region,
      "StartSession",
      env["AWS_PROFILE"] ?? "",
      JSON.stringify(request),
      endpoint,
    ];
    return interrupts.lend(async () => {
      const child = spawn(this.program, args, {
        // in our process group: the terminal is its own, with Ctrl-C and the size of the window
        stdio: ["inherit", aside ? 2 : "inherit", "inherit"],
        env: this.takesVariable ? { ...env, [responseVariable]: response } : { ...env },
      });
      const stop = (): void => void child.kill("SIGTERM");
      interrupts.signal.addEventListener("abort", stop, { once: true });
      try {
        const code = await new Promise<number>((resolve, reject) => {
          child.once("error", reject);
          child.once("close", (exitCode) => resolve(exitCode ?? 1));
        });
        interrupts.check();
        return code;
      } finally {
        interrupts.signal.removeEventListener("abort", stop);
      }
    });
  }
}

function isNewer(version: string, than: readonly number[]): boolean {
  if (!/^\d+(\.\d+)+$/.test(version)) return false;
  const parts = version.split(".").map(Number);
  for (const [i, other] of than.entries()) {
    const part = parts[i] ?? 0;
    if (part !== other) return part > other;
  }
  return false;
}
