import type { Command } from "commander";
import { secretsListCommand, secretsSetCommand } from "../commands/secrets";
import { described, json, type Open } from "./described";

/** `secrets`: the values that Terraform does not know. */
export function addSecrets(slipway: Command, open: Open): void {
  const secrets = described(
    slipway.command("secrets"),
    "put values into the secrets that services name",
    "npm run secrets -- list dev",
  );
  described(
    secrets.command("list <environment>"),
    "which there are, and whether they have a value",
    "npm run secrets -- list dev",
  )
    .option(...json)
    .action((environment: string, options: { json: boolean }) =>
      secretsListCommand(open(), { environment, ...options }),
    );
  described(
    secrets.command("set <environment> <name>"),
    "read a value from standard input, or typed blind, and store it; it is never shown",
    "npm run secrets -- set dev STRIPE_KEY < key.txt",
  ).action((environment: string, name: string) => secretsSetCommand(open(), { environment, name }));
}
