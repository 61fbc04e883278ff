import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import type { Readable } from "node:stream";
import { chmodSync, existsSync } from "node:fs";
import path from "node:path";
import type { Report } from "../report";
import { ApplyProgress } from "./apply-progress";
import type { Engine } from "./engine";
import type { Interrupts, Stoppable } from "./interrupts";
import type { PlanJson, StateJson, StateOutput } from "./json";
import { QuietMoment } from "./quiet-moment";
import { diagnosticText, TerraformError } from "./terraform-error";
import { type Diagnostic, parseUiLine, type UiEvent } from "./ui-stream";

export interface TerraformOptions {
  readonly engine: Engine;
  /** Folder of the synthesized stack. */
  readonly directory: string;
  /** Whole environment of Terraform; what makes it quiet and never ask is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly report: Report;
  readonly interrupts: Interrupts;
}

export interface InitOptions {
  /**
   * What to do with `.terraform.lock.hcl`: `readonly` insists on it, `write` records what was found, `ignore` is for a folder that
   * is thrown away, and the same as `write`. Default: `write`.
   */
  readonly lockfile?: "readonly" | "write" | "ignore";
  /** Take the state from where the stack now says, whatever an earlier run was told. Default: false; a change of place is refused. */
  readonly reconfigure?: boolean;
}

export interface PlanOptions {
  /** Where the plan is saved. It holds state: only its owner can read it. */
  readonly out: string;
  readonly destroy?: boolean;
  /** Take the lock of the state. Default: true; without it a role that only reads can plan. */
  readonly lock?: boolean;
  /** Only these addresses and what they depend on. */
  readonly targets?: readonly string[];
}

interface RunOptions {
  readonly onEvent?: (event: UiEvent) => void;
  readonly stoppable?: Stoppable;
}

interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Variables that would move the state or the providers away from where Slipway looks for them. */
const refusedVariables = new Set(["TF_WORKSPACE", "TF_DATA_DIR"]);

/** Terraform or OpenTofu in the folder of one stack. Every method throws a TerraformError when the command fails. */
export class Terraform {
  private readonly env: Readonly<Record<string, string>>;

  constructor(private readonly options: TerraformOptions) {
    this.env = {
      ...Object.fromEntries(Object.entries(options.env).filter(([name]) => !refusedVariables.has(name))),
      TF_IN_AUTOMATION: "1",
      TF_INPUT: "0",
      CHECKPOINT_DISABLE: "1",
    };
  }

  /** The folder it works in. */
  get directory(): string {
    return this.options.directory;
  }

  async init({ lockfile = "write", reconfigure = false }: InitOptions = {}): Promise<void> {
    await this.command("init", [
      "-input=false",
      "-no-color",
      ...(lockfile === "readonly" ? ["-lockfile=readonly"] : []),
      ...(reconfigure ? ["-reconfigure"] : []),
    ]);
  }

  /** Write the lock file for all these platforms, such as `linux_amd64`; asks the registry for each, or a filesystem mirror. */
  async lock(platforms: readonly string[], { mirror }: { readonly mirror?: string } = {}): Promise<void> {
    await this.command("providers lock", [
      ...(mirror === undefined ? [] : [`-fs-mirror=${mirror}`]),
      ...platforms.map((platform) => `-platform=${platform}`),
    ]);
  }

  async plan({ out, destroy = false, lock = true, targets = [] }: PlanOptions): Promise<{ readonly changes: boolean }> {
    const { code, diagnostics } = await this.command(
      "plan",
      [
        "-json",
        "-input=false",
        "-detailed-exitcode",
        `-out=${out}`,
        ...(destroy ? ["-destroy"] : []),
        ...(lock ? [] : ["-lock=false"]),
        ...targets.map((target) => `-target=${target}`),
      ],
      { succeeds: [0, 2] },
    );
    chmodSync(path.resolve(this.directory, out), 0o600);
    // with targets Terraform warns of the targets
    if (targets.length === 0) this.warn(diagnostics);
    return { changes: code === 2 };
  }

  async show(planFile: string): Promise<PlanJson> {
    const { stdout } = await this.command("show", ["-json", planFile]);
    return JSON.parse(stdout) as PlanJson;
  }

  async state(): Promise<StateJson> {
    const { stdout } = await this.command("show", ["-json"]);
    return JSON.parse(stdout) as StateJson;
  }

