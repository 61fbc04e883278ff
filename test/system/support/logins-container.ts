import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { environments, project } from "../../support/shipped";
import { stacksOf } from "../../support/build-stacks";
import type { Json } from "../../support/synth";
import { type Postgres, unprivileged } from "./postgres";
import { type Ended, runProgram } from "./programs";

/** The administrator, called as RDS is told to. */
export const ADMINISTRATOR = "dbadmin";

/** Password of a login, as its secret has it: letters and digits, and found in no other text. */
export function passwordOf(user: string): string {
  return `${user.replace("_", "")}Kept5ecret${user.length}`;
}

/** What a container of the synthesized task is started with; a secret as `<secret>:<key>`. */
export interface LoginsContainer {
  readonly line: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** The container `logins` of the environment that a fork starts with, after so many rotations. */
export function loginsContainer(credentialRotation: number): LoginsContainer {
  const dev = { ...environments.dev, database: { ...environments.dev.database, credentialRotation } };
  const stack = stacksOf({ project, environments: { dev } })["dev"];
  const migration = stack?.all(EcsTaskDefinition).find(({ family }) => family === "slipway-dev-migration");
  const containers = JSON.parse(String(migration?.["container_definitions"])) as Json[];
  const container = containers.find(({ name }) => name === "logins");
  if (stack === undefined || container === undefined) throw new Error("dev has no container logins");
  const names = stack.json["resource"][SecretsmanagerSecret.tfResourceType] as Json;
  const secretOf = (reference: string): string => {
    const [, id, key] = /^\$\{aws_secretsmanager_secret\.(\w+)\.arn\}:(\w+)::$/.exec(reference) ?? [];
    if (id !== undefined) return `${String(names[id].name)}:${key}`;
    const [, ofMaster] =
      /^\$\{aws_db_instance\.\w+\.master_user_secret\[0\]\.secret_arn\}:(\w+)::$/.exec(reference) ?? [];
    if (ofMaster === undefined) throw new Error(`not a secret: ${reference}`);
    return `master:${ofMaster}`;
  };
  return {
    line: [...(container["entryPoint"] as string[]), ...(container["command"] as string[])].map(withoutEscapes),
    environment: pairs(container["environment"] as Json[], "value"),
    secrets: Object.fromEntries(
      Object.entries(pairs(container["secrets"] as Json[], "valueFrom")).map(([name, from]) => [name, secretOf(from)]),
    ),
  };
}

/** Run the container against a server, as ECS would: without root, without a terminal, with nothing but its own variables. */
export async function runLogins(
  server: Postgres,
  { line: [program = "", ...args], environment, secrets }: LoginsContainer,
  overrides: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const values = Object.entries(secrets).map(([name, secret]) => [name, valueOf(server, secret)]);
  const env = {
    PATH: process.env["PATH"] ?? "",
    // where a container has its /tmp
    TMPDIR: server.directory,
    ...environment,
    DATABASE_CA: server.certificate,
    ...Object.fromEntries(values),
    ...overrides,
  };
  return runProgram(program, args, { env, ...unprivileged });
}

/** What stands in a secret, as ECS would hand it out. */
function valueOf(server: Postgres, secret: string): string {
  const [, role, rotation] = /^\/slipway\/dev\/database\/(\w+)-1-(\d+):/.exec(secret) ?? [];
  const user = role === undefined ? ADMINISTRATOR : `${role}_${rotation}`;
  const values: Readonly<Record<string, string>> = {
    user,
    username: user,
    password: passwordOf(user),
    host: "localhost",
    port: String(server.port),
    dbname: "app",
  };
  const value = values[secret.slice(secret.lastIndexOf(":") + 1)];
  if (value === undefined) throw new Error(`no such key: ${secret}`);
  return value;
}

/** What Terraform makes of text that is no expression. */
function withoutEscapes(text: string): string {
  return text.replace(/([$%])\1\{/g, "$1{");
}

function pairs(list: readonly Json[], value: string): Record<string, string> {
  return Object.fromEntries(list.map((one) => [String(one["name"]), String(one[value])]));
}
