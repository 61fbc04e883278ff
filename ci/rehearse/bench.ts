import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { pipelineRoleName, type RoleKind } from "../../constructs/shared/pipeline-names";
import { systemClock } from "../clock";
import { registryStack } from "../configuration";
import { Prompts } from "../prompts";
import { Report } from "../report";
import type { Session } from "../session";
import { endpointOf } from "../terraform/endpoint";
import { type Synthesize, synthesizeEntry } from "../terraform/synthesize";
import { baseFolder, prepareWorkspace, type Workspace } from "../terraform/workspace";
import type { Halt } from "./halt";
import { drillsEntry, type Subject } from "./subjects";
import type { Toolbox } from "./toolbox";
import { terraformVariables } from "./variables";

export interface BenchOptions {
  readonly subject: Subject;
  readonly toolbox: Toolbox;
  /** The project's folder; nothing in it is written. */
  readonly root: string;
  /** Folder of this rehearsal alone. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where the emulator answers. */
  readonly url: string;
  readonly report: Report;
  readonly halt: Halt;
}

export interface OpenOptions {
  /** Kind of the pipeline's role that does it. */
  readonly as: RoleKind;
  /** Drills whose changes the environment gets, one upon the other. Default: none. */
  readonly drills?: readonly string[];
  /** Say nothing of it, nor of what Terraform does in it: for what happens a dozen times. Default: false. */
  readonly quiet?: boolean;
}

export interface SessionOptions {
  /** Kind of the pipeline's role that does it. Default: a person does. */
  readonly as?: RoleKind | undefined;
  readonly variables?: Readonly<Record<string, string>>;
  readonly drills?: readonly string[];
}

/** One environment in a folder of its own, whose every call goes to one emulator. */
export class Bench {
  private readonly registryReport: Report;

  constructor(private readonly options: BenchOptions) {
    this.registryReport = options.report.named(registryStack);
    mkdirSync(this.planFolder, { recursive: true, mode: 0o700 });
  }

  /** What is told of a stack; the registry has a name of its own, since it goes away beside the environment. */
  reportOf(stack: string): Report {
    return stack === registryStack ? this.registryReport : this.options.report;
  }

  stateFile(stack: string): string {
    return path.join(baseFolder(this.folderOf(stack), endpointOf(this.env(stack))), ".state", `${stack}.tfstate`);
  }

  /** The environment after one drill, in a folder of its own with a copy of the state: to be planned, never to be applied. */
  async openDrill(drill: string): Promise<Workspace> {
    const { directory, subject } = this.options;
    const copy = new Bench({
      ...this.options,
      directory: path.join(directory, "drills", drill.replaceAll(/\W+/g, "-")),
    });
    const [from, to] = [this.stateFile(subject.name), copy.stateFile(subject.name)];
    mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
    for (const suffix of ["", ".endpoint"]) copyFileSync(`${from}${suffix}`, `${to}${suffix}`);
    return copy.open(subject.name, { as: "plan", drills: [drill], quiet: true });
  }

  /** Where a plan is saved and stays, to be searched for secrets. */
  planFile(name: string): string {
    return path.join(this.planFolder, `${name.replaceAll(/\W+/g, "-")}.tfplan`);
  }

  /** The environment variables of everything that works on a stack: as a pipeline's role, or as a person in the stack's account. */
  env(stack: string, as?: RoleKind): Record<string, string> {
    const { toolbox, env, url, directory, subject } = this.options;
    const { project } = subject.configuration;
    const isRegistry = stack === registryStack;
    return {
      ...terraformVariables({
        env,
        url,
        account: (isRegistry ? project.registry.account : project.accounts[stack]) ?? "",
        role: as === undefined ? undefined : pipelineRoleName(project.name, stack, as),
        region: isRegistry ? project.registry.region : project.region,
        directory,
      }),
      ...toolbox.providerEnv,
      TERRAFORM_BINARY_NAME: toolbox.engine.path,
      SLIPWAY_AWS_PROVIDER_VERSION: toolbox.providerVersion,
      SLIPWAY_ENVIRONMENTS: subject.name,
      // a file of this rehearsal, whatever the project uses
      SLIPWAY_STATE_BUCKET: "",
    };
  }

  /** A stack, synthesized and initialized. */
  async open(stack: string, { as, drills = [], quiet = false }: OpenOptions): Promise<Workspace> {
    const { toolbox, halt } = this.options;
    return prepareWorkspace({
      root: this.folderOf(stack),
      stack,
      env: this.env(stack, as),
      engine: toolbox.engine,
      report: quiet ? silent() : this.reportOf(stack),
      interrupts: halt,
      synthesize: this.synthesize(drills),
    });
  }

  /** What the commands of a person work with, as if the person's endpoint were the emulator. */
  session(stack: string, { as, variables = {}, drills = [] }: SessionOptions): Session {
    const { halt, subject } = this.options;
    const surroundings = {
      env: { ...this.env(stack, as), ...variables },
      root: this.folderOf(stack),
      stdin: process.stdin,
      stdout: nowhere,
      stderr: nowhere,
      isTTY: false,
    };
    return {
      surroundings,
      report: this.reportOf(stack),
      interrupts: halt,
      prompts: new Prompts(surroundings),
      configuration: subject.configuration,
      clock: systemClock,
      synthesize: this.synthesize(drills),
    };
  }

  /** Synthesis writes all stacks: two that are worked on at the same time need a folder each. */
  private folderOf(stack: string): string {
    const { directory } = this.options;
    return stack === registryStack ? path.join(directory, registryStack) : directory;
  }

  private get planFolder(): string {
    return path.join(this.options.directory, "plans");
  }

  private synthesize(drills: readonly string[]): Synthesize {
    const { root, subject } = this.options;
    if (drills.length === 0) return (options) => synthesizeEntry({ ...options, root }, subject.entry);
    const variables = { SLIPWAY_DRILL_ENVIRONMENT: subject.name, SLIPWAY_DRILL: drills.join(",") };
    return (options) => synthesizeEntry({ ...options, root, env: { ...options.env, ...variables } }, drillsEntry);
  }
}

const nowhere = { write: () => undefined };

function silent(): Report {
  return Report.to({ stderr: nowhere, stdout: nowhere });
}
