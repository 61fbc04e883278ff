import { ECSClient, ExecuteCommandCommand } from "@aws-sdk/client-ecs";
import type { EnterableTask } from "../release/enter";
import type { OpenSession } from "../tools/session-plugin";
import { clientSettings } from "./client-settings";
import { checkedSession } from "./sessions";

/** Start a command in a running container; its terminal is the session. */
export async function enterTask(
  env: Readonly<Record<string, string>>,
  region: string,
  cluster: string,
  { arn, container, command }: Pick<EnterableTask, "arn" | "container"> & { readonly command: string },
): Promise<OpenSession> {
  const client = new ECSClient(clientSettings(env, region, "ECS"));
  try {
    const { session } = await client.send(
      // AWS knows no other kind than the interactive one
      new ExecuteCommandCommand({ cluster, task: arn, container, command, interactive: true }),
    );
    return checkedSession(session?.sessionId, session?.streamUrl, session?.tokenValue);
  } finally {
    client.destroy();
  }
}
