import type { Project } from "../../environments/project-schema";
import { CommandError } from "../exit-codes";
import { type PipelineHost, pipelineHosts, setText } from "../pipelines/hosts";
import { type PipelineSetting, pipelineSettings, roleVariable } from "../pipelines/settings";
import type { Session } from "../session";
import { findProgram } from "../tools/program";
import { keepForksOut, readForks, type ToldForks, toldForks } from "./forks";
import { HostError, runHost } from "./run-host";

export interface TellPipelines {
  readonly project: Project;
  /** Environments of the account. */
  readonly environments: readonly string[];
  readonly roleArns: Readonly<Record<string, string>>;
  /** Stacks whose roles are in accounts that may have had no bootstrap yet. */
  readonly elsewhere: readonly string[];
  /** Write them without a question, and fail where that cannot be. */
  readonly write: boolean;
  /** Nobody is to be asked. */
  readonly quiet: boolean;
}

/** What the pipelines of one host were told, or have to be. */
export interface ToldHost {
  readonly host: PipelineHost["topic"];
  readonly place: string;
  /** Variables that are as they have to be, some since now. */
  readonly settled: boolean;
  readonly written: readonly string[];
  /** Commands that set the others. */
  readonly commands: readonly string[];
  /** SLIPWAY_AWS waits for the other accounts: with it jobs ask for their roles. */
  readonly waits: boolean;
  readonly secrets: PipelineHost["secrets"];
  /** Only where the host could run pipelines of forks. */
  readonly forks?: ToldForks;
  /** Why nothing could be written; none where nobody wanted it. */
  readonly problem?: string;
}

/** Find out what pipelines have to be told, and tell them where that is wanted. */
export async function tellPipelines(session: Session, wish: TellPipelines): Promise<ToldHost[]> {
  const told: ToldHost[] = [];
  // one after the other: they ask
  for (const host of pipelineHosts(wish.project)) told.push(await tellHost(session, host, wish));
  return told;
}

/** Variables of a host, or why they cannot be read. */
type Read = ReadonlyMap<string, string> | string;

async function tellHost(session: Session, host: PipelineHost, wish: TellPipelines): Promise<ToldHost> {
  const { report } = session;
  const { topic, place, program } = host;
  const there = await report.step(`look at the variables of ${place}`, () => readVariables(session, host));
  const { wanted, waits } = wantedOf(wish, there);
  const of = (variables: Read): PipelineSetting[] =>
    typeof variables === "string" ? [...wanted] : wanted.filter(({ name, value }) => variables.get(name) !== value);
  const missing = of(there);
  const commands = missing.map((setting) =>
    setText(host, setting, typeof there !== "string" && there.has(setting.name)),
  );
  const told = { host: topic, place, waits, secrets: host.secrets };
  if (typeof there === "string") {
    const forks = toldForks(host, "unknown", false);
    return { ...told, ...forks, settled: false, written: [], commands, ...(wish.write ? { problem: there } : {}) };
  }
  const forks = await readForks(session, host);
  const steps = [
    ...(missing.length === 0 ? [] : [`set ${missing.length} variables of ${place}`]),
    ...(forks === "in" ? [`keep pipelines of forks out of ${place}`] : []),
  ];
  if (steps.length === 0 || !(await agreed(session, wish, `${steps.join(" and ")} with ${program}`))) {
    return { ...told, ...toldForks(host, forks, false), settled: missing.length === 0, written: [], commands };
  }

  await report.step(steps.join(" and "), async () => {
    // before the variables, with which jobs can take roles
    if (forks === "in") await keepForksOut(session, host);
    for (const setting of missing) await runHost(session, host, host.set(setting, there.has(setting.name)));
    const left = missing.length === 0 ? [] : of(await readVariables(session, host));
    if (left.length === 0) return;
    throw new CommandError(
      `${place} does not have what was just written: ${left.map(({ name }) => name).join(", ")}; run it again, or set them by hand`,
    );
  });
  const written = missing.map(({ name }) => name);
  return { ...told, ...toldForks(host, forks, forks === "in"), settled: true, written, commands: [] };
}

/** Whether somebody wants it, asked where that is not clear. */
async function agreed({ prompts, surroundings }: Session, wish: TellPipelines, what: string): Promise<boolean> {
  if (wish.write) return true;
  if (wish.quiet || !surroundings.isTTY) return false;
  return /^y(es)?$/i.test((await prompts.ask(`${what}? [y/N] `, "")).trim());
}

/** SLIPWAY_AWS comes last: with it jobs take the roles of every environment. */
function wantedOf(
  { project, environments, roleArns, elsewhere }: TellPipelines,
  there: Read,
): { readonly wanted: readonly PipelineSetting[]; readonly waits: boolean } {
  const all = pipelineSettings(project, environments, roleArns);
  const known = (stack: string): boolean => typeof there !== "string" && there.has(roleVariable(stack, "plan"));
  const waits = !elsewhere.every(known);
  const isSwitch = ({ name }: PipelineSetting): boolean => name === "SLIPWAY_AWS";
  const others = all.filter((setting) => !isSwitch(setting));
  return { wanted: waits ? others : [...others, ...all.filter(isSwitch)], waits };
}

async function readVariables(session: Session, host: PipelineHost): Promise<Read> {
  const { place, program } = host;
  if (/^example\//.test(place)) {
    return `${place} is a placeholder: run \`npm run init\`, or correct pipelines in environments/project.ts`;
  }
  if (findProgram(program, session.surroundings.env) === undefined) {
    return `${program} is not on PATH: install it and log in, or run the commands by hand`;
  }
  try {
    const stdout = await runHost(session, host, host.list);
    return new Map(host.read(stdout).map(({ name, value }) => [name, value]));
  } catch (error) {
    if (error instanceof HostError) return `${error.message}: log in, or run the commands by hand`;
    throw error;
  }
}
