import type { TaskDefinition } from "@aws-sdk/client-ecs";
import { loginOfSecret } from "../../constructs/shared/database-names";

/** The login that a task has on the database, by what its definition names. */
export interface DatabaseLogin {
  readonly user: string;
  /** Which instance it is for. */
  readonly generation: number;
  /** ARN of the secret that holds the password. */
  readonly secretArn: string;
}

/** None when the container has no database. */
export function databaseLoginOf(definition: TaskDefinition, container: string): DatabaseLogin | undefined {
  const secrets = definition.containerDefinitions?.find(({ name }) => name === container)?.secrets ?? [];
  const valueFrom = secrets.find(({ name }) => name === "DATABASE_PASSWORD")?.valueFrom;
  const login = valueFrom === undefined ? undefined : loginOfSecret(valueFrom);
  if (valueFrom === undefined || login === undefined) return undefined;
  // ECS appends `:<key>:<stage>:<version>` to the seven parts of an ARN
  const secretArn = valueFrom.split(":").slice(0, 7).join(":");
  return { user: `app_${login.rotation}`, generation: login.generation, secretArn };
}
