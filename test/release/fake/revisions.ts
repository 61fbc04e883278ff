import type {
  DescribeTaskDefinitionCommandInput,
  ListTaskDefinitionsCommandInput,
  RegisterTaskDefinitionCommandInput,
  TagResourceCommandInput,
} from "@aws-sdk/client-ecs";
import type { Handlers, Journal } from "./journal";
import { ecsArn, shortName } from "./names";
import { AwsFault } from "./server";

export interface Revision {
  readonly arn: string;
  readonly definition: RegisterTaskDefinitionCommandInput;
  readonly tags: Map<string, string>;
  active: boolean;
}

/** What ECS allows in the value of a tag. */
const tagValue = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

/** The task definitions of an account. */
export class Revisions {
  /** By family, the oldest first. */
  private readonly families = new Map<string, Revision[]>();

  constructor(private readonly journal: Journal) {}

  /** By its ARN, or by `<family>:<number>`. */
  find(name: string): Revision | undefined {
    const [family = "", number] = name.slice(name.lastIndexOf("/") + 1).split(":");
    const all = this.families.get(family) ?? [];
    return number === undefined ? all.at(-1) : all[Number(number) - 1];
  }

  get all(): Revision[] {
    return [...this.families.values()].flat();
  }

  register({ tags = [], ...definition }: RegisterTaskDefinitionCommandInput): Revision {
    const { family = "" } = definition;
    const revisions = this.families.get(family) ?? [];
    this.families.set(family, revisions);
    const revision: Revision = {
      arn: ecsArn("task-definition", `${family}:${revisions.length + 1}`),
      definition,
      tags: new Map(tags.map(({ key = "", value = "" }) => [key, value])),
      active: true,
    };
    revisions.push(revision);
    return revision;
  }

  readonly handlers: Handlers = {
    RegisterTaskDefinition: (input: RegisterTaskDefinitionCommandInput) => {
      if (input.tags?.length === 0) throw new AwsFault("InvalidParameterException", "Tags can not be empty.");
      for (const { key, value = "" } of input.tags ?? []) {
        if (!tagValue.test(value)) throw new AwsFault("InvalidParameterException", `Invalid value of tag ${key}`);
      }
      const revision = this.register(input);
      this.journal.write(`RegisterTaskDefinition ${shortName(revision.arn)}`);
      return { taskDefinition: described(revision), tags: input.tags };
    },
    DescribeTaskDefinition: ({ taskDefinition = "", include = [] }: DescribeTaskDefinitionCommandInput) => {
      const revision = this.find(taskDefinition);
      if (revision === undefined) throw new AwsFault("ClientException", "Unable to describe task definition.");
      return {
        taskDefinition: described(revision),
        ...(include.includes("TAGS") ? { tags: tagsOf(revision) } : {}),
      };
    },
    ListTaskDefinitions: ({ familyPrefix = "", sort, maxResults, nextToken }: ListTaskDefinitionsCommandInput) => {
      const active = (this.families.get(familyPrefix) ?? []).filter((revision) => revision.active);
      const arns = active.map(({ arn }) => arn);
      if (sort === "DESC") arns.reverse();
      const from = Number(nextToken ?? 0);
      const to = from + (maxResults ?? 100);
      return { taskDefinitionArns: arns.slice(from, to), ...(to < arns.length ? { nextToken: String(to) } : {}) };
    },
    TagResource: ({ resourceArn = "", tags = [] }: TagResourceCommandInput) => {
      const revision = this.find(resourceArn);
      if (revision === undefined) throw new AwsFault("InvalidParameterException", `there is no ${resourceArn}`);
      for (const { key = "", value = "" } of tags) revision.tags.set(key, value);
      this.journal.write(`TagResource ${shortName(resourceArn)} ${tags.map(({ value }) => value).join(" ")}`);
      return {};
    },
  };
}

function described({ arn, definition, active }: Revision): object {
  return {
    ...definition,
    taskDefinitionArn: arn,
    revision: Number(arn.slice(arn.lastIndexOf(":") + 1)),
    status: active ? "ACTIVE" : "INACTIVE",
    // what only an answer has, and no register takes
    compatibilities: ["EC2", "FARGATE"],
    requiresAttributes: [{ name: "ecs.capability.task-eni" }],
    registeredBy: "arn:aws:sts::123456789012:assumed-role/deploy/pipeline",
  };
}

function tagsOf({ tags }: Revision): object[] {
  return [...tags].map(([key, value]) => ({ key, value }));
}
