/** Names of the environment that the fake account holds: `dev` of the project `shop`. */
export const account = "123456789012";
export const region = "eu-west-1";
export const environmentName = "shop-dev";
export const cluster = ecsArn("cluster", environmentName);
/** Every ARN of ECS begins like this. */
export function ecsArn(kind: string, name: string): string {
  return `arn:aws:ecs:${region}:${account}:${kind}/${name}`;
}

export function serviceArn(name: string): string {
  return ecsArn("service", `${environmentName}/${environmentName}-${name}`);
}

export function family(name: string): string {
  return `${environmentName}-${name}`;
}

export function repositoryUrl(name: string): string {
  return `${account}.dkr.ecr.${region}.amazonaws.com/shop/${name}`;
}

export function secretArn(name: string): string {
  return `arn:aws:secretsmanager:${region}:${account}:secret:/shop/dev/${name}-AbCdEf`;
}

/** `web:7` of the ARN of a revision, of a service or of anything else of the environment. */
export function shortName(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1).replace(`${environmentName}-`, "");
}
