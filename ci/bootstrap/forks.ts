import { CommandError } from "../exit-codes";
import { commandText, type PipelineHost } from "../pipelines/hosts";
import type { Session } from "../session";
import { HostError, runHost } from "./run-host";

/** Whether pipelines of forks run in a repository, as far as its host says; nothing where no host would run them. */
export type ForksThere = "in" | "out" | "unknown" | undefined;

/** What a repository was told about pipelines of forks. */
export interface ToldForks {
  /** They stay out, perhaps since now. */
  readonly out: boolean;
  readonly written: boolean;
  /** The command that keeps them out. */
  readonly command: string;
}

export async function readForks(session: Session, host: PipelineHost): Promise<ForksThere> {
  const { forks } = host;
  if (forks === undefined) return undefined;
  try {
    const allowed = forks.allowed(await runHost(session, host, forks.ask));
    if (allowed === undefined) return "unknown";
    return allowed ? "in" : "out";
  } catch (error) {
    if (error instanceof HostError) return "unknown";
    throw error;
  }
}

/** Keep pipelines of forks out, and look whether they are. */
export async function keepForksOut(session: Session, host: PipelineHost): Promise<void> {
  const { forks, place } = host;
  if (forks === undefined) return;
  await runHost(session, host, forks.refuse);
  if ((await readForks(session, host)) === "out") return;
  throw new CommandError(
    `pipelines of forks still run in ${place}, which was just told to keep them out; run it again, or do it by hand: ${commandText(host, forks.refuse)}`,
  );
}

export function toldForks(host: PipelineHost, there: ForksThere, written: boolean): { readonly forks?: ToldForks } {
  if (host.forks === undefined || there === undefined) return {};
  return { forks: { out: written || there === "out", written, command: commandText(host, host.forks.refuse) } };
}
