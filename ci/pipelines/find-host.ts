import { CommandError, exitCodes } from "../exit-codes";
import { gitHub } from "./github";
import { gitLab } from "./gitlab";
import { filled, type HostWork, type PipelineHost } from "./host";

/**
 * The host whose pipeline this runs in.
 *
 * @throws CommandError outside of a pipeline
 */
export function findHost(work: HostWork): PipelineHost {
  if (filled(work.env["GITHUB_ACTIONS"]) !== undefined) return gitHub(work);
  if (filled(work.env["GITLAB_CI"]) !== undefined) return gitLab(work);
  throw new CommandError(
    "this is not a pipeline of GitHub or GitLab, whose variables say what to talk to: run it in one",
    exitCodes.usage,
  );
}
