import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { runCli } from "../../../ci/main";
import { testConfiguration } from "../support/configuration";
import type { AwsServer } from "./server";
import type { World } from "./world";

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A person or a machine before a command: they see what it says, type, and press Ctrl-C. */
export class Terminal {
  readonly signals = new EventEmitter();
  readonly stdin = new PassThrough();
  out = "";
  err = "";

  /** Ctrl-C, now. */
  readonly interrupt = (): void => {
    this.signals.emit("SIGINT");
  };

  /** What a pipeline sends that is cancelled. */
  readonly terminate = (): void => {
    this.signals.emit("SIGTERM");
  };

  type(line: string): void {
    this.stdin.write(`${line}\n`);
  }
}

/** A command line as a person types it after `slipway`, in this process, on an account that is played. */
export async function runOn(
  server: AwsServer,
  world: World,
  terminal: Terminal,
  line: string,
  { env = {}, isTTY = false }: RunOptions = {},
): Promise<Ran> {
  server.show(world);
  world.registry.layersUrl = server.url;
  const surroundings = {
    env: {
      AWS_ENDPOINT_URL: server.url,
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
      USER: "ann",
      ...env,
    },
    root: "/nowhere",
    stdin: terminal.stdin,
    stdout: { write: (text: string) => (terminal.out += text) },
    stderr: { write: (text: string) => (terminal.err += text) },
    isTTY,
  };
  const code = await runCli(line.split(" "), surroundings, {
    configuration: testConfiguration(),
    clock: world.clock,
    signals: terminal.signals,
    fetch: (url, init) => (url.startsWith(server.url) ? fetch(url, init) : Promise.resolve(world.visit(url))),
  });
  // colours would hide what the text says
  return { code, out: terminal.out, err: terminal.err.replaceAll(/\u001b\[\d*[mK]/g, "") };
}
