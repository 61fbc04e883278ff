import { bootstrapStack } from "../../constructs/shared/pipeline-names";
import { accountsOf, placeholderProblems } from "../../environments/accounts";
import { callerAccount } from "../aws/account";
import { bootstrapAccount, type Bootstrapped } from "../bootstrap/bootstrap-account";
import { tellPipelines, type ToldHost } from "../bootstrap/tell-pipelines";
import { registryStack, type Target, targetOf, unknownName } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import { durationText } from "../report";
import { openTarget, type Session } from "../session";
import { endpointOf } from "../terraform/endpoint";
import { countsText } from "../terraform/plan-summary";
import { planJson } from "./plan";

export interface BootstrapCommandOptions {
  /** Accounts; none: every account of the project, of which the one that the credentials belong to is done. */
  readonly accounts: readonly string[];
  /** Go ahead without a question. */
  readonly yes: boolean;
  /** Set the variables of the pipelines without a question. */
  readonly writeSettings: boolean;
  readonly json: boolean;
}

/** `bootstrap [account...]`: what an account has once, before anything is deployed to it. */
export async function bootstrapCommand(session: Session, options: BootstrapCommandOptions): Promise<void> {
  const { report, configuration } = session;
  const { yes, json, writeSettings } = options;
  const started = Date.now();
  const { target, others } = await chooseAccount(session, options.accounts);
  const { account } = target;
  const done = await bootstrapAccount(session, target, { yes });

  const { project, environments } = configuration;
  const stacksIn = (isWanted: (account: string | undefined) => boolean): string[] =>
    Object.keys(environments).filter((name) => isWanted(project.accounts[name]));
  const told = await tellPipelines(session, {
    project,
    environments: stacksIn((its) => its === account),
    roleArns: done.roleArns,
    elsewhere: [
      ...stacksIn((its) => its !== account),
      ...(project.registry.account === account ? [] : [registryStack]),
    ],
    write: writeSettings,
    quiet: json,
  });
  const seconds = Math.round((Date.now() - started) / 1000);
  if (json) report.json({ ok: true, account, ...resultOf(done), pipelines: told, others, seconds });
  else for (const line of textOf(session, done, told)) report.result(line);
  const counts = done.made.changes ? countsText(done.made.summary.counts) : "nothing to change";
  report.line(`bootstrapped account ${account} (${counts}; ${durationText(Date.now() - started)})`);
  for (const line of othersText(session, others)) report.line(line);
  const problems = told.flatMap(({ place, problem }) =>
    problem === undefined ? [] : [`the variables of ${place} are not set: ${problem}`],
  );
  if (problems.length > 0) throw new CommandError(problems.join("\n"));
}

/** The account that is done in this run: credentials are of one. */
async function chooseAccount(
  session: Session,
  named: readonly string[],
): Promise<{ readonly target: Target; readonly others: readonly string[] }> {
  const { configuration, surroundings, report, interrupts } = session;
  const { env } = surroundings;
  const all = accountsOf(configuration.project);
  for (const account of named) {
    if (!all.includes(account)) {
      throw new CommandError(unknownName("account of the project", account, all), exitCodes.usage);
    }
  }
  const targets = (named.length > 0 ? named : all).map((account) =>
    targetOf(configuration, bootstrapStack(account), env),
  );
  const [first] = targets;
  if (first === undefined) throw new Error("a project has an account");
  // what is wrong with the files is told before anybody has to log in
  if (endpointOf(env).kind === "aws") refuseWherePlaceholders(session, targets);
  const found = await report.step("look whose the credentials are", () => interrupts.race(callerAccount(first, env)));
  const foreign = named.find((account) => account !== found);
  const chosen = foreign === undefined ? targets.find(({ account }) => account === found) : undefined;
  if (chosen === undefined) {
    throw new CommandError(
      foreign === undefined
        ? `these credentials are of account ${found}, which is none of the project's (${all.join(", ")}): switch to one of them (AWS_PROFILE), or correct environments/project.ts`
        : `these credentials are of account ${found}, and not of ${foreign}: switch to it (AWS_PROFILE), or leave the account out for the one at hand`,
      exitCodes.account,
    );
  }
  if (chosen.lifetime === "temporary") {
    throw new CommandError(
      "SLIPWAY_LIFETIME=temporary would leave the states without their guards, and is for the run that destroys them: unset it",
      exitCodes.usage,
    );
  }
  const target = await openTarget(session, chosen.stack);
  return { target, others: all.filter((account) => account !== found) };
}

/** Refuses when no account of those could be done, whoever the credentials are of. */
function refuseWherePlaceholders({ configuration: { project } }: Session, targets: readonly Target[]): void {
  const problems = targets.map(({ stack }) => placeholderProblems(project, stack));
  if (problems.some((some) => some.length === 0)) return;
  throw new CommandError([...new Set(problems.flat())].join("\n"), exitCodes.usage);
}

function resultOf({ made, moved, adopted, stateBucket, roleArns }: Bootstrapped): Record<string, unknown> {
  return { ...planJson(made), stateMoved: moved, adopted, stateBucket, roleArns };
}

function textOf({ configuration: { project } }: Session, done: Bootstrapped, told: readonly ToldHost[]): string[] {
  return [`state bucket: ${done.stateBucket}`, ...stateText(project.stateBucket), ...told.flatMap(hostText)];
}

/** Where environments keep their state is the project's own choice. */
function stateText(stateBucket: Session["configuration"]["project"]["stateBucket"]): string[] {
  if ("bootstrap" in stateBucket) return [];
  return "none" in stateBucket
    ? [
        "  environments keep their state on one machine until stateBucket is { bootstrap: true } in environments/project.ts: set it before anything is deployed that has to last",
      ]
    : [
        `  it holds the state of this alone: environments keep theirs in ${stateBucket.name}, as environments/project.ts says`,
      ];
}

function hostText({ host, place: path, settled, written, commands, waits, secrets, forks }: ToldHost): string[] {
  const place = `${path} on ${host === "github" ? "GitHub" : "GitLab"}`;
  return [
    "",
    ...(settled
      ? [`${place} has the variables of this account${written.length === 0 ? "" : `, since now ${written.join(", ")}`}`]
      : [`set these variables of ${place} (none is secret; --write-settings does it):`, ...indented(commands)]),
    ...(waits
      ? [
          "SLIPWAY_AWS=true is for when every account has had its bootstrap: until it is set, jobs that need AWS are skipped",
        ]
      : []),
    ...forksText(place, forks),
    `only you can make the ${secrets.length === 1 ? "secret" : "secrets"} of ${place}, once:`,
    ...secrets.flatMap(({ name, way: [purpose = "", ...rest] }) => [
      `  ${name} ${purpose}`,
      ...indented(indented(rest)),
    ]),
  ];
}

function forksText(place: string, forks: ToldHost["forks"]): string[] {
  if (forks === undefined) return [];
  return forks.out
    ? [`${place} keeps pipelines of forks out${forks.written ? ", since now" : ""}`]
    : [
        `keep pipelines of forks out of ${place}, whose branches may be called main (--write-settings does it where glab may see the setting):`,
        ...indented([forks.command]),
      ];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function othersText({ configuration }: Session, others: readonly string[]): string[] {
  return others.map((account) => {
    const [problem] = placeholderProblems(configuration.project, bootstrapStack(account));
    return problem === undefined
      ? `account ${account} is another: run it again with its credentials, \`npm run bootstrap -- ${account}\``
      : `account ${account} is another, and a placeholder: put yours into environments/project.ts, then run it again with its credentials`;
  });
}
