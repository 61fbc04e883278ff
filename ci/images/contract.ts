import * as z from "zod";
import { type ImagesContract, imagesContractName } from "../../constructs/shared/images-contract-v1";
import { readParameter } from "../aws/parameters";
import { registryStack, type Target, unknownName } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import { openTarget, type Session } from "../session";

const filled = z.string().min(1);
const schema = z.object({
  version: z.literal(1),
  bucket: filled,
  region: filled,
  prefix: filled,
  baseUrl: filled,
  uploader: filled,
  keySecret: filled,
}) satisfies z.ZodType<ImagesContract>;

/** An environment and its images. */
export interface OpenImages {
  readonly target: Target;
  readonly images: ImagesContract;
}

/**
 * The images of the environment that a person named, as its last deploy wrote them down.
 *
 * @throws CommandError when it has none, or is not deployed
 */
export async function openImages(session: Session, environment: string): Promise<OpenImages> {
  refuseWithoutImages(session, environment);
  const target = await openTarget(session, environment);
  const name = imagesContractName(`/${target.project}/${environment}`);
  const found = await session.report.step(`read ${name}`, () =>
    session.interrupts.race(readParameter(session.surroundings.env, target.region, name)),
  );
  if (found === undefined) {
    throw new CommandError(`${environment} has no images yet (${name} is not there): npm run deploy -- ${environment}`);
  }
  const { success, data } = schema.safeParse(found);
  if (!success) {
    throw new CommandError(
      `${name} is not of the version that this command reads: npm run deploy -- ${environment} writes it anew`,
    );
  }
  return { target, images: data };
}

function refuseWithoutImages({ configuration: { environments } }: Session, environment: string): void {
  if (environment === registryStack) {
    throw new CommandError(`${registryStack} holds container images: name an environment`, exitCodes.usage);
  }
  const found = environments[environment];
  if (found === undefined) {
    throw new CommandError(unknownName("environment", environment, Object.keys(environments)), exitCodes.usage);
  }
  if ("none" in found.images) {
    throw new CommandError(
      `${environment} has no image bucket: set images in environments/${environment}.ts and deploy`,
      exitCodes.usage,
    );
  }
}
