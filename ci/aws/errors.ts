/** The name of an error of the AWS SDK, such as `ResourceNotFoundException`. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

/** HTTP status of the answer that an error of the AWS SDK came with; none when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const metadata = error instanceof Error && "$metadata" in error ? error.$metadata : undefined;
  const status =
    typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata
      ? metadata.httpStatusCode
      : undefined;
  return typeof status === "number" ? status : undefined;
}
