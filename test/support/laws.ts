import { environments } from "../../environments";
import { everyStack } from "./stacks";
import type { Json } from "./synthesized";
import { variants } from "./variants";

/** One resource with where it stands, for messages. */
export interface Found {
  readonly at: string;
  readonly stack: string;
  readonly type: string;
  readonly body: Json;
}

export const resources: readonly Found[] = Object.entries(everyStack).flatMap(([stack, { json }]) =>
  Object.entries(json["resource"] as Json).flatMap(([type, byId]) =>
    Object.entries(byId as Json).map(([id, body]) => ({
      at: `${stack}: ${type}.${id}`,
      stack,
      type,
      body: body as Json,
    })),
  ),
);

/** All resources of these types; a law over nothing is no law. */
export function all(...types: string[]): readonly Found[] {
  const found = resources.filter(({ type }) => types.includes(type));
  for (const type of types) {
    if (!found.some((one) => one.type === type))
      throw new Error(`no ${type} in any stack: the law would hold for nothing`);
  }
  return found;
}

/** The places where `broken` says that the law is broken. */
export function offenders(found: readonly Found[], broken: (body: Json, one: Found) => boolean): string[] {
  expect(found.length).toBeGreaterThan(0);
  return found.filter((one) => broken(one.body, one)).map(({ at }) => at);
}

/** What guards the data of a stack. */
export const lifetimeOf = (stack: string): string =>
  stack === "registry" ? "permanent" : stack === "variants" ? variants.lifetime : environments[stack as "dev"].lifetime;

/** Where everybody may read images from S3 itself. */
export const imagesArePublic = (stack: string): boolean =>
  stack in environments && environments[stack as "dev"].images.access === "public";

/** One statement of a policy, with where it stands. */
export interface Stated {
  readonly at: string;
  readonly statement: Json;
}

/** Types of resources that are a policy, or have one. */
const withPolicies =
  /^aws_(iam_(role|user|group)?_?policy|iam_role|ecr_repository_policy|s3_bucket_policy|sqs_queue_policy|sns_topic_policy|kms_key|iot_policy|cloudwatch_log_resource_policy)$/;

/** Every statement of every policy. */
export function policyStatements(): readonly Stated[] {
  const found = resources
    .filter(({ type }) => withPolicies.test(type))
    .flatMap(({ at, body }) =>
      ["policy", "assume_role_policy", "policy_document"].flatMap((field) => {
        const text = body[field] as string | undefined;
        if (text === undefined) return [];
        const statements = (JSON.parse(text) as Json)["Statement"] as Json[];
        return statements.map((statement) => ({ at: `${at}.${field}`, statement }));
      }),
    );
  if (found.length === 0) throw new Error("no statement in any policy: the law would hold for nothing");
  return found;
}
