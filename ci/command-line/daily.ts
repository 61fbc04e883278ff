import type { Command } from "commander";
import { Argument } from "commander";
import { buildCommand } from "../commands/build";
import { execCommand } from "../commands/exec";
import { logsCommand } from "../commands/logs";
import { restartCommand } from "../commands/restart";
import { runTaskCommand } from "../commands/run";
import { scaleCommand } from "../commands/scale";
import { statusCommand } from "../commands/status";
import { tunnelCommand } from "../commands/tunnel";
import { wholeNumber } from "./numbers";
import { described, json, type Open } from "./described";

/** What one does every day: images, and what runs. */
export function addDaily(slipway: Command, open: Open): void {
  addBuild(slipway, open);
  addLooking(slipway, open);
  addRunning(slipway, open);
  addEntering(slipway, open);
}

function addBuild(slipway: Command, open: Open): void {
  const collect = (value: string, before: readonly string[]): string[] => [...before, value];
  described(
    slipway.command("build [repository]"),
    "build an image with docker, podman or buildctl, push it as build-<commit>, and print its digest",
    "npm run build -- app --build-arg VERSION=1.4.0",
  )
    .option("--context <folder>", "what the Dockerfile copies from; it is in a git repository", ".")
    .option("--file <file>", "the Dockerfile (default: Dockerfile in the context)")
    .option(
      "--build-arg <name=value>",
      "an argument of the Dockerfile, as often as needed; never a secret",
      collect,
      [],
    )
    .option("--target <stage>", "the stage of the Dockerfile (default: the last)")
    .option("--platform <platform...>", "such as linux/arm64 (default: what the environments run it on)", [])
    .option("--no-push", "build only; asks nothing of AWS")
    .option("--allow-dirty", "take what is not committed, under a tag that says so", false)
    .option(...json)
    .action((repository: string | undefined, { buildArg, platform, ...options }: BuildFlags) =>
      buildCommand(open(), {
        repository,
        context: options.context,
        file: options.file,
        target: options.target,
        push: options.push,
        allowDirty: options.allowDirty,
        json: options.json,
        buildArguments: buildArg,
        platforms: platform,
      }),
    );
}

interface BuildFlags {
  readonly context: string;
  readonly file?: string;
  readonly buildArg: string[];
  readonly target?: string;
  readonly platform: string[];
  readonly push: boolean;
  readonly allowDirty: boolean;
  readonly json: boolean;
}

function addLooking(slipway: Command, open: Open): void {
  described(
    slipway.command("status <environment>"),
    "what every service runs, how its deployment goes, and which alarms ring",
    "npm run status -- prod",
  )
    .option(...json)
    .action((environment: string, options: { json: boolean }) => statusCommand(open(), { environment, ...options }));

  described(
    slipway.command("logs <environment> [service]"),
    "lines of all tasks of a service, or of all services and the migration",
    'npm run logs -- prod web --follow --filter "status=500"',
  )
    .option("--follow", "go on as lines come, until Ctrl-C", false)
    .option("--since <duration>", "how far back: a number and s, m, h or d", "15m")
    .option("--filter <text>", "only lines that hold this text")
    .option(...json)
    .action(
      (
        environment: string,
        service: string | undefined,
        { filter, ...options }: { follow: boolean; since: string; filter?: string; json: boolean },
      ) => logsCommand(open(), { environment, service, filter, ...options }),
    );
}

function addRunning(slipway: Command, open: Open): void {
  described(
    slipway.command("run <environment> <command...>"),
    "run a command in a task of its own, like the migration or a service; when it ends with anything but 0, which is printed, this ends with 1",
    "npm run run -- dev -- node scripts/backfill.js",
  )
    .option("--service <name>", "whose image, roles and variables (default: the migration's, else the first service's)")
    .option("--cpu <units>", "CPU of the task, 1024 for one (default: as the service has)", wholeNumber)
    .option("--memory <MiB>", "memory of the task (default: as the service has)", wholeNumber)
    .option("--timeout <minutes>", "when it is stopped", wholeNumber, 60)
    .option(...json)
    .action((environment: string, command: string[], { service, cpu, memory, ...options }: RunFlags) =>
      runTaskCommand(open(), { environment, command, service, cpu, memoryMiB: memory, ...options }),
    );

  described(
    slipway.command("restart <environment> [service]"),
    "start the tasks of a service, or of all, anew with what they run: after a secret has changed",
    "npm run restart -- dev web",
  )
    .option("--timeout <minutes>", "when it is given up", wholeNumber, 30)
    .option(...json)
    .action((environment: string, service: string | undefined, options: { timeout: number; json: boolean }) =>
      restartCommand(open(), { environment, service, ...options }),
    );

  described(
    slipway.command("scale <environment> <service> <tasks>"),
    "change how many tasks run, until the next deploy: a number, or the least and the most",
    "npm run scale -- prod web 2-6",
  )
    .option(...json)
    .action((environment: string, service: string, tasks: string, options: { json: boolean }) =>
      scaleCommand(open(), { environment, service, tasks, ...options }),
    );
}

interface RunFlags {
  readonly service?: string;
  readonly cpu?: number;
  readonly memory?: number;
  readonly timeout: number;
  readonly json: boolean;
}

function addEntering(slipway: Command, open: Open): void {
  described(
    slipway.command("exec <environment> [service]"),
    "open a shell, or run a command, in a running task; needs session-manager-plugin",
    "npm run exec -- dev web -- npm run console",
  )
    .usage("[options] <environment> [service] [-- <command...>]")
    .allowExcessArguments()
    .action((_environment: string, _service: string | undefined, _options: object, command: Command) => {
      const { operands, words } = aroundDashes(command);
      const [environment, service, ...others] = operands;
      if (environment === undefined || others.length > 0) {
        command.error("error: name the environment and at most one service; a command comes after --");
      }
      return execCommand(open(), { environment, service, command: words });
    });

  described(
    slipway.command("tunnel <environment>"),
    "the database on a port of this machine, through a running task; needs session-manager-plugin",
    "npm run tunnel -- dev db --port 15432",
  )
    .addArgument(new Argument("<what>", "what to reach").choices(["db"]))
    .option("--port <port>", "port of this machine", wholeNumber, 5432)
    .option(...json)
    .action((environment: string, _what: string, options: { port: number; json: boolean }) =>
      tunnelCommand(open(), { environment, ...options }),
    );
}

/** Operands before `--`, and the words after it, which commander runs together. */
function aroundDashes(command: Command): { readonly operands: readonly string[]; readonly words: readonly string[] } {
  let root = command;
  while (root.parent !== null) root = root.parent;
  const { rawArgs } = root as Command & { readonly rawArgs: readonly string[] };
  const dashes = rawArgs.indexOf("--");
  const words = dashes < 0 ? [] : rawArgs.slice(dashes + 1);
  return { operands: command.args.slice(0, command.args.length - words.length), words };
}
