import type { EnvironmentInput } from "../../environments/environment";
import { environments as shippedEnvironments, project as shippedProject } from "./shipped";
import { everyStack, type Stacks } from "./stacks";
import type { Json } from "./synthesized";
import { variants } from "./variants";

/** One resource with where it stands, for messages. */
export interface Found {
  readonly at: string;
  readonly stack: string;
  readonly type: string;
  readonly body: Json;
}

/** One statement of a policy, with where it stands. */
export interface Stated {
  readonly at: string;
  readonly statement: Json;
}

export interface LawSubjectOptions {
  /** Name of the project: start of every name and path. */
  readonly project: string;
  readonly environments: readonly EnvironmentInput[];
  readonly stacks: Stacks;
  /**
   * Whether they have everything that there is a law for: a law over nothing is then no law, and fails. A fork need not have
   * everything.
   */
  readonly complete: boolean;
}

/** Types of resources that are a policy, or have one. */
const withPolicies =
  /^aws_(iam_(role|user|group)?_?policy|iam_role|ecr_repository_policy|s3_bucket_policy|sqs_queue_policy|sns_topic_policy|kms_key|iot_policy|cloudwatch_log_resource_policy)$/;

/** The stacks that laws are held over. */
export class LawSubject {
  readonly project: string;
  readonly environments: readonly EnvironmentInput[];
  readonly stacks: Stacks;
  readonly resources: readonly Found[];
  private readonly complete: boolean;

  constructor({ project, environments, stacks, complete }: LawSubjectOptions) {
    this.project = project;
    this.environments = environments;
    this.stacks = stacks;
    this.complete = complete;
    this.resources = Object.entries(stacks).flatMap(([stack, { json }]) =>
      Object.entries(json["resource"] as Json).flatMap(([type, byId]) =>
        Object.entries(byId as Json).map(([id, body]) => ({
          at: `${stack}: ${type}.${id}`,
          stack,
          type,
          body: body as Json,
        })),
      ),
    );
  }

  /** All resources of these types. */
  readonly all = (...types: string[]): readonly Found[] => {
    const found = this.resources.filter(({ type }) => types.includes(type));
    for (const type of types) {
      if (this.complete && !found.some((one) => one.type === type))
        throw new Error(`no ${type} in any stack: the law would hold for nothing`);
    }
    return found;
  };

  /** That a law is over something. */
  readonly moreThan = (count: number, found: readonly unknown[]): void => {
    if (this.complete) expect(found.length).toBeGreaterThan(count);
  };

  /** The places where `broken` says that the law is broken. */
  readonly offenders = (found: readonly Found[], broken: (body: Json, one: Found) => boolean): string[] => {
    this.moreThan(0, found);
    return found.filter((one) => broken(one.body, one)).map(({ at }) => at);
  };

  /** What guards the data of a stack. */
  readonly lifetimeOf = (stack: string): string =>
    stack === "registry" || isBootstrap(stack) ? "permanent" : (this.environment(stack)?.lifetime ?? "unknown");

  /** Where everybody may read images from S3 itself. */
  readonly imagesArePublic = (stack: string): boolean => {
    const images = this.environment(stack)?.images;
    return images !== undefined && "access" in images && images.access === "public";
  };

  /** Every statement of every policy. */
  readonly policyStatements = (): readonly Stated[] => {
    const found = this.resources
      .filter(({ type }) => withPolicies.test(type))
      .flatMap(({ at, body }) =>
        // a boundary gives nothing: it says what others can give at most
        /Boundary$/.test(at)
          ? []
          : ["policy", "assume_role_policy", "policy_document"].flatMap((field) => {
              const text = body[field] as string | undefined;
              if (text === undefined) return [];
              const statements = (JSON.parse(text) as Json)["Statement"] as Json[];
              return statements.map((statement) => ({ at: `${at}.${field}`, statement }));
            }),
      );
    if (found.length === 0) throw new Error("no statement in any policy: the law would hold for nothing");
    return found;
  };

  private environment(stack: string): EnvironmentInput | undefined {
    return this.environments.find(({ name }) => name === stack);
  }
}

/** Whether a stack is that of an account, and none of an environment. */
export const isBootstrap = (stack: string): boolean => stack.startsWith("bootstrap-");

/** What ships and the variants: together they have everything. */
export const everything = new LawSubject({
  project: shippedProject.name,
  environments: [...Object.values(shippedEnvironments), variants],
  stacks: everyStack,
  complete: true,
});
