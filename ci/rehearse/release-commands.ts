import { Readable } from "node:stream";
import type { RoleKind } from "../../constructs/shared/pipeline-names";
import { mqttSyncCommand } from "../commands/mqtt";
import { releaseCommand } from "../commands/release";
import { rollbackCommand } from "../commands/rollback";
import { runTaskCommand } from "../commands/run";
import { secretsSetCommand } from "../commands/secrets";
import { CommandError, exitCodes } from "../exit-codes";
import { Prompts } from "../prompts";
import { Report } from "../report";
import type { Session } from "../session";
import type { Build } from "./release-images";

/** How a command ended, as whoever started it sees it. */
export interface Ending {
  readonly exitCode: number;
  /** What it said, each line of it. */
  readonly said: readonly string[];
}

/** Minutes; the emulator needs seconds. */
const timeout = 5;

/** Between two looks at a broker that restarts. */
const pollMs = 300;

/** The commands that a person uses, each with what it says kept. */
export class ReleaseCommands {
  /** Addresses that were looked at to see whether the environment answers. */
  readonly asked: string[] = [];

  constructor(
    private readonly environment: string,
    /** A new session with this report, of a pipeline's role or of a person; its calls go to the emulator. */
    private readonly session: (report: Report, as?: RoleKind) => Session,
    private readonly progress: (text: string) => void,
  ) {}

  release({ tag }: Build): Promise<Ending> {
    const { environment } = this;
    return this.run(
      (session) =>
        releaseCommand(session, {
          environment,
          images: [tag],
          dryRun: false,
          force: false,
          unlock: false,
          earlyRollback: false,
          commit: undefined,
          pipelineUrl: undefined,
          timeout,
          json: false,
        }),
      "release",
    );
  }

  rollback(): Promise<Ending> {
    const { environment } = this;
    return this.run(
      (session) => rollbackCommand(session, { environment, to: undefined, timeout, json: false }),
      "release",
    );
  }

  oneOff(...command: string[]): Promise<Ending> {
    const { environment } = this;
    return this.run((session) =>
      runTaskCommand(session, {
        ...{ environment, command, timeout, json: false },
        ...{ service: undefined, cpu: undefined, memoryMiB: undefined },
      }),
    );
  }

  setSecret(name: string, value: string): Promise<Ending> {
    const { environment } = this;
    return this.run((session) => {
      const surroundings = { ...session.surroundings, stdin: Readable.from([value]) };
      return secretsSetCommand({ ...session, surroundings, prompts: new Prompts(surroundings) }, { environment, name });
    });
  }

  /** Give every client of the broker its login; the broker restarts. */
  syncLogins(): Promise<Ending> {
    const { environment } = this;
    return this.run((session) => mqttSyncCommand(session, { environment, yes: true, json: false, pollMs }));
  }

  private async run(command: (session: Session) => Promise<void>, as?: RoleKind): Promise<Ending> {
    const said: string[] = [];
    const write = (text: string): void => {
      const lines = text.split("\n").filter((line) => line.trim() !== "");
      said.push(...lines);
      this.progress(lines.at(-1) ?? "");
    };
    const session = this.session(Report.to({ stderr: { write }, stdout: { write } }), as);
    const fetch = (url: string): Promise<{ readonly status: number; text(): Promise<string> }> => {
      this.asked.push(url);
      return Promise.resolve({ status: 200, text: () => Promise.resolve("ok") });
    };
    try {
      await command({ ...session, fetch });
      return { exitCode: exitCodes.ok, said };
    } catch (error) {
      session.interrupts.check();
      said.push(error instanceof Error ? error.message : String(error));
      return { exitCode: error instanceof CommandError ? error.exitCode : exitCodes.failed, said };
    }
  }
}
