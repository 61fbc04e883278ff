import path from "node:path";
import type { RegistryLogin } from "../aws/registry-login";
import type { Builder, BuilderWork, BuildRequest } from "./builder";
import { digestOfMetadata, logInBy, runStep } from "./steps";

/** Docker with its plugin buildx. */
export class Docker implements Builder {
  readonly name = "docker buildx";

  constructor(private readonly work: BuilderWork) {}

  logIn(login: RegistryLogin): Promise<void> {
    return logInBy(this.work, login);
  }

  build(request: BuildRequest): Promise<void> {
    // the store of older engines takes no image of several platforms; what is built without one stays in the cache
    const output = request.platforms.length === 1 ? ["--load"] : [];
    return runStep(this.work, `build with ${this.name}`, argumentsOf(request, output));
  }

  async buildAndPush(request: BuildRequest): Promise<string | undefined> {
    const metadata = path.join(this.work.scratch, "metadata.json");
    await runStep(
      this.work,
      `build and push with ${this.name}`,
      argumentsOf(request, ["--push", "--metadata-file", metadata]),
    );
    return digestOfMetadata(metadata);
  }
}

function argumentsOf(request: BuildRequest, output: readonly string[]): string[] {
  const { context, dockerfile, buildArguments, labels, target, platforms, image } = request;
  return [
    "buildx",
    "build",
    "--progress=plain",
    // with an attestation the digest is that of an index, which the registry's scan does not look into
    "--provenance=false",
    `--platform=${platforms.join(",")}`,
    `--file=${dockerfile}`,
    `--tag=${image}`,
    ...Object.entries(buildArguments).map(([name, value]) => `--build-arg=${name}=${value}`),
    ...Object.entries(labels).map(([name, value]) => `--label=${name}=${value}`),
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...output,
    context,
  ];
}
