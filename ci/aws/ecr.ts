import {
  BatchGetImageCommand,
  ECRClient,
  GetDownloadUrlForLayerCommand,
  paginateDescribeImages,
  PutImageCommand,
} from "@aws-sdk/client-ecr";
import { CommandError } from "../exit-codes";
import { clientSettings } from "./client-settings";
import { errorName } from "./errors";

/** Where a repository is, from its URL. */
export interface Repository {
  readonly url: string;
  readonly account: string;
  readonly region: string;
  /** `<project>/<name>`. */
  readonly path: string;
}

export type ImageReference = { readonly digest: string } | { readonly tag: string };

/** An image as the registry keeps it. */
export interface RegistryImage {
  readonly digest: string;
  readonly mediaType: string;
  /** JSON text; the digest is over these very bytes. */
  readonly manifest: string;
}

export interface TaggedImage {
  readonly digest: string;
  readonly tags: readonly string[];
}

/** A repository that an environment names is not there. */
export class MissingRepositoryError extends CommandError {}

// what ECR is not told to give, it converts, and then the digest is another one
const mediaTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** The images that releases name, wherever their repositories are. */
export class Ecr {
  private readonly clients = new Map<string, ECRClient>();

  constructor(private readonly env: Readonly<Record<string, string>>) {}

  /**
   * None when there is no such image.
   *
   * @throws MissingRepositoryError when there is no such repository
   */
  async image(repository: Repository, reference: ImageReference): Promise<RegistryImage | undefined> {
    const imageId = "digest" in reference ? { imageDigest: reference.digest } : { imageTag: reference.tag };
    const { images: [found] = [] } = await this.inRepository(repository, (client, of) =>
      client.send(new BatchGetImageCommand({ ...of, imageIds: [imageId], acceptedMediaTypes: mediaTypes })),
    );
    const { imageManifest: manifest, imageId: { imageDigest: digest } = {}, imageManifestMediaType } = found ?? {};
    if (manifest === undefined || digest === undefined) return undefined;
    return { digest, manifest, mediaType: imageManifestMediaType ?? "" };
  }

  /** Every image that has a tag. */
  async taggedImages(repository: Repository): Promise<TaggedImage[]> {
    return this.inRepository(repository, async (client, of) => {
      const found: TaggedImage[] = [];
      const query = { ...of, filter: { tagStatus: "TAGGED" as const }, maxResults: 1000 };
      for await (const { imageDetails: page = [] } of paginateDescribeImages({ client }, query)) {
        for (const { imageDigest: digest, imageTags: tags = [] } of page) {
          if (digest !== undefined) found.push({ digest, tags });
        }
      }
      return found;
    });
  }

  /** Where the content of a layer, or of an image's configuration, can be fetched for some minutes. */
  async downloadUrl(repository: Repository, digest: string): Promise<string> {
    const { downloadUrl } = await this.inRepository(repository, (client, of) =>
      client.send(new GetDownloadUrlForLayerCommand({ ...of, layerDigest: digest })),
    );
    return downloadUrl ?? "";
  }

  /** Give an image one tag more. Gives false when another image has it: tags never move. */
  async tag(repository: Repository, { digest, manifest, mediaType }: RegistryImage, tag: string): Promise<boolean> {
    try {
      await this.inRepository(repository, (client, of) =>
        client.send(
          new PutImageCommand({
            ...of,
            imageManifest: manifest,
            imageDigest: digest,
            imageTag: tag,
            ...(mediaType === "" ? {} : { imageManifestMediaType: mediaType }),
          }),
        ),
      );
      return true;
    } catch (error) {
      // this very image has it already
      if (errorName(error) === "ImageAlreadyExistsException") return true;
      if (errorName(error) === "ImageTagAlreadyExistsException") return false;
      throw error;
    }
  }

  private async inRepository<T>(
    { account, region, path, url }: Repository,
    call: (client: ECRClient, of: { registryId: string; repositoryName: string }) => Promise<T>,
  ): Promise<T> {
    const client = this.clients.get(region) ?? new ECRClient(clientSettings(this.env, region, "ECR"));
    this.clients.set(region, client);
    try {
      return await call(client, { registryId: account, repositoryName: path });
    } catch (error) {
      if (errorName(error) !== "RepositoryNotFoundException") throw error;
      throw new MissingRepositoryError(`there is no repository ${url}: npm run deploy -- registry`);
    }
  }
}

/** @throws CommandError when it is not the URL of a repository of ECR */
export function repositoryOf(url: string): Repository {
  const [, account, region, path] = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/(.+)$/.exec(url) ?? [];
  if (account === undefined || region === undefined || path === undefined) {
    throw new CommandError(
      `${url} is not the URL of a repository of ECR: deploy the environment, which writes it anew`,
    );
  }
  return { url, account, region, path };
}
