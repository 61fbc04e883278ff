/** As much of `fetch` as is used; tests answer in its place. */
export type Fetch = (url: string, init: { readonly signal: AbortSignal }) => Promise<FetchAnswer>;

export interface FetchAnswer {
  readonly status: number;
  text(): Promise<string>;
}
