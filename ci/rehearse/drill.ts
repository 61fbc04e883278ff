import type { EnvironmentInput } from "../../environments/environment";
import type { ProjectInput } from "../../environments/project-schema";
import type { Action, PlanJson, ResourceChange } from "../terraform/json";
import { fits } from "./address-pattern";

/** A configuration that a drill changes: one environment and the project it belongs to. */
export interface Configured {
  readonly project: ProjectInput;
  readonly environment: EnvironmentInput;
}

/** Addresses in which `*` stands for anything, and why it is right that they go. */
export interface Allowed {
  readonly address: string;
  readonly because: string;
}

interface Change {
  readonly name: string;
  readonly change: (configured: Configured) => Configured;
}

/** What the plan of a change must do, and what it may do to what is running. */
export interface PlannedDrill extends Change {
  /** What the plan does at least: a drill that changes nothing by mistake would prove nothing. */
  readonly expects: readonly { readonly address: string; readonly action: Action }[] | "no change";
  readonly mayReplace?: readonly Allowed[];
  readonly mayDelete?: readonly Allowed[];
  /** Data or names that go because the change asks for exactly that. */
  readonly losesData?: readonly Allowed[];
}

/** A change that must not be possible. */
export interface RefusedDrill extends Change {
  /** Part of the sentence with which the plan is refused. */
  readonly refusedWith: string;
}

/** A change that a fork will make one day. */
export type Drill = PlannedDrill | RefusedDrill;

/** Where data, a name that others know, or an address that others route to is lost with the resource. */
const statefulTypes: ReadonlySet<string> = new Set([
  "aws_acm_certificate",
  "aws_cloudfront_distribution",
  "aws_cloudwatch_log_group",
  "aws_db_instance",
  "aws_db_subnet_group",
  "aws_ecr_repository",
  "aws_ecs_cluster",
  "aws_ecs_service",
  "aws_iam_user",
  "aws_iot_policy",
  "aws_kms_key",
  "aws_lb",
  "aws_mq_broker",
  "aws_s3_bucket",
  "aws_secretsmanager_secret",
  "aws_sns_topic",
  "aws_subnet",
  "aws_vpc",
]);

export interface Verdict {
  readonly replaced: string[];
  /** One sentence each; none: the drill is passed. */
  readonly problems: string[];
}

/** Judge the plan of a drill. */
export function judge(drill: PlannedDrill, plan: PlanJson): Verdict {
  const changes = (plan.resource_changes ?? []).filter(({ mode }) => mode === "managed");
  const replaced = changes.filter(isReplaced).map(({ address }) => address);
  return {
    replaced,
    problems: [...changes.flatMap((change) => problemOf(change, drill)), ...missingIn(changes, drill.expects)],
  };
}

function missingIn(changes: readonly ResourceChange[], expects: PlannedDrill["expects"]): string[] {
  if (expects === "no change") {
    return changes
      .filter(({ change }) => change.actions.some((action) => action !== "no-op"))
      .map(({ address, change }) => `should change nothing, and plans to ${change.actions.join(" and ")} ${address}`);
  }
  return expects
    .filter((expected) => !changes.some((change) => happens(change, expected)))
    .map(({ address, action }) => `should ${action} ${address}, and does not`);
}

function problemOf(change: ResourceChange, drill: PlannedDrill): string[] {
  const { address, type } = change;
  const replaces = isReplaced(change);
  if (!replaces && !change.change.actions.includes("delete") && !change.change.actions.includes("forget")) return [];
  const verb = replaces ? "replaces" : "deletes";
  if (isListed(address, drill.losesData)) return [];
  if (statefulTypes.has(type)) return [`${verb} ${address}, which holds what cannot be brought back${forced(change)}`];
  if (isListed(address, replaces ? drill.mayReplace : drill.mayDelete)) return [];
  return [`${verb} ${address}, which is not listed with a reason in test/support/drills.ts${forced(change)}`];
}

/** Which attributes force the replacement: the first thing that one wants to know. */
function forced({ change }: ResourceChange): string {
  const paths = (change.replace_paths ?? []).map((path) => path.join("."));
  return paths.length === 0 ? "" : ` (forced by ${paths.join(", ")})`;
}

function isReplaced({ change: { actions } }: ResourceChange): boolean {
  return actions.includes("delete") && actions.includes("create");
}

function happens(change: ResourceChange, expected: { readonly address: string; readonly action: Action }): boolean {
  return fits(change.address, expected.address) && change.change.actions.includes(expected.action);
}

function isListed(address: string, list: readonly Allowed[] = []): boolean {
  return list.some((allowed) => fits(address, allowed.address));
}