  /** The state as it is stored; empty when there is none. */
  async pullState(): Promise<string> {
    const { stdout } = await this.command("state pull", []);
    return stdout;
  }

  /** Store a state from a file, under the lock. Refused when one of another lineage is there, or a newer one. */
  async pushState(file: string): Promise<void> {
    await this.command("state push", [file]);
  }

  /** Apply exactly a saved plan; reports each resource that takes long. */
  async apply(planFile: string): Promise<void> {
    const progress = new ApplyProgress(this.options.report);
    const quiet = new QuietMoment();
    try {
      await this.command("apply", ["-json", "-input=false", planFile], {
        stoppable: (hurry) => quiet.reached(hurry),
        onEvent: (event) => {
          quiet.take(event);
          progress.take(event);
        },
      });
    } finally {
      quiet.end();
    }
  }

  /** Values by name; one that is marked sensitive is named and not shown. */
  async outputs(): Promise<Record<string, unknown>> {
    const { stdout } = await this.command("output", ["-json"]);
    const outputs = JSON.parse(stdout) as Record<string, StateOutput>;
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { value, sensitive }]) => [name, sensitive === true ? "(sensitive)" : value]),
    );
  }

  async untaint(address: string): Promise<void> {
    await this.command("untaint", ["-no-color", address]);
  }

  private warn(diagnostics: readonly Diagnostic[]): void {
    for (const text of new Set(diagnostics.map(diagnosticText))) this.options.report.warn(text);
  }

  private async command(
    name: string,
    args: readonly string[],
    { succeeds = [0], ...options }: RunOptions & { readonly succeeds?: readonly number[] } = {},
  ): Promise<Finished> {
    const finished = await this.run([...name.split(" "), ...args], options);
    if (succeeds.includes(finished.code)) return finished;
    throw new TerraformError(name, finished.diagnostics, this.options.interrupts.interrupted);
  }

  private async run(args: readonly string[], { onEvent, stoppable }: RunOptions): Promise<Finished> {
    const { engine, directory, interrupts } = this.options;
    if (!existsSync(directory)) throw new Error(`${directory} is not there: synthesize first`);
    const child = interrupts.spawn(engine.path, args, {
      cwd: directory,
      env: this.env,
      ...(stoppable === undefined ? {} : { stoppable }),
    });
    const exit = new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      // killed by a signal has no code
      child.once("close", (code) => resolve(code ?? 1));
    });
    const { stdout, stderr } = child;
    if (stdout === null || stderr === null) throw new Error("the output of Terraform is not piped");

    const streams = args.includes("-json") && args[0] !== "show" && args[0] !== "output";
    const reading = streams ? readEvents(stdout, onEvent) : readAll(stdout);
    const [code, read, errors] = await Promise.all([exit, reading, buffer(stderr)]);
    const said = errors.toString("utf8").trim();
    // plain commands explain themselves in words, on stderr or, for `init`, partly on stdout
    const inWords = code !== 0 && read.diagnostics.length === 0 && said !== "" ? [inOneDiagnostic(said)] : [];
    return { code, stdout: read.text, diagnostics: [...read.diagnostics, ...inWords] };
  }
}

interface Read {
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}

async function readAll(stream: Readable): Promise<Read> {
  return { text: (await buffer(stream)).toString("utf8"), diagnostics: [] };
}

async function readEvents(stream: Readable, onEvent?: (event: UiEvent) => void): Promise<Read> {
  const diagnostics: Diagnostic[] = [];
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    const event = parseUiLine(line);
    if (event === undefined) continue;
    if (event.kind === "diagnostic") diagnostics.push(event.diagnostic);
    onEvent?.(event);
  }
  return { text: "", diagnostics };
}

/** Terraform's own words without colours, and without the frame that it draws around them. */
function inOneDiagnostic(text: string): Diagnostic {
  const bare = text
    // not every command knows -no-color
    .replaceAll(/\u001b\[\d*m/g, "")
    .split("\n")
    .map((line) => line.replace(/^[╷│╵]\s?/, "").trimEnd())
    .filter((line) => line !== "")
    .join("\n");
  const from = bare.indexOf("Error: ");
  return { severity: "error", summary: from === -1 ? bare : bare.slice(from + "Error: ".length), detail: "" };
}
