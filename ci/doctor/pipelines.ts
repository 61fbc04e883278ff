import type { RoleKind } from "../../constructs/shared/pipeline-names";
import type { Project } from "../../environments/project-schema";
import { registryStack } from "../configuration";
import { type PipelineHost, pipelineHosts, setText } from "../pipelines/hosts";
import { type PipelineSetting, pipelineSettings } from "../pipelines/settings";
import { findProgram, type ProgramResult } from "../tools/program";
import { advice, type Finding, right, wrong } from "./finding";
import { askHost } from "./host-question";
import { guardedOf, lookAtProtections } from "./protections";

export interface PipelineQuestion {
  readonly project: Project;
  readonly stack: string;
  /** Whether it is an environment of production, whose roles trust tags. */
  readonly production: boolean;
  /** What the roles of the stack are for: people deploy a temporary environment, and pipelines only plan it. */
  readonly kinds: readonly RoleKind[];
  readonly roleArns: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Runs a program of PATH to its end. */
  readonly run: (
    file: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ) => Promise<ProgramResult>;
}

/** Whether pipelines may work on the stack: their roles, and what the repository knows of them. */
export async function lookAtPipelines(question: PipelineQuestion): Promise<readonly Finding[]> {
  const { project, stack, kinds } = question;
  const hosts = pipelineHosts(project);
  if (hosts.length === 0) return [right("pipelines", "the project has none")];
  const nameOf = (kind: string): string => `${project.name}-${stack}-${kind}`;
  const arns = await question.roleArns(kinds.map(nameOf));
  const missing = kinds.map(nameOf).filter((name) => !arns.has(name));
  if (missing.length > 0) {
    return [wrong("pipelines", `there is no role ${missing.join(", ")}`, "run `npm run bootstrap` in this account")];
  }
  const arnByRole = Object.fromEntries(kinds.map((kind) => [`${stack}-${kind}`, arns.get(nameOf(kind)) ?? ""]));
  const settings = pipelineSettings(project, stack === registryStack ? [] : [stack], arnByRole);
  const findings = await Promise.all(hosts.map((host) => lookAtHost(host, settings, question)));
  return [
    right(
      "pipelines",
      `${kinds.length === 1 ? "role" : "roles"} ${kinds.join(", ")} ${kinds.length === 1 ? "is" : "are"} there`,
    ),
    ...findings.flat(),
  ];
}

async function lookAtHost(
  host: PipelineHost,
  wanted: readonly PipelineSetting[],
  question: PipelineQuestion,
): Promise<readonly Finding[]> {
  const { topic, place, program } = host;
  const { env, kinds, production } = question;
  if (/^example\//.test(place)) {
    return [
      wrong(topic, `${place} is a placeholder`, "run `npm run init`, or correct pipelines in environments/project.ts"),
    ];
  }
  const file = findProgram(program, env);
  if (file === undefined) {
    return [
      advice(
        topic,
        `settings and protections could not be looked at: ${program} is not on PATH`,
        `install it and log in, or ${byHand(host, wanted)}, and what protects it (docs/pipelines.md, Set up)`,
      ),
    ];
  }
  const run = (args: readonly string[]): Promise<ProgramResult> => question.run(file, args, { ...env, ...host.env });
  const guarded = guardedOf({ deploys: kinds.includes("apply"), production });
  const findings = await Promise.all([
    lookAtSettings(host, wanted, run),
    // more people may see these than the settings
    lookAtProtections(host, guarded, askHost(host, run)),
  ]);
  return findings.flat();
}

async function lookAtSettings(
  host: PipelineHost,
  wanted: readonly PipelineSetting[],
  run: (args: readonly string[]) => Promise<ProgramResult>,
): Promise<readonly Finding[]> {
  const { topic, place, program } = host;
  const { code, stdout, stderr } = await run(host.list);
  if (code !== 0) {
    const reason = stderr.trim().split("\n").at(-1) ?? "";
    return [
      advice(
        topic,
        `settings could not be looked at: ${program} says "${reason}"`,
        `log in, or ${byHand(host, wanted)}`,
      ),
    ];
  }
  const there = new Map(host.read(stdout).map(({ name, value }) => [name, value]));
  const problems = wanted
    .filter(({ name, value }) => there.get(name) !== value)
    .map((setting) => {
      const found = there.get(setting.name);
      const says = found === undefined ? `${setting.name} is not set` : `${setting.name} is ${found}`;
      return wrong(topic, `${says} in ${place}`, setText(host, setting, found !== undefined));
    });
  return problems.length > 0 ? problems : [right(topic, `${place} knows what it has to`)];
}

function byHand({ place }: PipelineHost, wanted: readonly PipelineSetting[]): string {
  return `look yourself whether ${place} has ${wanted.map(({ name, value }) => `${name}=${value}`).join(", ")}`;
}
