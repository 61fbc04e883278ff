import { createHash } from "node:crypto";
import { DescribeImagesCommand, ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
import { clientSettings } from "../aws/client-settings";

const indexType = "application/vnd.oci.image.index.v1+json";
const manifestType = "application/vnd.oci.image.manifest.v1+json";

/** What an image does when the emulator runs it; the emulator reads it in the annotations of the manifest. */
export interface ImageScript {
  /** Exit code of a task that ends by itself. Default: 0. */
  readonly exitCode?: number;
  /** No task of a service ever becomes healthy. Default: false. */
  readonly neverHealthy?: boolean;
}

/** A build as `build` would push it: the same tag in every repository that the environment uses. */
export interface Build {
  readonly tag: string;
  /** By the URL of the repository. */
  readonly digests: Readonly<Record<string, string>>;
}

/** The manifest of an image for both architectures of Fargate. There are no layers behind it: nothing is ever pulled. */
export function manifestOf(tag: string, repository: string, { exitCode, neverHealthy }: ImageScript = {}): string {
  const manifests = ["amd64", "arm64"].map((architecture) => ({
    mediaType: manifestType,
    digest: digestOf(`${repository}:${tag} ${architecture}`),
    size: 1024,
    platform: { os: "linux", architecture },
  }));
  const annotations = {
    ...(exitCode === undefined ? {} : { "slipway.rehearsal/exit-code": String(exitCode) }),
    ...(neverHealthy === true ? { "slipway.rehearsal/never-healthy": "true" } : {}),
  };
  return JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests, annotations });
}

/** The images of a rehearsal, in repositories that are deployed. */
export class ReleaseImages {
  private readonly clients = new Map<string, ECRClient>();

  constructor(
    /** Variables of whoever may push: the account of the registry. */
    private readonly env: Readonly<Record<string, string>>,
    /** URLs, without a tag. */
    private readonly repositories: readonly string[],
  ) {}

  async push(tag: string, script: ImageScript = {}): Promise<Build> {
    const digests: Record<string, string> = {};
    for (const url of this.repositories) {
      const imageManifest = manifestOf(tag, url, script);
      await this.client(url).send(
        new PutImageCommand({ ...address(url), imageManifest, imageManifestMediaType: indexType, imageTag: tag }),
      );
      digests[url] = digestOf(imageManifest);
    }
    return { tag, digests };
  }

  /** Tags of the image with this digest. */
  async tags(url: string, digest: string): Promise<string[]> {
    const { imageDetails: [image] = [] } = await this.client(url).send(
      new DescribeImagesCommand({ ...address(url), imageIds: [{ imageDigest: digest }] }),
    );
    return [...(image?.imageTags ?? [])].sort();
  }

  private client(url: string): ECRClient {
    const [, , , region = ""] = url.split(".");
    const known = this.clients.get(region) ?? new ECRClient(clientSettings(this.env, region, "ECR"));
    this.clients.set(region, known);
    return known;
  }
}

/** What ECR wants to know of `<account>.dkr.ecr.<region>.amazonaws.com/<name>`. */
function address(url: string): { readonly registryId: string; readonly repositoryName: string } {
  return { registryId: url.split(".")[0] ?? "", repositoryName: url.slice(url.indexOf("/") + 1) };
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
