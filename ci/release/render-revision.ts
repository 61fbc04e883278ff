import type { RegisterTaskDefinitionCommandInput } from "@aws-sdk/client-ecs";
import type { Described, TaskDefinition } from "../aws/ecs";
import { releaseTags, type RevisionFacts } from "./tags";

export interface RevisionImage {
  /** Containers that get the image. */
  readonly containers: readonly string[];
  /** URL of the repository. */
  readonly repository: string;
  readonly digest: string;
}

/** What ECS says of a revision and does not take for one. */
const described = [
  "taskDefinitionArn",
  "revision",
  "status",
  "requiresAttributes",
  "compatibilities",
  "registeredAt",
  "registeredBy",
  "deregisteredAt",
  "deleteRequestedAt",
] as const satisfies readonly (keyof TaskDefinition)[];

/** The image as a revision names it: by digest, so that it never becomes another one. */
export function pinnedImage({ repository, digest }: Pick<RevisionImage, "repository" | "digest">): string {
  return `${repository}@${digest}`;
}

/** A new revision: all of the template, with the image in its containers. */
export function renderRevision(
  { definition, tags }: Described,
  image: RevisionImage,
  facts: RevisionFacts,
): RegisterTaskDefinitionCommandInput {
  const kept = Object.fromEntries(
    Object.entries(definition).filter(([field]) => !(described as readonly string[]).includes(field)),
  ) as Omit<TaskDefinition, (typeof described)[number]>;
  const own = Object.entries(tags).filter(([key]) => !key.startsWith("aws:") && !key.startsWith("slipway:"));
  return {
    ...kept,
    family: definition.family,
    containerDefinitions: (definition.containerDefinitions ?? []).map((container) =>
      image.containers.includes(container.name ?? "") ? { ...container, image: pinnedImage(image) } : container,
    ),
    tags: [...Object.entries(releaseTags(facts)), ...own].map(([key, value]) => ({ key, value })),
  };
}
