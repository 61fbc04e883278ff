import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import * as z from "zod";
import type { RegistryLogin } from "../aws/registry-login";
import type { Builder, BuilderWork, BuildRequest } from "./builder";
import { digestOfMetadata, runStep } from "./steps";

const dockerConfig = z.looseObject({ auths: z.record(z.string(), z.unknown()).default({}) });

/** BuildKit's own client; BUILDKIT_HOST says where its daemon is. */
export class Buildctl implements Builder {
  readonly name = "buildctl";
  private work: BuilderWork;

  constructor(work: BuilderWork) {
    this.work = work;
  }

  /** It has no login of its own and reads Docker's file: it gets a copy with this login, which goes with the scratch folder. */
  logIn({ server, user, password }: RegistryLogin): Promise<void> {
    const { scratch, env } = this.work;
    const folder = path.join(scratch, "docker");
    mkdirSync(folder, { mode: 0o700 });
    const auth = Buffer.from(`${user}:${password.reveal()}`).toString("base64");
    const config = { auths: { ...this.knownLogins(), [server]: { auth } } };
    writeFileSync(path.join(folder, "config.json"), JSON.stringify(config), { mode: 0o600 });
    this.work = { ...this.work, env: { ...env, DOCKER_CONFIG: folder } };
    return Promise.resolve();
  }

  build(request: BuildRequest): Promise<void> {
    return runStep(this.work, "build with buildctl", argumentsOf(request));
  }

  async buildAndPush(request: BuildRequest): Promise<string | undefined> {
    const metadata = path.join(this.work.scratch, "metadata.json");
    const output = `--output=type=image,name=${request.image},push=true`;
    await runStep(this.work, "build and push with buildctl", [
      ...argumentsOf(request),
      output,
      `--metadata-file=${metadata}`,
    ]);
    return digestOfMetadata(metadata);
  }

  /** Logins that base images may need. Those in a credential helper are not in the file, and the helper would hide ours. */
  private knownLogins(): Readonly<Record<string, unknown>> {
    const { env, report } = this.work;
    const file = path.join(env["DOCKER_CONFIG"] ?? path.join(env["HOME"] ?? homedir(), ".docker"), "config.json");
    if (!existsSync(file)) return {};
    try {
      return dockerConfig.parse(JSON.parse(readFileSync(file, "utf8"))).auths;
    } catch {
      report.warn(`${file} cannot be read: base images are pulled without the logins in it`);
      return {};
    }
  }
}

function argumentsOf({ context, dockerfile, buildArguments, labels, target, platforms }: BuildRequest): string[] {
  const options = {
    filename: path.basename(dockerfile),
    platform: platforms.join(","),
    ...(target === undefined ? {} : { target }),
    ...prefixed("build-arg", buildArguments),
    ...prefixed("label", labels),
  };
  return [
    "build",
    "--progress=plain",
    "--frontend=dockerfile.v0",
    `--local=context=${context}`,
    `--local=dockerfile=${path.dirname(dockerfile)}`,
    ...Object.entries(options).map(([name, value]) => `--opt=${name}=${value}`),
  ];
}

function prefixed(prefix: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}:${name}`, value]));
}
