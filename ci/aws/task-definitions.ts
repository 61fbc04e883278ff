import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  ECSClient,
  paginateListTaskDefinitionFamilies,
  paginateListTaskDefinitions,
} from "@aws-sdk/client-ecs";
import { clientSettings } from "./client-settings";

export interface FamilyScope {
  readonly project: string;
  readonly environment: string;
  /** All environments of the project: `slipway-dev-` is also how the names of an environment `dev-two` start. */
  readonly environments: readonly string[];
}

/** Whether a family is of this environment, and not of another one whose name only starts like it. */
export function isFamilyOf(family: string, { project, environment, environments }: FamilyScope): boolean {
  const prefix = (name: string): string => `${project}-${name}-`;
  if (!family.startsWith(prefix(environment))) return false;
  return !environments.some((other) => other.startsWith(`${environment}-`) && family.startsWith(prefix(other)));
}

export interface RemovedTaskDefinitions {
  /** How many revisions were active. */
  readonly deregistered: number;
  /** Why some are still there as inactive; none when all are deleted. */
  readonly notDeleted: unknown;
}

/** AWS deletes at most this many in one call. */
const perDelete = 10;

/** The revisions that releases left behind; Terraform knows only the template, and leaves even that. */
export class TaskDefinitions {
  private readonly client: ECSClient;

  constructor(env: Readonly<Record<string, string>>, region: string) {
    this.client = new ECSClient(clientSettings(env, region, "ECS"));
  }

  /** Deregister every revision of the environment's families, and delete them where that is allowed. */
  async remove(scope: FamilyScope, progress: (text: string) => void): Promise<RemovedTaskDefinitions> {
    let deregistered = 0;
    let notDeleted: unknown;
    for (const family of await this.families(scope)) {
      for (const revision of await this.revisions(family, "ACTIVE")) {
        progress(revision.slice(revision.lastIndexOf("/") + 1));
        await this.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: revision }));
        deregistered += 1;
      }
      const inactive = await this.revisions(family, "INACTIVE");
      await this.delete(inactive).catch((error: unknown) => (notDeleted = error));
    }
    return { deregistered, notDeleted };
  }

  private async families(scope: FamilyScope): Promise<string[]> {
    const families: string[] = [];
    const query = { familyPrefix: `${scope.project}-${scope.environment}-`, status: "ALL" as const };
    for await (const page of paginateListTaskDefinitionFamilies({ client: this.client }, query)) {
      families.push(...(page.families ?? []));
    }
    return families.filter((family) => isFamilyOf(family, scope));
  }

  private async revisions(family: string, status: "ACTIVE" | "INACTIVE"): Promise<string[]> {
    const arns: string[] = [];
    const query = { familyPrefix: family, status };
    for await (const page of paginateListTaskDefinitions({ client: this.client }, query)) {
      arns.push(...(page.taskDefinitionArns ?? []));
    }
    // the "prefix" of this call is the whole family on AWS, and not everywhere else
    return arns.filter((arn) => arn.includes(`:task-definition/${family}:`));
  }

  private async delete(revisions: readonly string[]): Promise<void> {
    for (let i = 0; i < revisions.length; i += perDelete) {
      await this.client.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: revisions.slice(i, i + perDelete) }));
    }
  }
}
