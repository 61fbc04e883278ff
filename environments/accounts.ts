import { shown } from "../constructs/shared/fields";
import { bootstrapStack } from "../constructs/shared/pipeline-names";
import type { Project } from "./project-schema";

/** Account ids that nobody has: all digits the same, as the shipped `project.ts` has them. */
const placeholder = /^(\d)\1{11}$/;

/** Whether nobody has put accounts of their own into the project yet, as in the repository that forks are made of. */
export function hasPlaceholdersAlone(project: Pick<Project, "accounts" | "registry">): boolean {
  return accountsOf(project).every((account) => placeholder.test(account));
}

/** The account that a stack is the bootstrap of; none where it is another stack, or the account of nothing here. */
export function accountOfBootstrap(project: Project, stack: string): string | undefined {
  return accountsOf(project).find((account) => bootstrapStack(account) === stack);
}

/** Every account of a project, once. */
export function accountsOf({ accounts, registry }: Pick<Project, "accounts" | "registry">): string[] {
  return [...new Set([...Object.values(accounts), registry.account])];
}

/** Why a bootstrap of this project would let strangers in: what it ships with may belong to somebody. */
export function pipelinePlaceholderProblems({ pipelines }: Project): string[] {
  if ("none" in pipelines) return [];
  const { github, gitlab } = pipelines;
  const problems: string[] = [];
  if (github?.ownerId === "1" || github?.repositoryId === "1") {
    problems.push(
      `project: pipelines.github is a placeholder, got "${github.owner}/${github.repository}" with the ids "${github.ownerId}" and "${github.repositoryId}": put your repository into environments/project.ts, or leave github out`,
    );
  }
  if (gitlab?.project === "example/example") {
    problems.push(
      `project: pipelines.gitlab.project is a placeholder, got "${gitlab.project}": put your project into environments/project.ts, or leave gitlab out`,
    );
  }
  return problems;
}

/** Why this project cannot be deployed to AWS yet; the rehearsal does not ask. */
export function placeholderProblems(project: Project, stack: string): string[] {
  const ofBootstrap = accountOfBootstrap(project, stack);
  if (ofBootstrap !== undefined) {
    const own = placeholder.test(ofBootstrap)
      ? [`project: account ${shown(ofBootstrap)} is a placeholder: put your account ids into environments/project.ts`]
      : [];
    return [...own, ...pipelinePlaceholderProblems(project)];
  }
  const isRegistry = stack === "registry";
  const account = isRegistry ? project.registry.account : project.accounts[stack];
  const field = isRegistry ? "registry.account" : `accounts.${stack}`;
  const problems: string[] = [];
  if (account !== undefined && placeholder.test(account)) {
    problems.push(
      `project: ${field} is a placeholder, got ${shown(account)}: put your account id into environments/project.ts`,
    );
  }
  if (!isRegistry && placeholder.test(project.registry.account)) {
    problems.push(
      `project: registry.account is a placeholder, got ${shown(project.registry.account)}: put the account of your images into environments/project.ts`,
    );
  }
  return problems;
}
