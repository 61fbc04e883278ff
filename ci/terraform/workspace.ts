import { existsSync } from "node:fs";
import path from "node:path";
import { CommandError, exitCodes } from "../exit-codes";
import type { Report } from "../report";
import { type Endpoint, coversS3, emulatorVariables, endpointOf } from "./endpoint";
import { type Engine, engineText } from "./engine";
import type { Interrupts } from "./interrupts";
import { placeLockfile } from "./lockfile";
import { PlanFile } from "./plan-file";
import { readStack, type StackJson } from "./stack-json";
import { claimState, hasResources } from "./state-marker";
import { type Synthesize, synthesizeInChild } from "./synthesize";
import { Terraform } from "./terraform";

export interface WorkspaceOptions {
  /** The project's folder. */
  readonly root: string;
  readonly stack: string;
  readonly env: Readonly<Record<string, string>>;
  readonly engine: Engine;
  readonly report: Report;
  readonly interrupts: Interrupts;
  /** What builds the stacks. Default: stacks/app.ts, as cdktf.json does. */
  readonly synthesize?: Synthesize;
  /** It was looked for before, and is where the stack now says, whatever an earlier run was told. Default: false. */
  readonly stateIsPlaced?: boolean;
  /** Use stacks/locks; `ignore` for an emulator, whose provider may come from anywhere. Default: by the endpoint. */
  readonly locks?: "use" | "ignore";
}

/** One stack, synthesized and initialized: ready to be planned. */
export interface Workspace {
  readonly stack: string;
  /** Where `cdktf.out` and `.state` are: the project, or for an emulator a folder of its own in the cache. */
  readonly base: string;
  readonly endpoint: Endpoint;
  readonly json: StackJson;
  readonly plan: PlanFile;
  readonly terraform: Terraform;
}

/**
 * The folder that Terraform works under. An emulator gets one of its own, so that what it is told never meets the state of AWS; it
 * can be deleted at any time.
 */
export function baseFolder(root: string, endpoint: Endpoint): string {
  return endpoint.kind === "aws" ? root : path.join(root, ".cache", "emulators", endpoint.key);
}

/** The state of a stack that has no bucket for it. */
export function localStateFile(base: string, stack: string): string {
  return path.join(base, ".state", `${stack}.tfstate`);
}

/**
 * Synthesize a stack, check whose state it would touch, and initialize Terraform in it.
 *
 * @throws CommandError on a problem of the configuration, or when the state is of another endpoint
 */
export async function prepareWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const { root, stack, env, engine, report, interrupts } = options;
  const { stateIsPlaced = false } = options;
  const endpoint = endpointOf(env);
  const base = baseFolder(root, endpoint);
  const directory = path.join(base, "cdktf.out", "stacks", stack);
  const synthesize = options.synthesize ?? synthesizeInChild;

  await report.step(`synthesize ${stack}`, () =>
    synthesize({ root, stack, outdir: path.join(base, "cdktf.out"), env, interrupts }),
  );
  const { json, hash } = readStack(path.join(directory, "cdk.tf.json"));
  checkState({ root, base, stack, directory, json, endpoint, env, report, stateIsPlaced });

  const constraint = json.terraform.required_providers?.["aws"]?.version ?? "";
  const ignoresLocks = (options.locks ?? (endpoint.kind === "aws" ? "use" : "ignore")) === "ignore";
  const lockfile = ignoresLocks ? "ignore" : placeLockfile({ root, stack, directory, engine, constraint, report });
  const terraform = new Terraform({
    engine,
    directory,
    env: endpoint.kind === "aws" ? env : { ...env, ...emulatorVariables(env) },
    report,
    interrupts,
  });
  await report.step(`initialize ${engineText(engine)}`, () => terraform.init({ lockfile, reconfigure: stateIsPlaced }));
  return { stack, base, endpoint, json, plan: new PlanFile({ base, stack, hash }), terraform };
}

interface StateCheck {
  readonly root: string;
  readonly base: string;
  readonly stack: string;
  readonly directory: string;
  readonly json: StackJson;
  readonly endpoint: Endpoint;
  readonly env: Readonly<Record<string, string>>;
  readonly report: Report;
  readonly stateIsPlaced: boolean;
}

function checkState({ root, base, stack, directory, json, endpoint, env, report, stateIsPlaced }: StateCheck): void {
  const { local, s3 } = json.terraform.backend ?? {};
  const localFile = localStateFile(base, stack);
  if (local !== undefined) {
    const file = path.resolve(directory, local.path);
    claimState(file, endpoint);
    if (endpoint.kind === "aws" && !stateIsPlaced) {
      report.line(
        `the state of ${stack} is ${path.relative(root, file)}, on this machine alone: make a bucket for it with \`npm run bootstrap\`, and set stateBucket in environments/project.ts`,
      );
    }
    return;
  }
  if (s3 === undefined) return;
  if (endpoint.kind === "emulator" && !coversS3(env)) {
    throw new CommandError(
      `the state is in bucket ${s3.bucket} of AWS, and this run talks to ${endpoint.text}: set AWS_ENDPOINT_URL for all services, or SLIPWAY_STATE_BUCKET to nothing`,
      exitCodes.usage,
    );
  }
  if (!stateIsPlaced && existsSync(localFile) && hasResources(localFile)) {
    throw new CommandError(
      `the state is to be in bucket ${s3.bucket}, and ${path.relative(root, localFile)} still describes ${stack}: in ${path.relative(root, directory)} run \`terraform init\` and \`terraform state push ${path.relative(directory, localFile)}\`, then move the file away`,
      exitCodes.usage,
    );
  }
}
