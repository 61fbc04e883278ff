import path from "node:path";
import type { RegistryLogin } from "../aws/registry-login";
import { runProgram } from "../tools/program";
import type { Builder, BuilderWork, BuildRequest } from "./builder";
import { digestOfFile, logInBy, runStep } from "./steps";

/** Podman, which builds into a store of its own and pushes from there. */
export class Podman implements Builder {
  readonly name = "podman";

  constructor(private readonly work: BuilderWork) {}

  logIn(login: RegistryLogin): Promise<void> {
    return logInBy(this.work, login);
  }

  async build(request: BuildRequest): Promise<void> {
    if (isList(request)) await this.forgetList(request.image);
    await runStep(this.work, "build with podman", argumentsOf(request));
  }

  async buildAndPush(request: BuildRequest): Promise<string | undefined> {
    const { image } = request;
    const digest = path.join(this.work.scratch, "digest");
    await this.build(request);
    const push = isList(request) ? ["manifest", "push", "--all"] : ["push"];
    await runStep(this.work, "push with podman", [...push, `--digestfile=${digest}`, image, `docker://${image}`]);
    return digestOfFile(digest);
  }

  /** A list of that name would be added to; that there is none is as good. */
  private async forgetList(image: string): Promise<void> {
    const { program, env, interrupts } = this.work;
    await runProgram(program, ["manifest", "rm", image], { env, interrupts });
  }
}

/** An image of several platforms is a list of images. */
function isList({ platforms }: BuildRequest): boolean {
  return platforms.length > 1;
}

function argumentsOf(request: BuildRequest): string[] {
  const { context, dockerfile, buildArguments, labels, target, platforms, image } = request;
  return [
    "build",
    `--platform=${platforms.join(",")}`,
    `--file=${dockerfile}`,
    isList(request) ? `--manifest=${image}` : `--tag=${image}`,
    ...Object.entries(buildArguments).map(([name, value]) => `--build-arg=${name}=${value}`),
    ...Object.entries(labels).map(([name, value]) => `--label=${name}=${value}`),
    ...(target === undefined ? [] : [`--target=${target}`]),
    context,
  ];
}
