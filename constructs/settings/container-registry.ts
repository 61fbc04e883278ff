import * as z from "zod";
import { distinct, slug, text, whole } from "../shared/fields";

/** The image repositories of a project. */
export const containerRegistrySettings = z.strictObject({
  /** Names of the repositories, one per image that is built. Taking one away deletes it, which AWS refuses while it has images. */
  repositories: distinct(slug(40), "names", 1, 20),

  /** Accounts that pull images, and whose releases tag them. */
  readerAccounts: distinct(text("an AWS account id of 12 digits", /^\d{12}$/), "account ids", 1, 20),

  /** Days after which an image that was built but never released is deleted. $0.10 a GiB and month (us-east-1, 2026-11). Default: 90. */
  buildRetentionDays: whole(7, 3650, "days").default(90),

  /** Days after which an image without any tag is deleted. Default: 7. */
  untaggedRetentionDays: whole(1, 365, "days").default(7),
});

export type ContainerRegistrySettings = z.output<typeof containerRegistrySettings>;
export type ContainerRegistryInput = z.input<typeof containerRegistrySettings>;
