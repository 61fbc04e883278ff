/** Identifier of a generation's instance, below an environment's name; apart from its construct, for commands that load none. */
export function databaseIdentifier(environmentName: string, generation: number): string {
  return `${environmentName}-db-${generation}`;
}

/** Roles of the application's database: what runs is a member of one, its migrations of the other. */
export type DatabaseRole = "app" | "migrator";

/** Name of the secret of a login, below an environment's path. */
export function loginSecretName(role: DatabaseRole, generation: number, rotation: number): string {
  return `database/${role}-${generation}-${rotation}`;
}

/** Generation and rotation of the application's login whose secret has this ARN; none when it is no such secret. */
export function loginOfSecret(arn: string): { readonly generation: number; readonly rotation: number } | undefined {
  // Secrets Manager appends a hyphen and six characters to the name; ECS a key
  const [, generation, rotation] = /\/database\/app-(\d+)-(\d+)-[A-Za-z0-9]{6}(:|$)/.exec(arn) ?? [];
  if (generation === undefined || rotation === undefined) return undefined;
  return { generation: Number(generation), rotation: Number(rotation) };
}
