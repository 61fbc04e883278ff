/** ARN of an image repository, by its URL: what a role may pull from. */
export function repositoryArn(url: string): string {
  const [, account, region, name] = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^:@]+)$/.exec(url) ?? [];
  if (account === undefined || region === undefined || name === undefined) {
    throw new Error(`not the URL of a private ECR repository without a tag: ${url}`);
  }
  return `arn:aws:ecr:${region}:${account}:repository/${name}`;
}

/** URL of the private ECR repository that an image is in; none where the image is elsewhere. */
export function privateRepositoryUrl(image: string): string | undefined {
  return /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\/[^:@]+/.exec(image)?.[0];
}
