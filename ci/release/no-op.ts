import type { Prepared } from "./prepare";
import { isMadeOf, isProven, type Making, type Revision } from "./revisions";
import { isSettled, type World } from "./running";
import { tagKeys } from "./tags";

/** Name of the release that runs, when everything runs what would be released, and has proven itself. */
export function releaseThatRuns(prepared: readonly Prepared[], world: World): string | undefined {
  const names = prepared.map(({ subject, making, recent }) => {
    switch (subject.kind) {
      case "migration":
        return nameOf(
          recent.find((revision) => isMadeOf(revision, making) && isProven(revision)),
          making,
        );
      case "schedule": {
        const running = world.schedules.find((candidate) => candidate.subject.name === subject.name);
        return running?.state?.enabled === true ? nameOf(running.revision, making) : undefined;
      }
      default: {
        const running = world.services.find((candidate) => candidate.subject.name === subject.name);
        return running !== undefined && isSettled(running) ? nameOf(running.revision, making) : undefined;
      }
    }
  });
  return names.every((name) => name !== undefined) ? names.at(-1) : undefined;
}

function nameOf(revision: Revision | undefined, making: Making): string | undefined {
  if (revision === undefined || !isMadeOf(revision, making) || !isProven(revision)) return undefined;
  return revision.tags[tagKeys.release];
}
