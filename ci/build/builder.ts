import type { RegistryLogin } from "../aws/registry-login";
import { CommandError, exitCodes } from "../exit-codes";
import type { Report } from "../report";
import type { Interrupts } from "../terraform/interrupts";
import { findProgram, runProgram } from "../tools/program";
import { Buildctl } from "./buildctl";
import { Docker } from "./docker";
import { Podman } from "./podman";

/** What is to be built. */
export interface BuildRequest {
  /** Folder that the Dockerfile copies from. */
  readonly context: string;
  readonly dockerfile: string;
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Stage of the Dockerfile. Default: the last. */
  readonly target?: string;
  readonly platforms: readonly string[];
  /** `<repository>:<tag>`. */
  readonly image: string;
}

/** What a builder works with. */
export interface BuilderWork {
  /** File of the program. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  readonly interrupts: Interrupts;
  readonly report: Report;
  /** A folder that is removed afterwards. */
  readonly scratch: string;
}

/** A program that makes images. */
export interface Builder {
  readonly name: string;
  /** Let it push. The password never becomes an argument. */
  logIn(login: RegistryLogin): Promise<void>;
  /** Build without pushing. */
  build(request: BuildRequest): Promise<void>;
  /** Build and push; gives the digest, where the program tells it. */
  buildAndPush(request: BuildRequest): Promise<string | undefined>;
}

export const installHint =
  "install Docker with its buildx plugin (docs.docker.com/engine/install), podman (podman.io) or buildctl (github.com/moby/buildkit), and see that it is on PATH";

/**
 * The first of docker with buildx, podman and buildctl that is on PATH.
 *
 * @throws CommandError that says what to install
 */
export async function findBuilder(work: Omit<BuilderWork, "program">): Promise<Builder> {
  const { env, interrupts } = work;
  const docker = findProgram("docker", env);
  let reason = "there is no docker, podman or buildctl on PATH";
  if (docker !== undefined) {
    const { code } = await runProgram(docker, ["buildx", "version"], { env, interrupts });
    if (code === 0) return new Docker({ ...work, program: docker });
    reason = "docker is there without its plugin buildx, and neither podman nor buildctl is on PATH";
  }
  const podman = findProgram("podman", env);
  if (podman !== undefined) return new Podman({ ...work, program: podman });
  const buildctl = findProgram("buildctl", env);
  if (buildctl !== undefined) return new Buildctl({ ...work, program: buildctl });
  throw new CommandError(`${reason}: ${installHint}`, exitCodes.usage);
}
