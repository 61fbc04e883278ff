import { cpSync, existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { registryStack } from "../configuration";
import { endpointOf } from "../terraform/endpoint";
import { baseFolder } from "../terraform/workspace";
import { awsVariables } from "./variables";
import type { Scene } from "./scene";
import type { Toolbox } from "./toolbox";

export interface KeepOptions {
  readonly scene: Scene;
  readonly toolbox: Toolbox;
  /** The project's folder. */
  readonly root: string;
  readonly directory: string;
}

/**
 * Leave the emulator running, and put the state to where the commands of the project look for one of this emulator; gives the lines
 * that say how to go on.
 */
export function keepRunning({ scene, toolbox, root, directory }: KeepOptions): string[] {
  const { bench, subject, emulator } = scene;
  const { project } = subject.configuration;
  const variables = {
    ...awsVariables({
      url: emulator.url,
      account: project.accounts[subject.name] ?? "",
      region: project.region,
      directory,
    }),
    ...toolbox.providerEnv,
    TERRAFORM_BINARY_NAME: toolbox.engine.path,
    SLIPWAY_AWS_PROVIDER_VERSION: toolbox.providerVersion,
    SLIPWAY_STATE_BUCKET: "",
  };
  const base = baseFolder(root, endpointOf(variables));
  for (const stack of [subject.name, registryStack]) {
    for (const file of [bench.stateFile(stack), `${bench.stateFile(stack)}.endpoint`]) {
      // a rehearsal that failed early may have no state yet
      if (existsSync(file)) cpSync(file, path.join(base, ".state", path.basename(file)));
    }
  }
  const file = path.join(directory, "environment.sh");
  const lines = Object.entries({ ...variables, CDKTF_OUTDIR: path.join(base, "cdktf.out") });
  writeFileSync(file, lines.map(([name, value]) => `export ${name}=${quoted(value)}\n`).join(""), { mode: 0o600 });
  return [
    `${subject.name} stays deployed, as the last drill changed it, on the emulator at ${emulator.url} (process ${emulator.pid ?? "?"})`,
    `  to talk to it:  . ${file}`,
    `                  aws ec2 describe-vpcs, npm run plan -- ${subject.name}, npm run destroy -- ${subject.name}, cdktf`,
    `  to end it:      kill ${emulator.pid ?? "?"}; rm -r ${directory} ${base}`,
  ];
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
