/** A comment under the request, or an issue, as either host keeps it. */
export interface Written {
  readonly number: number;
  title: string;
  text: string;
  open: boolean;
}

/** What a host keeps beside the code, of one project with one request. */
export class Tracker {
  /** Number of the request. */
  readonly request = 7;
  /** Labels of the request. */
  labels: string[] = [];
  /** Commits that came by the request. */
  readonly commits = new Set<string>();
  /** Main's pipeline has released them to stage. */
  stageHasRun = false;
  readonly comments: Written[] = [];
  readonly issues: Written[] = [];

  add(list: "comments" | "issues", text: string, title = ""): Written {
    const written = { number: this[list].length + 1, title, text, open: true };
    this[list].push(written);
    return written;
  }

  find(list: "comments" | "issues", number: string | undefined): Written | undefined {
    return this[list].find((one) => String(one.number) === number);
  }
}
