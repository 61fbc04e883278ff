import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { clientSettings } from "../../../ci/aws/client-settings";
import { awsVariables, neutral } from "../../../ci/rehearse/variables";
import type { Toolbox } from "../../../ci/rehearse/toolbox";
import { endpointOf } from "../../../ci/terraform/endpoint";
import { baseFolder, localStateFile } from "../../../ci/terraform/workspace";
import type { Emulator } from "../../../ci/tools/emulator";

// the SDK's word on the version of Node is not what is tested
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

/** The project's folder. */
export const root = path.resolve(__dirname, "../../..");

/** The environment variables of the tests. */
export function processVariables(): Record<string, string> {
  const set = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(set);
}

/** How a command ended, and all it said on stderr, without the colors that CI turns on. */
export interface Ended {
  readonly code: number | null;
  readonly said: string;
}

export interface SlipwayOptions {
  readonly emulator: Emulator;
  readonly toolbox: Toolbox;
  /** Of the environment that is worked on. */
  readonly account: string;
  readonly region: string;
  /** Without any configuration of AWS in it. */
  readonly directory: string;
}

/** The command line as a person starts it, as a process of its own, against one emulator. */
export class Slipway {
  private readonly env: Readonly<Record<string, string>>;
  private readonly region: string;

  constructor({ emulator, toolbox, account, region, directory }: SlipwayOptions) {
    this.region = region;
    this.env = {
      ...neutral(processVariables()),
      ...awsVariables({ url: emulator.url, account, region, directory }),
      ...toolbox.providerEnv,
      TERRAFORM_BINARY_NAME: toolbox.engine.path,
      SLIPWAY_AWS_PROVIDER_VERSION: toolbox.providerVersion,
      SLIPWAY_STATE_BUCKET: "",
    };
  }

  /** Run a command to its end; `meanwhile` gets its process. */
  async run(
    line: string,
    variables: Readonly<Record<string, string>> = {},
    meanwhile: (child: ChildProcess) => Promise<void> = () => Promise.resolve(),
  ): Promise<Ended> {
    const child = spawn(process.execPath, ["--require", "tsx/cjs", "ci/main.ts", ...line.split(" ")], {
      cwd: root,
      env: { ...this.env, ...variables },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    await meanwhile(child);
    const code = await ended;
    return { code, said: stripVTControlCharacters(said) };
  }

  /** What AWS tells databases apart by, also those of one name; empty when there is no database. */
  async databaseIds(): Promise<string[]> {
    const client = new RDSClient(clientSettings(this.env, this.region, "RDS"));
    try {
      const { DBInstances: instances = [] } = await client.send(new DescribeDBInstancesCommand({}));
      return instances.map(({ DbiResourceId: id }) => id ?? "no id");
    } finally {
      client.destroy();
    }
  }

  /** Where a command keeps the state of a stack on this machine. */
  stateFile(stack: string, variables: Readonly<Record<string, string>> = {}): string {
    return localStateFile(this.baseWith(variables), stack);
  }

  /** Remove what the commands left on this machine. */
  clean(variables: Readonly<Record<string, string>> = {}): void {
    rmSync(this.baseWith(variables), { recursive: true, force: true });
  }

  private baseWith(variables: Readonly<Record<string, string>>): string {
    return baseFolder(root, endpointOf({ ...this.env, ...variables }));
  }
}

/** Wait until `condition` holds; fails with `what` when the command ends before. */
export async function until(child: ChildProcess, what: string, condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the command ended before ${what}`);
    await pause(500);
  }
}
