/** Where an image repository is. */
export interface RepositoryAddress {
  readonly account: string;
  readonly region: string;
  readonly project: string;
  readonly repository: string;
}

/** URL of a repository without a tag; apart from its construct, for commands that load no constructs. */
export function repositoryUrl({ account, region, project, repository }: RepositoryAddress): string {
  return `${account}.dkr.ecr.${region}.amazonaws.com/${project}/${repository}`;
}
