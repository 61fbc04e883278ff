import type { Readable } from "node:stream";
import type { Sink } from "./report";

/** What a command gets from the process that it runs in; tests give their own. */
export interface Surroundings {
  /** The process's environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** The project's folder. */
  readonly root: string;
  readonly stdin: Readable;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** A person sits before it: questions may be asked. */
  readonly isTTY: boolean;
}
