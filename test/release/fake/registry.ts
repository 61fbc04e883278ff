import { createHash } from "node:crypto";
import type {
  BatchGetImageCommandInput,
  DescribeImagesCommandInput,
  GetDownloadUrlForLayerCommandInput,
  PutImageCommandInput,
} from "@aws-sdk/client-ecr";
import type { Handlers, Journal } from "./journal";
import { AwsFault } from "./server";

export type Architecture = "arm64" | "amd64";

export interface Pushed {
  /** What the tests call it: one letter. */
  readonly letter: string;
  readonly digest: string;
  readonly manifest: string;
  readonly mediaType: string;
  readonly tags: Set<string>;
}

export interface PushOptions {
  /** More than one makes an index of images. */
  readonly architectures?: readonly Architecture[];
  readonly tags?: readonly string[];
}

const oci = "application/vnd.oci.image";

/** The image repositories of an account. Tags never move in them. */
export class Registry {
  private readonly repositories = new Map<string, Pushed[]>();
  private readonly layers = new Map<string, string>();
  /** Where layers can be fetched. */
  layersUrl = "";

  constructor(private readonly journal: Journal) {}

  repository(name: string): Pushed[] {
    const images = this.repositories.get(`shop/${name}`) ?? [];
    this.repositories.set(`shop/${name}`, images);
    return images;
  }

  /** As if nobody had deployed it. */
  remove(name: string): void {
    this.repositories.delete(`shop/${name}`);
  }

  /** As the lifecycle policy does with what is old. */
  expire(digest: string): void {
    for (const [name, images] of this.repositories) {
      this.repositories.set(
        name,
        images.filter((image) => image.digest !== digest),
      );
    }
  }

  /** As `build` would. The digest is what content makes it. */
  push(
    letter: string,
    { architectures = ["arm64", "amd64"], tags = [] }: PushOptions = {},
    repository = "app",
  ): Pushed {
    const manifests = architectures.map((architecture) => this.manifest(letter, architecture));
    const [only] = manifests;
    const isSingle = manifests.length === 1 && only !== undefined;
    const content = isSingle
      ? only
      : JSON.stringify({
          schemaVersion: 2,
          mediaType: `${oci}.index.v1+json`,
          manifests: [
            ...manifests.map((manifest, i) => ({
              mediaType: `${oci}.manifest.v1+json`,
              digest: digestOf(manifest),
              size: manifest.length,
              platform: { os: "linux", architecture: architectures[i] },
            })),
            // what buildx adds about how it was built
            { digest: digestOf(letter), size: 1, platform: { os: "unknown", architecture: "unknown" } },
          ],
        });
    const image: Pushed = {
      letter,
      digest: digestOf(content),
      manifest: content,
      mediaType: `${oci}.${isSingle ? "manifest" : "index"}.v1+json`,
      tags: new Set(tags),
    };
    this.repository(repository).push(image);
    return image;
  }

  /** What the tests call an image: by a digest, or by a reference that ends with one. */
  letterOf(reference: string): string | undefined {
    return [...this.repositories.values()].flat().find(({ digest }) => reference.endsWith(digest))?.letter;
  }

  layer(digest: string): string | undefined {
    return this.layers.get(digest);
  }

  /** Layers cannot be read any more. */
  forgetLayers(): void {
    this.layers.clear();
  }

  readonly handlers: Handlers = {
    BatchGetImage: ({ repositoryName = "", imageIds = [], acceptedMediaTypes }: BatchGetImageCommandInput) => {
      const found = imageIds.map(({ imageDigest, imageTag }) =>
        this.imagesOf(repositoryName).find(({ digest, tags }) => digest === imageDigest || tags.has(imageTag ?? "")),
      );
      return {
        images: found.flatMap((image, i) =>
          // one that must not be given as it is would be converted, and be another
          image === undefined || acceptedMediaTypes?.includes(image.mediaType) !== true
            ? []
            : {
                repositoryName,
                imageId: { imageDigest: image.digest, ...imageIds[i] },
                imageManifest: image.manifest,
                imageManifestMediaType: image.mediaType,
              },
        ),
        failures: found.flatMap((image, i) =>
          image === undefined ? { imageId: imageIds[i], failureCode: "ImageNotFound" } : [],
        ),
      };
    },
    DescribeImages: ({ repositoryName = "", filter, nextToken }: DescribeImagesCommandInput) => {
      const images = this.imagesOf(repositoryName).filter(
        ({ tags }) => filter?.tagStatus !== "TAGGED" || tags.size > 0,
      );
      // a page holds one, so that every page has to be asked for
      const at = Number(nextToken ?? 0);
      return {
        imageDetails: images
          .slice(at, at + 1)
          .map(({ digest, tags }) => ({ repositoryName, imageDigest: digest, imageTags: [...tags] })),
        ...(at + 1 < images.length ? { nextToken: String(at + 1) } : {}),
      };
    },
    GetDownloadUrlForLayer: ({ repositoryName = "", layerDigest = "" }: GetDownloadUrlForLayerCommandInput) => {
      this.imagesOf(repositoryName);
      if (!this.layers.has(layerDigest)) throw new AwsFault("LayersNotFoundException");
      return { downloadUrl: `${this.layersUrl}/layers/${layerDigest}`, layerDigest };
    },
    PutImage: ({ repositoryName = "", imageManifest = "", imageTag = "", imageDigest }: PutImageCommandInput) => {
      const images = this.imagesOf(repositoryName);
      const digest = digestOf(imageManifest);
      if (imageDigest !== undefined && imageDigest !== digest) throw new AwsFault("ImageDigestDoesNotMatchException");
      const holder = images.find(({ tags }) => tags.has(imageTag));
      if (holder !== undefined) {
        throw new AwsFault(holder.digest === digest ? "ImageAlreadyExistsException" : "ImageTagAlreadyExistsException");
      }
      const image = images.find((candidate) => candidate.digest === digest);
      if (image === undefined) throw new AwsFault("LayersNotFoundException");
      image.tags.add(imageTag);
      this.journal.write(`PutImage ${repositoryName.replace("shop/", "")} ${image.letter} ${imageTag}`);
      return { image: { repositoryName, imageId: { imageDigest: digest, imageTag } } };
    },
  };

  private imagesOf(repositoryName: string): Pushed[] {
    const images = this.repositories.get(repositoryName);
    if (images === undefined) throw new AwsFault("RepositoryNotFoundException");
    return images;
  }

  private manifest(letter: string, architecture: Architecture): string {
    const config = JSON.stringify({ os: "linux", architecture, config: { Labels: { letter } } });
    this.layers.set(digestOf(config), config);
    return JSON.stringify({
      schemaVersion: 2,
      mediaType: `${oci}.manifest.v1+json`,
      config: { mediaType: `${oci}.config.v1+json`, digest: digestOf(config), size: config.length },
      layers: [],
    });
  }
}

function digestOf(content: string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
