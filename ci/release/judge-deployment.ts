import type { Service, ServiceDeployment } from "../aws/ecs";
import { lastPart } from "./arn";

/** What is seen of a service at one look. */
export interface Sighting {
  /** Revision that must run in the end. Default: any. */
  readonly wanted: string | undefined;
  /** Deployments that were not there before ours was asked for, the newest first. */
  readonly fresh: readonly ServiceDeployment[];
  /** ARN of ours, once it is known. */
  readonly known: string | undefined;
  readonly service: Pick<Service, "taskDefinition" | "deployments"> | undefined;
  /** There is nothing to go back to: a deployment that begins to go back has failed. */
  readonly first: boolean;
}

export type DeploymentEnd = "succeeded" | "rolled back" | "rollback failed" | "stopped" | "replaced";

export interface Judgement {
  /** None while it has not shown up. */
  readonly mine: ServiceDeployment | undefined;
  /** None while it goes on. */
  readonly end: { readonly status: DeploymentEnd; readonly reason: string | null } | undefined;
}

/**
 * How our deployment stands. It has succeeded only when it says so, the revision is what runs, and nothing of the old one is left:
 * a service that was rolled back is as stable as one that was not.
 */
export function judgeDeployment(sighting: Sighting): Judgement {
  const { wanted, fresh, service } = sighting;
  const mine = oursOf(sighting);
  if (mine === undefined) return { mine, end: undefined };
  const end = (status: DeploymentEnd, reason = reasonOf(mine)): Judgement => ({ mine, end: { status, reason } });
  const runs = service?.taskDefinition;
  const replaced = fresh[0] !== mine;
  switch (mine.status) {
    case "SUCCESSFUL":
      if (wanted !== undefined && runs !== wanted) {
        const what = `it runs ${runs === undefined ? "nothing" : lastPart(runs)}`;
        return replaced ? end("replaced", `${what}, by a later deployment`) : end("rolled back", what);
      }
      return primaryCompleted(service) ? end("succeeded") : { mine, end: undefined };
    case "ROLLBACK_SUCCESSFUL":
      return end("rolled back");
    case "ROLLBACK_FAILED":
      return end("rollback failed");
    case "STOPPED":
      return replaced ? end("replaced", "another deployment of it was begun meanwhile") : end("stopped");
    case "ROLLBACK_REQUESTED":
    case "ROLLBACK_IN_PROGRESS":
      return sighting.first ? end("rolled back") : { mine, end: undefined };
    default:
      return { mine, end: undefined };
  }
}

/** The oldest of the new ones is ours: a later one replaces it, and counts as ours when it brings the same revision. */
function oursOf({ wanted, fresh, known, service }: Sighting): ServiceDeployment | undefined {
  const mine = fresh.find(({ serviceDeploymentArn: arn }) => arn === known) ?? fresh.at(-1);
  const [newest] = fresh;
  if (newest === mine || wanted === undefined) return mine;
  const primary = service?.deployments?.find(({ status }) => status === "PRIMARY");
  return primary?.taskDefinition === wanted ? newest : mine;
}

function primaryCompleted(service: Sighting["service"]): boolean {
  const primary = service?.deployments?.find(({ status }) => status === "PRIMARY");
  return primary?.rolloutState === undefined || primary.rolloutState === "COMPLETED";
}

function reasonOf({ statusReason, rollback, alarms }: ServiceDeployment): string | null {
  const rang = alarms?.triggeredAlarmNames ?? [];
  const reasons = [
    statusReason,
    rollback?.reason === statusReason ? undefined : rollback?.reason,
    rang.length === 0 ? undefined : `alarms that rang: ${rang.join(", ")}`,
  ].filter((text) => text !== undefined && text !== "");
  return reasons.length === 0 ? null : reasons.join("; ");
}
