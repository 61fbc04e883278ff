import path from "node:path";
import { Command } from "commander";
import type { Configuration } from "../environments/checks";
import { costsCommand } from "./commands/costs";
import { type Clock, systemClock } from "./clock";
import { addDaily } from "./command-line/daily";
import { addImages } from "./command-line/images";
import { addMqtt } from "./command-line/mqtt";
import { addPipeline } from "./command-line/pipeline";
import { addRelease } from "./command-line/release";
import { addSecrets } from "./command-line/secrets";
import { addSetup } from "./command-line/setup";
import { described, json, type Open, type OpenUnchecked } from "./command-line/described";
import { dashboardCommand } from "./commands/dashboard";
import { deployCommand } from "./commands/deploy";
import { destroyCommand } from "./commands/destroy";
import { defaultPlatforms, lockCommand } from "./commands/lock";
import { outputsCommand } from "./commands/outputs";
import { planCommand, type PlanCommandOptions } from "./commands/plan";
import { rehearseCommand } from "./commands/rehearse";
import { loadConfiguration, writtenEnvironments } from "./configuration";
import type { NameServers } from "./doctor/domain";
import type { Fetch } from "./fetch";
import { exitCodeOfFailure } from "./failure";
import { exitCodes } from "./exit-codes";
import { Prompts } from "./prompts";
import { Report } from "./report";
import type { Session, UncheckedSession } from "./session";
import type { Surroundings } from "./surroundings";
import { keepIdentity } from "./pipelines/identity";
import { Interrupts, type SignalSource } from "./terraform/interrupts";
import type { Synthesize } from "./terraform/synthesize";

/** What tests put in place of the real thing. */
export interface Parts {
  /** Default: that of environments/. */
  readonly configuration?: Configuration;
  /** Default: stacks/app.ts in a process of its own. */
  readonly synthesize?: Synthesize;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** How addresses outside the SDK are asked. Default: the machine's. */
  readonly fetch?: Fetch;
  /** Who answers for a domain. Default: whom the machine's resolver names. */
  readonly nameServers?: NameServers;
  /** Where Ctrl-C comes from. Default: the process. */
  readonly signals?: SignalSource;
}

