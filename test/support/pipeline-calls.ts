import type { NamedPolicy } from "../../constructs/pipeline/place";
import { pipelineRoleName, type RoleKind } from "../../constructs/shared/pipeline-names";
import { pipelinesBoundary } from "../../stacks/pipeline-roles";
import type { Project } from "../../environments/project-schema";
import type { RecordedCall } from "../../ci/tools/emulator";
import { isAllowed, type PolicyDocument } from "./iot-policy-evaluator";
import { type Justified, justified } from "./unused-permissions";

/** Roles with the same permissions on different things: those of the environments, and those of the registry. */
export type RoleGroup = RoleKind | `registry-${RoleKind}`;

/** A role of a pipeline with everything that decides what it may do. */
export interface CheckedRole {
  readonly name: string;
  readonly account: string;
  readonly group: RoleGroup;
  readonly document: PolicyDocument;
  readonly boundary: PolicyDocument;
}

/** Names of the actions that roles used, by group. */
export type UsedActions = Readonly<Partial<Record<RoleGroup, readonly string[]>>>;

export interface RoleFindings {
  /** What a role did and may not do, one sentence each. */
  readonly missing: readonly string[];
  /** What a role may do, never did, and nobody has given a reason for, one sentence each. */
  readonly unused: readonly string[];
}

export interface CheckedRoleOptions {
  readonly project: Project;
  readonly account: string;
  /** Name of the environment, or `registry`. */
  readonly stack: string;
  readonly kind: RoleKind;
  readonly policies: readonly NamedPolicy[];
}

/** A role as the bootstrap makes it. */
export function checkedRole({ project, account, stack, kind, policies }: CheckedRoleOptions): CheckedRole {
  return {
    name: pipelineRoleName(project.name, stack, kind),
    account,
    group: stack === "registry" ? `registry-${kind}` : kind,
    document: { Statement: policies.flatMap(({ statements }) => statements) },
    boundary: { Statement: pipelinesBoundary(project, account) },
  };
}

/** What roles are refused on purpose although they ask for it: whoever asks goes on without. */
const refusedOnPurpose: readonly {
  readonly group: RoleGroup;
  readonly actions: readonly string[];
  readonly resource: RegExp;
}[] = [
  {
    // providers before 6.26 read the value of a write-only secret to see whether it is there, later ones list its versions: with
    // the former a plan fails, and no plan may see a value
    group: "plan",
    actions: ["secretsmanager:GetSecretValue"],
    resource: /./,
  },
  {
    // a release looks whether the secrets of its tasks have what the tasks read, and leaves out what it may not look into: the
    // password of the database's master is no business of a pipeline
    group: "release",
    actions: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    resource: /:secret:rds!db-/,
  },
  {
    // `destroy` looks for what Terraform does not know: only people destroy environments, and a rehearsal does it with this role so
    // that what Terraform takes away is held against it
    group: "apply",
    actions: [
      "ecs:ListTaskDefinitionFamilies",
      "ecs:ListTaskDefinitions",
      "iot:ListTargetsForPolicy",
      "iot:ListThings",
    ],
    resource: /^\*$/,
  },
];

/** Whether a role is refused an action on purpose, whatever on. */
export const isRefused = (group: RoleGroup, action: string): boolean =>
  refusedOnPurpose.some((refused) => refused.group === group && refused.actions.includes(action));

/** Nobody needs a permission for it: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
const free = "sts:GetCallerIdentity";

/**
 * Hold roles against the calls that were made with them. A call that failed counts: without the permission it would have failed
 * of another reason than whoever made it expects.
 */
export function roleFindings(calls: readonly RecordedCall[], roles: readonly CheckedRole[]): RoleFindings {
  return { missing: missing(calls, roles), unused: unusedOf(roles, usedActions(calls, roles)) };
}

/** The actions that were used, sorted. */
export function usedActions(calls: readonly RecordedCall[], roles: readonly CheckedRole[]): UsedActions {
  const groups = new Map<RoleGroup, Set<string>>();
  for (const call of calls) {
    const role = roleOf(call, roles);
    if (role === undefined) continue;
    const actions = groups.get(role.group) ?? new Set();
    groups.set(role.group, actions.add(call.action));
  }
  return Object.fromEntries(
    [...groups]
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([group, actions]) => [group, [...actions].sort()]),
  );
}

