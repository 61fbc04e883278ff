import { anomalyMonitorName, AUDIENCE, GITHUB_ISSUER } from "../../constructs/shared/pipeline-names";
import type { Project } from "../../environments/project-schema";
import type { CostWatch } from "../aws/cost-anomalies";
import type { KnownIssuer } from "../aws/identities";
import { CommandError, exitCodes } from "../exit-codes";
import type { RawState } from "./raw-state";

/** What an account has of what it can have once. */
export interface AccountFacts {
  readonly monitors: readonly CostWatch[];
  readonly issuers: readonly KnownIssuer[];
}

/** What is used of it and stays somebody else's. */
export interface UsedBefore {
  readonly anomalyMonitor: CostWatch | undefined;
  readonly issuers: readonly KnownIssuer[];
}

/**
 * Tell what others made from what this stack made, which must not leave the stack again: Terraform would delete it. It is the
 * stack's if its state has it, and if it looks like the stack's, since a state can be lost.
 *
 * @throws CommandError when something of others has to be used and cannot be
 */
export function usedBefore(
  { monitors, issuers }: AccountFacts,
  {
    project,
    stack,
    state,
  }: { readonly project: Project; readonly stack: string; readonly state: RawState | undefined },
): UsedBefore {
  const managed = new Set(state?.resources.flatMap(({ arns }) => arns));
  const ownMonitor = monitors.find(({ arn, name }) => managed.has(arn) || name === anomalyMonitorName(project.name));
  const used = issuers.filter(
    ({ arn, issuer, tags }) =>
      issuersOf(project).includes(issuer) &&
      !managed.has(arn) &&
      !(tags["project"] === project.name && tags["stack"] === stack),
  );
  const deaf = used.filter(({ audiences }) => !audiences.includes(AUDIENCE));
  if (deaf.length > 0) {
    throw new CommandError(
      deaf
        .map(
          ({ arn, issuer }) =>
            `the account has an identity provider for ${issuer} that does not take tokens for ${AUDIENCE}: \`aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${arn} --client-id ${AUDIENCE}\` lets it`,
        )
        .join("\n"),
      exitCodes.usage,
    );
  }
  return { anomalyMonitor: ownMonitor === undefined ? monitors[0] : undefined, issuers: used };
}

/** What the synthesis has to know of it. */
export function variablesOf({ anomalyMonitor, issuers }: UsedBefore): Record<string, string> {
  return {
    SLIPWAY_ANOMALY_MONITOR: anomalyMonitor?.arn ?? "",
    SLIPWAY_IDENTITY_PROVIDERS: issuers.map(({ arn }) => arn).join(","),
  };
}

/** One line for each thing that is used, for a person. */
export function usedText({ anomalyMonitor, issuers }: UsedBefore): string[] {
  return [
    ...(anomalyMonitor === undefined
      ? []
      : [`using the monitor of cost anomalies that the account has: ${anomalyMonitor.name}`]),
    ...issuers.map(({ issuer }) => `using the identity provider that the account has: ${issuer}`),
  ];
}

function issuersOf({ pipelines }: Project): string[] {
  if ("none" in pipelines) return [];
  return [
    ...(pipelines.github === undefined ? [] : [GITHUB_ISSUER]),
    ...(pipelines.gitlab === undefined ? [] : [pipelines.gitlab.host]),
  ];
}
