import { stateBucketName } from "../../constructs/shared/pipeline-names";
import type { Project } from "../../environments/project-schema";
import type { BucketGuards } from "../aws/bucket-guards";
import { advice, type Finding, right, wrong } from "./finding";

/** A bucket of the state. */
export interface StateBucket {
  readonly name: string;
  readonly region: string;
}

const topic = "state bucket";

/** The bucket of an account: the one that is named, or the one that bootstrap makes; none where the state is a file. */
export function stateBucketOf(
  { name, region, stateBucket }: Pick<Project, "name" | "region" | "stateBucket">,
  account: string,
): StateBucket | undefined {
  if ("name" in stateBucket) return stateBucket;
  return "bootstrap" in stateBucket ? { name: stateBucketName(name, account), region } : undefined;
}

/** Whether the state is where it cannot get lost and nobody reads it. */
export async function lookAtStateBucket(
  bucket: StateBucket | undefined,
  guardsOf: (bucket: StateBucket) => Promise<BucketGuards | "missing" | "foreign">,
): Promise<readonly Finding[]> {
  if (bucket === undefined) {
    return [
      advice(
        topic,
        "there is none: the state is a file on one machine",
        "make one with `npm run bootstrap`, and set stateBucket in environments/project.ts before anything is deployed that has to last",
      ),
    ];
  }
  const { name } = bucket;
  const guards = await guardsOf(bucket);
  if (guards === "missing") {
    return [
      wrong(
        topic,
        `there is no bucket ${name}`,
        "run `npm run bootstrap`, or correct stateBucket in environments/project.ts",
      ),
    ];
  }
  if (guards === "foreign") {
    const fix = "use the credentials of its account, or another name: they are one namespace for the whole world";
    return [wrong(topic, `bucket ${name} belongs to another account or is in another region`, fix)];
  }
  const problems = [
    ...(guards.versioned
      ? []
      : [wrong(topic, `${name} keeps no versions: a broken state cannot be taken back`, "switch versioning on")]),
    ...(guards.private ? [] : [wrong(topic, `${name} does not block public access`, "switch all four blocks on")]),
  ];
  return problems.length > 0 ? problems : [right(topic, `${name} is versioned and private`)];
}
