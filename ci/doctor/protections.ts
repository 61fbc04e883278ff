import type { PipelineHost } from "../pipelines/hosts";
import type { Finding } from "./finding";
import { lookAtForks } from "./forks";
import { githubBranch, githubTags } from "./github-protections";
import { gitlabBranch, gitlabTags } from "./gitlab-protections";
import { type AskHost, protectionsLookedAt } from "./host-question";

/** What roles of pipelines trust: main deploys everything but production, which takes tags `v*` of commits that main has released. */
export type Guarded = "main" | "tags";

/** What the pipelines of a stack rely on. One that people deploy has only a role that reads, which every branch may take. */
export function guardedOf(stack: { readonly deploys: boolean; readonly production: boolean }): readonly Guarded[] {
  if (!stack.deploys) return [];
  return stack.production ? ["main", "tags"] : ["main"];
}

/** Whether only those can push to main and make tags `v*` who are meant to: AWS sees the names alone. */
export async function lookAtProtections(
  host: PipelineHost,
  guarded: readonly Guarded[],
  ask: AskHost,
): Promise<readonly Finding[]> {
  const looks = {
    github: { main: githubBranch, tags: githubTags },
    gitlab: { main: gitlabBranch, tags: gitlabTags },
  }[host.topic];
  const found = await Promise.all(
    [...guarded.map((what) => looks[what]), lookAtForks].map((look) =>
      protectionsLookedAt(host, () => look(host, ask)),
    ),
  );
  // one reason why nothing can be seen is told once
  return [...new Map(found.flat().map((finding) => [finding.says, finding])).values()];
}
