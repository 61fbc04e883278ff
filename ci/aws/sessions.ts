import { SSMClient, StartSessionCommand } from "@aws-sdk/client-ssm";
import { CommandError } from "../exit-codes";
import type { OpenSession, SessionRequest } from "../tools/session-plugin";
import { clientSettings } from "./client-settings";

/** Open a session of Systems Manager, such as one that forwards a port. */
export async function startSession(
  env: Readonly<Record<string, string>>,
  region: string,
  { Target, DocumentName, Parameters = {} }: SessionRequest,
): Promise<OpenSession> {
  const client = new SSMClient(clientSettings(env, region, "SSM"));
  try {
    const answer = await client.send(
      new StartSessionCommand({
        Target,
        ...(DocumentName === undefined ? {} : { DocumentName }),
        Parameters: Object.fromEntries(Object.entries(Parameters).map(([name, values]) => [name, [...values]])),
      }),
    );
    return checkedSession(answer.SessionId, answer.StreamUrl, answer.TokenValue);
  } finally {
    client.destroy();
  }
}

/** A session that has everything that its other end needs. */
export function checkedSession(
  sessionId: string | undefined,
  streamUrl: string | undefined,
  tokenValue: string | undefined,
): OpenSession {
  if (sessionId === undefined || streamUrl === undefined || tokenValue === undefined) {
    throw new CommandError("AWS has opened a session and not said where: try again");
  }
  return { sessionId, streamUrl, tokenValue };
}
