import { CommandError } from "../exit-codes";
import { errorName } from "../aws/errors";

/**
 * What was found of one thing that a deploy or a release relies on. Only `wrong` fails the command: `advice` can wait, and `unknown`
 * could not be looked at.
 */
export interface Finding {
  readonly topic: string;
  readonly state: "right" | "wrong" | "advice" | "unknown";
  readonly says: string;
  /** What to do about it, where `says` does not say that itself. */
  readonly fix?: string;
}

export function right(topic: string, says: string): Finding {
  return { topic, state: "right", says };
}

export function wrong(topic: string, says: string, fix?: string): Finding {
  return { topic, state: "wrong", says, ...(fix === undefined ? {} : { fix }) };
}

export function advice(topic: string, says: string, fix: string): Finding {
  return { topic, state: "advice", says, fix };
}

/** The findings of `look`; that AWS would not say is a finding too. `permission` is what the question needs. */
export async function lookedAt(
  topic: string,
  permission: string,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const name = errorName(error);
    const refused = /AccessDenied|Unauthorized|Forbidden|403/i.test(name);
    return [
      {
        topic,
        state: "unknown",
        says: `could not be looked at (${name === "" ? String(error) : name})`,
        fix: refused ? `ask for ${permission}` : "check the network, and run it again",
      },
    ];
  }
}
