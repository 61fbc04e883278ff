import * as z from "zod";
import { distinct, shown, slug, text } from "../constructs/shared/fields";

const account = text('an AWS account id of 12 digits in quotes, such as "123456789012"', /^\d{12}$/);
export const region = text("an AWS region such as us-east-1", /^[a-z]{2}(-[a-z]+)+-\d$/);
const declinedWithoutReason = z.strictObject({ none: z.literal(true) });

/** What is the same for all environments of a product; the first file that a fork edits. */
export const projectSchema = z.strictObject({
  /** Start of every name and path. Changing it replaces everything. */
  name: slug(16).refine((name) => !/^(aws|ssm)|^internal(-|$)/.test(name), {
    error: ({ input }) =>
      `must not start with aws, ssm or internal-, which AWS keeps for itself, got ${shown(input)}: choose another`,
  }),
  /** Region of all environments. Changing it is a new project. */
  region,
  /** Account of each environment; two environments may share one. The deploy refuses any other account. */
  accounts: z.record(slug(10), account),
  /** Where images are kept: built once, promoted to all environments by digest. */
  registry: z.strictObject({ account, region }),
  /** The public hosted zone, already in Route 53, in the account of the environment that uses it; or none. */
  publicZone: z.union([
    z.strictObject({
      id: text("the id of a hosted zone, such as Z0123456789ABCDEFGHIJ", /^Z[A-Z0-9]{4,31}$/),
      name: text("a domain name such as example.com", /^[a-z0-9-]+(\.[a-z0-9-]+)+$/),
    }),
    declinedWithoutReason,
  ]),
  /** Image repositories; one per image that is built. */
  repositories: distinct(slug(40), "names", 1, 20),
  /** Who learns of alarms, budgets and database events. */
  alerts: z.strictObject({
    /** Each address confirms its subscription once, per environment. */
    emails: distinct(text("an e-mail address", /^[^@\s]+@[^@\s]+\.[^@\s]+$/), "addresses", 1, 10),
    /** Endpoints that confirm by themselves, such as an incident tool's; part of the state, so none with a secret that matters. Default: none. */
    https: distinct(text("an address that starts with https://", /^https:\/\/[^\s]+$/), "addresses", 0, 5).default([]),
    /** A Slack channel, through Amazon Q Developer in chat applications; the workspace is authorised once, in the console. Default: none. */
    slack: z
      .strictObject({
        workspaceId: text("the id of a Slack workspace, such as T012AB3C4", /^T[A-Z0-9]{6,}$/),
        channelId: text("the id of a Slack channel, such as C012AB3C4", /^[CG][A-Z0-9]{6,}$/),
      })
      .optional(),
  }),
  /** S3 bucket of the Terraform state; without it the state is a file on one machine. */
  stateBucket: z.union([
    z.strictObject({ name: text("an S3 bucket name", /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/), region }),
    declinedWithoutReason,
  ]),
  /** Policy that bounds every role and user that Slipway makes. Default: none. */
  permissionsBoundaryArn: text("the ARN of an IAM policy", /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/.+$/).optional(),
});

/** As a fork writes it. */
export type ProjectInput = z.input<typeof projectSchema>;
/** As the stacks read it, with defaults. */
export type Project = z.output<typeof projectSchema>;