/** Run one command line, without the program's name; gives the exit code. */
export async function runCli(argv: readonly string[], surroundings: Surroundings, parts: Parts = {}): Promise<number> {
  const report = Report.to({ stderr: surroundings.stderr, stdout: surroundings.stdout, tty: surroundings.isTTY });
  const { synthesize, clock = systemClock, fetch, nameServers, signals = process } = parts;
  const interrupts = new Interrupts(report, signals);
  const shared = {
    surroundings,
    report,
    interrupts,
    prompts: new Prompts(surroundings, interrupts.signal),
    clock,
    ...(fetch === undefined ? {} : { fetch }),
    ...(nameServers === undefined ? {} : { nameServers }),
    ...(synthesize === undefined ? {} : { synthesize }),
  };
  const open = (): Session => ({ ...shared, configuration: parts.configuration ?? loadConfiguration() });
  const openUnchecked = (): UncheckedSession => ({
    ...shared,
    environments: parts.configuration?.environments ?? writtenEnvironments(),
  });
  const done = new AbortController();
  // in a job on GitHub, whose identity lives for minutes
  void keepIdentity(surroundings.env, done.signal);
  try {
    await program(open, openUnchecked, surroundings).parseAsync([...argv], { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    return exitCodeOfFailure(error, { argv, env: surroundings.env, report, interrupts });
  } finally {
    done.abort();
    interrupts.dispose();
  }
}

function program(open: Open, openUnchecked: OpenUnchecked, { stdout, stderr }: Surroundings): Command {
  const slipway = new Command("slipway")
    .description("Deploy environments to AWS, and rehearse that without an account.")
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .showHelpAfterError("(--help says more)");
  const applyNow = [
    "--apply-now",
    "change databases and brokers at once, with a restart, instead of in their maintenance window",
    false,
  ] as const;

  described(
    slipway.command("rehearse [environments...]"),
    "deploy, check, change and remove environments on an emulator of AWS; dev if none is named",
    "npm run rehearse -- dev stage prod variants",
  )
    .option("--keep", "leave the emulator running with what was deployed, and say how to talk to it", false)
    .option("--record-calls", "write down what the roles of pipelines did, for the tests of what they may do", false)
    .option(...json)
    .action((environments: string[], options: { keep: boolean; recordCalls: boolean; json: boolean }) =>
      rehearseCommand(open(), { environments, ...options }),
    );

  described(slipway.command("plan <environment>"), "save a plan and say what it would do", "npm run plan -- dev")
    .option(...applyNow)
    .option("--no-lock", "do not take the lock of the state, which a role that only reads cannot")
    .option("--keep", "save a plan without changes too, to be refused when the state has changed by then", false)
    .option("--mend", "take over what an interrupted deploy left half made, which writes the state", false)
    .option(...json)
    .action((environment: string, options: Omit<PlanCommandOptions, "environment">) =>
      planCommand(open(), { environment, ...options }),
    );

  described(
    slipway.command("deploy <environment>"),
    "apply the saved plan; without one, plan and ask",
    "npm run deploy -- dev --yes",
  )
    .option("--yes", "do not ask", false)
    .option(...applyNow)
    .option(...json)
    .action((environment: string, options: { yes: boolean; applyNow: boolean; json: boolean }) =>
      deployCommand(open(), { environment, ...options }),
    );

  described(
    slipway.command("destroy <environment>"),
    "delete a temporary environment; a permanent one is refused until its lifetime is temporary",
    "SLIPWAY_LIFETIME=temporary npm run destroy -- stage --confirm stage",
  )
    .option("--yes", "do not ask, where the environment's own file says temporary", false)
    .option("--confirm <name>", "the environment's name, for scripts that destroy a permanent one")
    .option(...json)
    .action((environment: string, options: { yes: boolean; confirm?: string; json: boolean }) =>
      destroyCommand(open(), { environment, ...options }),
    );

  described(slipway.command("outputs <environment>"), "print what the last deploy made", "npm run outputs -- dev")
    .option(...json)
    .action((environment: string, options: { json: boolean }) => outputsCommand(open(), { environment, ...options }));

  described(
    slipway.command("lock [stacks...]"),
    "record the checksums of the providers in stacks/locks, to be committed",
    "npm run lock",
  )
    .option("--platform <platform...>", "machines that Terraform runs on", [...defaultPlatforms])
    .option("--mirror <folder>", "take them from a filesystem mirror instead of the registry")
    .action((stacks: string[], { platform, mirror }: { platform: string[]; mirror?: string }) =>
      lockCommand(open(), { stacks, platforms: platform, ...(mirror === undefined ? {} : { mirror }) }),
    );

  described(
    slipway.command("costs [environments...]"),
    "what environments cost in a month, at list prices; asks nothing of AWS",
    "npm run costs -- prod",
  )
    .option(...json)
    .action((environments: string[], options: { json: boolean }) => costsCommand(open(), { environments, ...options }));

  described(
    slipway.command("dashboard <environment>"),
    "draw the dashboard of an environment as an SVG; asks nothing of AWS",
    "npm run dashboard -- prod --out docs/dashboard.svg",
  )
    .option("--out <file>", "write it to a file instead of standard output")
    .action((environment: string, options: { out?: string }) => dashboardCommand(open(), { environment, ...options }));

  addSecrets(slipway, open);
  addImages(slipway, open);
  addMqtt(slipway, open);
  addRelease(slipway, open);
  addDaily(slipway, open);
  addPipeline(slipway, open);
  addSetup(slipway, open, openUnchecked);
  return slipway;
}

async function main(): Promise<void> {
  // a closed pipe or terminal must not end the process while Terraform works
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  // nor may an impatient Ctrl-C take the exit code from a command that is about to end, when nothing listens any more
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
  // package.json says which versions of Node are supported; the SDK's opinion on every start is noise
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
  const exitCode = await runCli(process.argv.slice(2), {
    env,
    root: path.dirname(__dirname),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    isTTY: process.stdin.isTTY && process.stderr.isTTY,
  });
  // requests that were given up at an interrupt would keep the process for half a minute
  process.exit(exitCode);
}

if (require.main === module) void main();
