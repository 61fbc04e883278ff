import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { type ProjectInput, projectSchema } from "../../../../environments/project-schema";
import { pipelineSettings } from "../../../../ci/pipelines/settings";
import { awsVariables, neutral } from "../../../../ci/rehearse/variables";
import type { Emulator } from "../../../../ci/tools/emulator";
import { Machine } from "../machine";
import { processVariables } from "../slipway";
import type { GitLabRules } from "../../../pipelines/support/gitlab-events";
import { GitHub, type Run } from "./github";
import { GitLab } from "./gitlab";
import { gitLabTokens } from "./gitlab-api";
import { Host } from "./host";
import { Slots, type Workshop } from "./job";
import { placeBalancers, placePrograms } from "./programs";
import { Fork, linkPackages } from "./repository";
import { type Claims, lives, takeRole, tokenOf } from "./tokens";

export const region = "us-east-1";
export const accounts = { dev: "111111111111", stage: "222222222222", prod: "333333333333" } as const;
export const repository = { owner: "acme", ownerId: "71", repository: "shop", repositoryId: "72" } as const;
export const gitLabProject = "acme/shop";
const projectId = "5";

const written: ProjectInput = {
  name: "shop",
  region,
  accounts,
  registry: { account: accounts.prod, region },
  publicZone: { none: true },
  repositories: ["app"],
  alerts: { emails: ["alerts@example.com"] },
  stateBucket: { bootstrap: true },
  pipelines: { github: { ...repository, environments: false }, gitlab: { project: gitLabProject } },
};
/** The fork's project. */
export const project = projectSchema.parse(written);
/** The file that a fork edits first. */
const projectFile = `import type { ProjectInput } from "./project-schema";

export const project = ${JSON.stringify(written, undefined, 2)} as const satisfies ProjectInput;
`;

/** How a command ended. */
export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A fork of the project on both hosts, and three accounts on one emulator with nothing in them. */
export class World {
  /** Roles of the pipelines, by `<stack>-<kind>`, once the accounts are bootstrapped. */
  roles: Readonly<Record<string, string>> = {};
  private people = 0;
  private known: GitHub | undefined;

  private constructor(
    readonly emulator: Emulator,
    readonly fork: Fork,
    readonly host: Host,
    readonly workshop: Workshop,
    private readonly machine: Machine,
    private readonly person: Readonly<Record<string, string>>,
  ) {}

  static async open(): Promise<World> {
    const machine = await Machine.open("pipelines");
    const { emulator, directory } = await machine.emulator(accounts.prod);
    const fork = new Fork(machine.directory);
    fork.write("environments/project.ts", projectFile);
    fork.write("Dockerfile", "FROM scratch\n");
    // pipelines only plan dev, every time: a small one saves a minute
    fork.edit("environments/dev.ts", /images: \{ access.*\},/, 'images: { none: true, because: "dev is small here" },');
    fork.edit("environments/dev.ts", /mqtt: \{ engine.*\},/, 'mqtt: { none: true, because: "dev is small here" },');
    fork.edit("environments/dev.ts", /uses: \[.*\],/, "uses: [],");
    fork.push("Make it ours");
    const host = await Host.start({ repository: "acme/shop", project: projectId }, emulator.url);
    const bin = path.join(machine.directory, "bin");
    placePrograms(bin, host.url);
    const { engine, providerVersion, providerEnv } = machine.toolbox;
    const own = processVariables();
    const common = {
      ...providerEnv,
      PATH: `${bin}${path.delimiter}${own["PATH"] ?? ""}`,
      SLIPWAY_AWS_PROVIDER_VERSION: providerVersion,
      // where Terraform's backend takes a role it does not read the one for all services
      AWS_ENDPOINT_URL_STS: emulator.url,
    };
    const aws = awsVariables({ url: emulator.url, account: "", region, directory });
    const started = Date.now();
    const workshop: Workshop = {
      fork,
      directory: path.join(machine.directory, "jobs"),
      machine: { ...common, ...withoutKeys(aws), NODE_OPTIONS: `--require ${placeBalancers(bin, host.url)}` },
      terraform: engine.path,
      slots: new Slots(4),
      tell: (line) => process.stderr.write(`[${Math.round((Date.now() - started) / 1000)} s] ${line}\n`),
    };
    mkdirSync(workshop.directory);
    return new World(emulator, fork, host, workshop, machine, {
      ...neutral(own),
      ...aws,
      ...common,
      TERRAFORM_BINARY_NAME: engine.path,
    });
  }

