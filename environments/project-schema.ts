import * as z from "zod";
import { declined, distinct, flag, rules, shown, slug, text } from "../constructs/shared/fields";

const account = text('an AWS account id of 12 digits in quotes, such as "123456789012"', /^\d{12}$/);
export const region = text("an AWS region such as us-east-1", /^[a-z]{2}(-[a-z]+)+-\d$/);
const declinedWithoutReason = z.strictObject({ none: z.literal(true) });

/** An id that GitHub counts up and never gives again; text, since a number of YAML or JSON may be rounded. */
const githubId = (of: string, field: string) =>
  text(
    `the decimal id of the ${of} in quotes, such as "123456"`,
    /^[1-9]\d{0,19}$/,
    `\`gh api repos/OWNER/REPOSITORY --jq ${field}\` prints it`,
  );
const githubName = (what: string) =>
  text(`the name of ${what} on GitHub`, /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9._-])?$/);

/** A repository on GitHub whose workflows take roles. Every field is part of the trust: changing one changes who may take them. */
const github = z.strictObject({
  /** User or organisation. */
  owner: githubName("the owner"),
  /** Id of the owner: a name can be given up and taken by somebody else, an id cannot. */
  ownerId: githubId("owner", ".owner.id"),
  repository: githubName("the repository"),
  repositoryId: githubId("repository", ".id"),
  /**
   * Whether the plan has environments: private repositories of the free plan have none. With them a role of an environment is
   * given to its jobs alone, on its ref.
   */
  environments: flag(),
  /** Trust tokens of repositories from before 2026-07-15 too, which name owner and repository without ids. Default: false. */
  legacySubject: flag().default(false),
});

/** A project on GitLab whose pipelines take roles. */
const gitlab = z.strictObject({
  /** Host of GitLab, which AWS must reach by https. Default: gitlab.com. */
  host: text("a host name such as gitlab.com", /^[a-z0-9-]+(\.[a-z0-9-]+)+$/).default("gitlab.com"),
  /** Path with its groups. A renamed project needs `npm run bootstrap` again: GitLab has no ids in what AWS reads. */
  project: text(
    "the path of a project such as group/project",
    /^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*){1,20}$/,
  ),
});

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
    /** The bucket that `npm run bootstrap` makes in the account of each environment. */
    z.strictObject({ bootstrap: z.literal(true) }),
    z.strictObject({ name: text("an S3 bucket name", /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/), region }),
    declinedWithoutReason,
  ]),
  /** Where pipelines run, which take roles without a stored key; on both hosts while moving from one to the other. */
  pipelines: z.union([
    z.strictObject({ github: github.optional(), gitlab: gitlab.optional() }).check(
      rules({
        reads: ["github", "gitlab"],
        problems: ({ github, gitlab }) =>
          github === undefined && gitlab === undefined
            ? [
                [
                  "github",
                  'is required where gitlab is not given: describe one of them, or { none: true, because: "..." }',
                ],
              ]
            : [],
      }),
    ),
    declined,
  ]),
  /** Policy that bounds every role and user that Slipway makes. Default: none. */
  permissionsBoundaryArn: text("the ARN of an IAM policy", /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/.+$/).optional(),
});

/** As a fork writes it. */
export type ProjectInput = z.input<typeof projectSchema>;
/** As the stacks read it, with defaults. */
export type Project = z.output<typeof projectSchema>;
