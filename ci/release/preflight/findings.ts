import { isDenied } from "../aws-trouble";

/** What the checks before a release have found. */
export class Findings {
  /** Each is a reason not to release. */
  readonly problems: string[] = [];
  private readonly unseen = new Set<string>();

  /** What could not be looked at, as sentences. */
  get warnings(): readonly string[] {
    return [...this.unseen];
  }

  problem(text: string): void {
    // two services that share a secret have one problem
    if (!this.problems.includes(text)) this.problems.push(text);
  }

  warn(text: string): void {
    this.unseen.add(text);
  }

  /** The answer; none when these credentials may not ask, which `what` then says in a warning. */
  async unlessDenied<T>(what: string, question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question();
    } catch (error) {
      if (!isDenied(error)) throw error;
      this.warn(`${what} was not looked at: these credentials may not`);
      return undefined;
    }
  }
}
