import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** What a fake program was started with. */
export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly stdin: string;
  /** The Docker configuration that it would read. */
  readonly dockerConfig: string | null;
}

/** How a fake program behaves: a line of JavaScript for every call, with `args` and `write(file, text)` in reach. */
export type Behaviour = string;

/** Programs on a PATH of their own that write down how they were started. */
export class FakePrograms {
  readonly folder = mkdtempSync(path.join(tmpdir(), "slipway-programs-"));
  readonly bin = path.join(this.folder, "bin");
  private readonly record = path.join(this.folder, "calls");

  constructor() {
    mkdirSync(this.bin);
  }

  add(name: string, behaviour: Behaviour = ""): void {
    const file = path.join(this.bin, name);
    writeFileSync(
      file,
      `#!${process.execPath}
const fs = require("node:fs");
const args = process.argv.slice(2);
// what has the terminal must not wait for its end
const stdin = args.includes("--password-stdin") ? fs.readFileSync(0, "utf8") : "";
const config = process.env.DOCKER_CONFIG === undefined ? null : process.env.DOCKER_CONFIG + "/config.json";
const dockerConfig = config !== null && fs.existsSync(config) ? fs.readFileSync(config, "utf8") : null;
fs.appendFileSync(${JSON.stringify(this.record)}, JSON.stringify({ program: ${JSON.stringify(name)}, args, stdin, dockerConfig }) + "\\n");
const valueOf = (name) => {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(name + "="));
  return args[at] === name ? args[at + 1] : args[at]?.slice(name.length + 1);
};
const write = (file, text) => file !== undefined && fs.writeFileSync(file, text);
${behaviour}
`,
    );
    chmodSync(file, 0o755);
  }

  /** A program of this machine under its own name. */
  passThrough(name: string): void {
    const real = (process.env["PATH"] ?? "")
      .split(path.delimiter)
      .map((folder) => path.join(folder, name))
      .find((file) => existsSync(file));
    const file = path.join(this.bin, name);
    writeFileSync(file, `#!/bin/sh\nexec ${real ?? name} "$@"\n`);
    chmodSync(file, 0o755);
  }

  get calls(): ProgramCall[] {
    if (!existsSync(this.record)) return [];
    return readFileSync(this.record, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as ProgramCall);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