  /** A command that a person starts in a clean copy of what is on main, with keys of an account. */
  async byHand(line: string, account: string): Promise<Said> {
    this.people += 1;
    const folder = path.join(this.workshop.directory, `person-${this.people}`);
    this.fork.checkOut(folder, "refs/heads/main", false);
    linkPackages(folder);
    const child = spawn(process.execPath, ["--require", "tsx/cjs", "ci/main.ts", ...line.split(" ")], {
      cwd: folder,
      env: { ...this.person, AWS_ACCESS_KEY_ID: account },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => (said[name] += chunk));
    }
    const started = Date.now();
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    this.workshop.tell(`${line}: exit code ${String(code)} (${Math.round((Date.now() - started) / 1000)} s)`);
    return { code, stdout: said.stdout, stderr: stripVTControlCharacters(said.stderr) };
  }

  /** Make state bucket, identity providers and roles of every account. */
  async bootstrap(): Promise<void> {
    const made = await Promise.all(
      Object.values(accounts).map(async (account) => {
        const { code, stdout, stderr } = await this.byHand(`bootstrap ${account} --yes --json`, account);
        if (code !== 0) throw new Error(stderr);
        return (JSON.parse(stdout) as { readonly roleArns: Readonly<Record<string, string>> }).roleArns;
      }),
    );
    this.roles = Object.assign({}, ...made) as Record<string, string>;
  }

  /** The variables that the bootstrap says to set. */
  get settings(): Readonly<Record<string, string>> {
    const settings = pipelineSettings(project, Object.keys(accounts), this.roles);
    return Object.fromEntries(settings.map(({ name, value }) => [name, value]));
  }

  readonly planKey = randomBytes(32).toString("base64");

  get gitHub(): GitHub {
    return (this.known ??= this.makeGitHub());
  }

  private makeGitHub(): GitHub {
    const { workshop, host, settings: variables } = this;
    return new GitHub({ workshop, host, repository, variables, secrets: { SLIPWAY_PLAN_KEY: this.planKey } });
  }

  /** GitLab's runners; variables that are scoped to an environment are for its jobs alone. */
  gitLab(rules: GitLabRules): GitLab {
    const { workshop, host, settings: variables, planKey } = this;
    const [write, read] = Object.keys(gitLabTokens) as [string, string];
    const reading = { SLIPWAY_GITLAB_TOKEN: read };
    return new GitLab({
      ...{ workshop, host, rules, variables, project: gitLabProject, projectId },
      scoped: {
        notes: { SLIPWAY_GITLAB_TOKEN: write },
        registry: reading,
        stage: reading,
        prod: { ...reading, SLIPWAY_PLAN_KEY: planKey },
      },
    });
  }

  /** What a person does on GitHub who has read the plan of a run. */
  approve(tag: string, sha: string, run: string): Run {
    const inputs = { run, environment: "prod", allow_replacement: "" };
    return this.gitHub.start("production", { event: "workflow_dispatch", ref: `refs/tags/${tag}`, sha, inputs });
  }

  /** What STS says to a token that wants a role: `taken`, or its sentence. */
  async wish(role: string, claims: Claims): Promise<string> {
    try {
      await takeRole(this.emulator.url, this.roles[role] ?? "", tokenOf(claims, "sts.amazonaws.com", lives.gitHub));
      return "taken";
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async close(): Promise<void> {
    await this.host.stop();
    await this.emulator.stop();
    this.machine.close();
  }
}

/** A job has no keys, and no region either. */
function withoutKeys(variables: Readonly<Record<string, string>>): Record<string, string> {
  const own = /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|REGION|DEFAULT_REGION)$/;
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !own.test(name)));
}
