import { closest, distance } from "fastest-levenshtein";
import { bootstrapStack } from "../constructs/shared/pipeline-names";
import type { Lifetime } from "../constructs/shared/protection";
import * as written from "../environments";
import { accountOfBootstrap, accountsOf, placeholderProblems } from "../environments/accounts";
import { type Configuration, parseConfiguration } from "../environments/checks";
import { CommandError, exitCodes } from "./exit-codes";

/** The stack of the image repositories; it is planned, deployed and destroyed like an environment. */
export const registryStack = "registry";

/** What a command works on. */
export interface Target {
  /** Name of the stack: that of the environment, or `registry`. */
  readonly stack: string;
  readonly project: string;
  readonly account: string;
  readonly region: string;
  /** As the environment's file has it. */
  readonly writtenLifetime: Lifetime;
  /** As this run has it: SLIPWAY_LIFETIME replaces the file's. */
  readonly lifetime: Lifetime;
}

/**
 * The checked configuration of the fork.
 *
 * @throws BlueprintError with every problem
 */
export function loadConfiguration(): Configuration {
  return parseConfiguration(written.project, written.environments);
}

/** The environments of the fork, as they are written. */
export function writtenEnvironments(): Readonly<Record<string, unknown>> {
  return written.environments;
}

/** Every stack that a person can name: the environments, the registry, and the bootstrap of each account. */
export function everyStack({ project, environments }: Configuration): string[] {
  return [...Object.keys(environments), registryStack, ...accountsOf(project).map(bootstrapStack)];
}

/**
 * The stack that a person named.
 *
 * @throws CommandError when there is none of this name
 */
export function targetOf(
  { project, environments }: Configuration,
  stack: string,
  env: Readonly<Record<string, string>>,
): Target {
  const environment = environments[stack];
  const ofBootstrap = accountOfBootstrap(project, stack);
  const account = stack === registryStack ? project.registry.account : (project.accounts[stack] ?? ofBootstrap);
  if (account === undefined || (environment === undefined && stack !== registryStack && ofBootstrap === undefined)) {
    throw new CommandError(
      unknownName("environment", stack, [...Object.keys(environments), registryStack]),
      exitCodes.usage,
    );
  }
  // the registry and the bootstrap outlive every environment
  const writtenLifetime = environment?.lifetime ?? "permanent";
  return {
    stack,
    project: project.name,
    account,
    region: stack === registryStack ? project.registry.region : project.region,
    writtenLifetime,
    lifetime: lifetimeOf(env["SLIPWAY_LIFETIME"]) ?? writtenLifetime,
  };
}

/** @throws CommandError while an account that the stack needs is a placeholder */
export function refusePlaceholders({ project }: Configuration, { stack }: Target): void {
  const problems = placeholderProblems(project, stack);
  if (problems.length > 0) throw new CommandError(problems.join("\n"), exitCodes.usage);
}

/** `dve is not an environment: did you mean dev?` */
export function unknownName(what: string, name: string, known: readonly string[]): string {
  const article = /^[aeiou]/.test(what) ? "an" : "a";
  if (known.length === 0) return `${name} is not ${article} ${what}: there is none`;
  const nearest = closest(name, [...known]);
  const advice =
    distance(name, nearest) <= Math.max(2, name.length / 2)
      ? `did you mean ${nearest}?`
      : `use one of ${known.join(", ")}`;
  return `${name} is not ${article} ${what}: ${advice}`;
}

function lifetimeOf(value: string | undefined): Lifetime | undefined {
  if (value === undefined || value === "") return undefined;
  if (value === "permanent" || value === "temporary") return value;
  throw new CommandError(`SLIPWAY_LIFETIME must be "permanent" or "temporary", got "${value}"`, exitCodes.usage);
}
