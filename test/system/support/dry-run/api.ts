/** A question to an API that is played. */
export interface Question {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: any;
  /** The token that it came with, without `Bearer`. */
  readonly token: string;
}

/** Status and body. */
export type Answer = readonly [status: number, body: unknown];

/** An API: nothing for a path that it does not have. */
export type Api = (question: Question) => Answer | undefined | Promise<Answer | undefined>;

export const notFound: Answer = [404, { message: "Not Found" }];

/** A page of a list; whoever asks for more than there is gets none. */
export function pageOf<T>(list: readonly T[], query: URLSearchParams): readonly T[] {
  const size = Number(query.get("per_page") ?? 30);
  const page = Number(query.get("page") ?? 1);
  return list.slice((page - 1) * size, page * size);
}
