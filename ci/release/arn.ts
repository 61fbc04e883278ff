/** `web:7` of `arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7`: what comes after the last slash. */
export function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

/** The family of a revision's ARN. */
export function familyOf(arn: string): string {
  return lastPart(arn).split(":")[0] ?? "";
}

/** The number of a revision's ARN, as text. */
export function revisionNumber(arn: string): string {
  return arn.slice(arn.lastIndexOf(":") + 1);
}
