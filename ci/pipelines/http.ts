import { CommandError } from "../exit-codes";

/** One question to a host's API. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH" | "PUT";
  /** Full address. */
  readonly url: string;
  /** Hold the token: they are never shown. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Ends the request. */
  readonly signal: AbortSignal;
}

/** Longest that a host may take for one answer. */
const patienceMs = 30_000;

/** A host with this many pages of comments or issues is not read to the end. */
const mostPages = 20;

/**
 * The JSON that an API answers.
 *
 * @throws CommandError that names the request, the answer and what to look at; never the token
 */
export async function askApi({ method, url, headers, body, signal }: ApiRequest): Promise<unknown> {
  const place = `${method} ${new URL(url).pathname}`;
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers, accept: "application/json", "content-type": "application/json", "user-agent": "slipway" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // a redirect would carry the token to wherever it points
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    signal.throwIfAborted();
    throw new CommandError(
      `${place} got no answer from ${new URL(url).host} (${error instanceof Error ? error.message : String(error)}): run the job again`,
    );
  }
  if (status >= 200 && status < 300) return text === "" ? undefined : JSON.parse(text);
  throw new CommandError(`${place} was answered with ${status}${sayingOf(text)}: ${adviceFor(status)}`);
}

/** All entries of a list that comes in pages of a hundred. */
export async function askAllPages(page: (number: number) => Promise<unknown>): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for (let number = 1; number <= mostPages; number += 1) {
    const entries = await page(number);
    if (!Array.isArray(entries)) return all;
    all.push(...(entries as unknown[]));
    if (entries.length < 100) break;
  }
  return all;
}

function sayingOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    return typeof message === "string" ? ` (${message})` : "";
  } catch {
    return "";
  }
}

function adviceFor(status: number): string {
  if (status === 401) return "the token is not valid any more, replace it";
  if (status === 403) return "the token may not do that, see the job's permissions or the token's scope";
  if (status === 404) return "it is not there, or the token may not see it";
  return "run the job again, and see the host's status page when it stays";
}
