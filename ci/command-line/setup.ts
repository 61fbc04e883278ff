import type { Command } from "commander";
import { bootstrapCommand } from "../commands/bootstrap";
import { doctorCommand } from "../commands/doctor";
import { scanCommand } from "../commands/scan";
import { described, json, type Open, type OpenUnchecked } from "./described";
import { addInit } from "./init";

/** What comes before a deploy: `init`, `bootstrap`, `doctor` and `scan`. */
export function addSetup(slipway: Command, open: Open, openUnchecked: OpenUnchecked): void {
  addInit(slipway, openUnchecked);

  described(
    slipway.command("bootstrap [accounts...]"),
    "make what an account has once: the bucket of the state, and the roles of pipelines; run it for each account, and again at any time",
    "npm run bootstrap -- 123456789012 --yes",
  )
    .option("--yes", "do not ask", false)
    .option(
      "--write-settings",
      "set the variables of the pipelines with gh or glab, and keep pipelines of forks out, without a question",
      false,
    )
    .option(...json)
    .action((accounts: string[], options: { yes: boolean; writeSettings: boolean; json: boolean }) =>
      bootstrapCommand(open(), { accounts, ...options }),
    );

  described(
    slipway.command("doctor <environment>"),
    "look whether everything is there that a deploy and a release need, and say what is not; changes nothing",
    "npm run doctor -- dev",
  )
    .option(...json)
    .action((environment: string, options: { json: boolean }) => doctorCommand(open(), { environment, ...options }));

  described(
    slipway.command("scan [stacks...]"),
    "look for what is insecure in the synthesized stacks; all of them if none is named; asks nothing of AWS",
    "npm run scan -- prod registry",
  )
    .option(...json)
    .action((stacks: string[], options: { json: boolean }) => scanCommand(open(), { stacks, ...options }));
}
