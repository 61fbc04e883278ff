/** The name of an error of the AWS SDK, such as `ResourceNotFoundException`. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "";
}