/** What roles may do that none of their group did, but for what there is a reason for. */
export function unusedOf(roles: readonly CheckedRole[], used: UsedActions): string[] {
  return idleOf(roles, used)
    .filter(({ group, pattern }) => !justified.some((reason) => covers(reason, group, pattern)))
    .map(({ group, pattern }) => `${group} roles may ${pattern} and never do`);
}

/** Reasons for what is used after all, or is not allowed any more. */
export function needlessReasons(roles: readonly CheckedRole[], used: UsedActions): string[] {
  const idle = idleOf(roles, used);
  return justified.flatMap(({ groups, actions }) =>
    groups.flatMap((group) =>
      actions
        .filter((action) => !idle.some((one) => one.group === group && patternMatches(action, one.pattern)))
        .map((action) => `a reason is given why ${group} roles may ${action} and never do, and none may, or all do`),
    ),
  );
}

/** What roles may do and none of their group did, whatever the reason. */
export function idleOf(roles: readonly CheckedRole[], used: UsedActions): Allowed[] {
  const idle = roles.flatMap(allowedTo).filter(({ group, pattern }) => !isUsed(pattern, used[group]));
  return [...new Map(idle.map((one) => [`${one.group} ${one.pattern}`, one])).values()];
}

function missing(calls: readonly RecordedCall[], roles: readonly CheckedRole[]): string[] {
  const found = new Map<string, string>();
  for (const call of calls) {
    if (call.role === null) continue;
    const role = roleOf(call, roles);
    if (role === undefined) {
      found.set(call.role, `${call.role} of ${call.account} made calls and is no role of a pipeline`);
      continue;
    }
    const { action, account } = call;
    const context = { ...call.context, "aws:PrincipalAccount": account };
    for (const resource of call.resources) {
      if (action === free || isRefusedOnPurpose(role.group, action, resource)) continue;
      const request = { action, resource, context };
      const refusing = [
        ...(isAllowed(role.document, request) ? [] : ["its policies"]),
        ...(isAllowed(role.boundary, request) ? [] : ["the boundary"]),
      ];
      // the first of many resources is enough to find the statement
      const key = `${role.name} ${action}`;
      if (refusing.length > 0 && !found.has(key)) {
        const conditions = Object.entries(call.context).map(([name, value]) => `${name}=${value}`);
        found.set(
          key,
          `${role.name} did ${action} on ${resource} (${conditions.join(", ")}), which ${refusing.join(" and ")} refuse`,
        );
      }
    }
  }
  return [...found.values()].sort();
}

function isRefusedOnPurpose(group: RoleGroup, action: string, resource: string): boolean {
  return refusedOnPurpose.some(
    (refused) => refused.group === group && refused.actions.includes(action) && refused.resource.test(resource),
  );
}

function roleOf(call: RecordedCall, roles: readonly CheckedRole[]): CheckedRole | undefined {
  return roles.find(({ name, account }) => name === call.role && account === call.account);
}

/** An action that a policy allows, or a pattern of several. */
interface Allowed {
  readonly group: RoleGroup;
  /** As the policy writes it. */
  readonly pattern: string;
}

function allowedTo({ group, document }: CheckedRole): Allowed[] {
  return document.Statement.filter(({ Effect }) => Effect === "Allow").flatMap(({ Action = [] }) =>
    [Action].flat().map((pattern) => ({ group, pattern })),
  );
}

function isUsed(pattern: string, actions: readonly string[] = []): boolean {
  return actions.some((action) => patternMatches(pattern, action));
}

function covers({ groups, actions }: Justified, group: RoleGroup, pattern: string): boolean {
  return groups.includes(group) && actions.some((action) => patternMatches(action, pattern));
}

function patternMatches(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern.replaceAll("*", "[\\w*-]*")}$`, "i").test(text);
}
