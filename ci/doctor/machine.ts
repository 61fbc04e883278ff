import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { CommandError } from "../exit-codes";
import { type Engine, engineText, findEngine } from "../terraform/engine";
import { engineOfLockfile, lockfileOf } from "../terraform/lockfile";
import { findProgram } from "../tools/program";
import { advice, type Finding, right, wrong } from "./finding";

export interface MachineQuestion {
  readonly env: Readonly<Record<string, string>>;
  /** The project's folder. */
  readonly root: string;
  readonly stack: string;
  /** Whether pipelines plan and deploy the stack, which they do with Terraform. */
  readonly pipelines: boolean;
  /** Version of node, without a v. */
  readonly nodeVersion: string;
}

/** What package.json asks for. */
const nodeMinimum = [20, 19] as const;
/** From January 2027 on new releases of the AWS SDK need it. */
const nodeOfSdk = 22;

/** Programs of this machine, and the lock file of the providers. */
export async function lookAtMachine(question: MachineQuestion): Promise<readonly Finding[]> {
  const engine = await engineOrReason(question);
  return [
    nodeFinding(question.nodeVersion),
    typeof engine === "string"
      ? wrong("terraform", engine)
      : right("terraform", `${engineText(engine)} at ${engine.path}`),
    lockFinding(question, typeof engine === "string" ? undefined : engine),
    findProgram("session-manager-plugin", question.env) === undefined
      ? advice(
          "session-manager-plugin",
          "is not on PATH: `exec` and `tunnel` need it",
          "install it (macOS: brew install --cask session-manager-plugin; others: docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html)",
        )
      : right("session-manager-plugin", "is on PATH"),
  ];
}

function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = nodeMinimum;
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    return wrong("node", `${version} is older than ${nodeMinimum.join(".")}`, `install node ${nodeOfSdk} or newer`);
  }
  return major < nodeOfSdk
    ? advice(
        "node",
        `${version} works, and releases of the AWS SDK from January 2027 on need ${nodeOfSdk}`,
        `install node ${nodeOfSdk} or newer`,
      )
    : right("node", version);
}

async function engineOrReason({ env }: MachineQuestion): Promise<Engine | string> {
  try {
    return await findEngine({ env });
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}

function lockFinding({ root, stack, pipelines }: MachineQuestion, engine: Engine | undefined): Finding {
  const topic = "provider lock";
  const file = lockfileOf(root, stack);
  const name = path.relative(root, file);
  if (!existsSync(file)) {
    return wrong(
      topic,
      `${name} is not there: every machine takes the newest provider`,
      "run `npm run lock`, and commit what it writes",
    );
  }
  const writer = engineOfLockfile(readFileSync(file, "utf8"));
  if (pipelines && writer === "opentofu") {
    return wrong(
      topic,
      `${name} was written by OpenTofu, and pipelines run Terraform, which does not use it`,
      "run `npm run lock` with Terraform (TERRAFORM_BINARY_NAME names it where both are there)",
    );
  }
  if (pipelines && writer === "terraform" && engine?.kind === "opentofu") {
    return advice(
      topic,
      `${name} is for Terraform, which pipelines run, and ${engineText(engine)} does not use it`,
      "deploy with Terraform from this machine too: TERRAFORM_BINARY_NAME names it where both are there",
    );
  }
  return engine === undefined || writer === undefined || writer === engine.kind
    ? right(topic, name)
    : wrong(
        topic,
        `${name} was written by the other engine, and is not used`,
        `run \`npm run lock\` with ${engineText(engine)}`,
      );
}
