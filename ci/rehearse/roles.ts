import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { applyPolicies, registryApplyPolicies } from "../../constructs/pipeline/apply-policies";
import type { NamedPolicy, PipelinePlace } from "../../constructs/pipeline/place";
import { planPolicies, registryPlanPolicies } from "../../constructs/pipeline/plan-policies";
import { pushPolicies, releasePolicies } from "../../constructs/pipeline/release-policies";
import { madeBoundaryArn, type RoleKind, roleKinds } from "../../constructs/shared/pipeline-names";
import { placeOf } from "../../stacks/pipeline-roles";
import type { Project } from "../../environments/project-schema";
import {
  type CheckedRole,
  checkedRole,
  roleFindings,
  type RoleGroup,
  type UsedActions,
  usedActions,
} from "../../test/support/pipeline-calls";
import { registryStack } from "../configuration";
import type { RecordedCall } from "../tools/emulator";
import type { Scene } from "./scene";

const lineWidth = 120;

/** What the roles did in all rehearsals, for the tests that hold the roles against it. Written by `rehearse --record-calls`. */
const record = path.join("test", "data", "role-calls.json");

/** The roles of a rehearsal: those of the environment, also of a temporary one, which people apply, and those of the registry. */
export function rehearsedRoles(project: Project, environment: string): CheckedRole[] {
  const { region, registry, accounts } = project;
  const rolesOf = (
    stack: string,
    home: { readonly account: string; readonly region: string },
    policies: Readonly<Record<RoleKind, (place: PipelinePlace) => NamedPolicy[]>>,
  ): CheckedRole[] => {
    const place = { ...placeOf(project, stack, home.account), region: home.region };
    return roleKinds.map((kind) =>
      checkedRole({
        project,
        account: home.account,
        stack,
        kind,
        policies: policies[kind](place),
      }),
    );
  };
  const home = { account: accounts[environment] ?? "", region };
  return [
    ...rolesOf(environment, home, { plan: planPolicies, apply: applyPolicies, release: releasePolicies }),
    ...rolesOf(registryStack, registry, {
      plan: registryPlanPolicies,
      apply: registryApplyPolicies,
      release: pushPolicies,
    }),
  ];
}

/** What the steps did with the roles of pipelines, and what of that the roles may not, one sentence each. */
export async function heldAgainstRoles({ subject, emulator }: Scene): Promise<{
  readonly used: UsedActions;
  readonly missing: readonly string[];
}> {
  const { project } = subject.configuration;
  const roles = rehearsedRoles(project, subject.name);
  const calls = (await emulator.calls())
    .filter(({ role }) => role !== null)
    .map((call) => withBoundary(call, project, subject.name));
  return { used: usedActions(calls, roles), missing: roleFindings(calls, roles).missing };
}

/** With its state on one machine a project has had no bootstrap, and what it makes no boundary: with one it has both. */
export function withBoundary(call: RecordedCall, { name }: Project, environment: string): RecordedCall {
  if (!call.action.startsWith("iam:") || call.action === "iam:PassRole") return call;
  return {
    ...call,
    context: { "iam:PermissionsBoundary": madeBoundaryArn(name, call.account, environment), ...call.context },
  };
}

/** What was done and is not in the record, one sentence each. */
export function unrecorded(recorded: UsedActions, used: UsedActions): string[] {
  return difference(used, recorded).map(
    ([group, action]) => `${group} roles did ${action}, which ${record} does not know: rehearse with --record-calls`,
  );
}

/** What is in the record and no rehearsal does any more, one sentence each. */
export function outdated(recorded: UsedActions, used: UsedActions): string[] {
  return difference(recorded, used).map(
    ([group, action]) =>
      `${record} says that ${group} roles do ${action}, and none did: rehearse all with --record-calls`,
  );
}

export function readRecord(root: string): UsedActions {
  const file = path.join(root, record);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as UsedActions) : {};
}

export function writeRecord(root: string, used: UsedActions): void {
  const groups = Object.entries(used).map(([group, actions]) => {
    const texts = actions.map((action) => JSON.stringify(action));
    const line = `  ${JSON.stringify(group)}: [${texts.join(", ")}]`;
    // as the formatter has it
    return line.length < lineWidth ? line : `  ${JSON.stringify(group)}: [\n    ${texts.join(",\n    ")}\n  ]`;
  });
  writeFileSync(path.join(root, record), `{\n${groups.join(",\n")}\n}\n`);
}

/** Both together, sorted. */
export function union(...all: readonly UsedActions[]): UsedActions {
  const groups = [...new Set(all.flatMap((used) => Object.keys(used)))].sort() as RoleGroup[];
  return Object.fromEntries(
    groups.map((group) => [group, [...new Set(all.flatMap((used) => used[group] ?? []))].sort()]),
  );
}

function difference(one: UsedActions, other: UsedActions): [string, string][] {
  return Object.entries(one).flatMap(([group, actions]) => {
    const known = new Set(other[group as RoleGroup]);
    return actions.filter((action) => !known.has(action)).map((action): [string, string] => [group, action]);
  });
}
