import { checkAccount } from "./aws/account";
import { openBootstrap } from "./bootstrap/open-bootstrap";
import type { Clock } from "./clock";
import { refusePlaceholders, registryStack, type Target, targetOf } from "./configuration";
import { accountOfBootstrap } from "../environments/accounts";
import { type Configuration } from "../environments/checks";
import type { NameServers } from "./doctor/domain";
import type { Fetch } from "./fetch";
import type { Prompts } from "./prompts";
import type { Report } from "./report";
import type { Surroundings } from "./surroundings";
import { endpointOf } from "./terraform/endpoint";
import { findEngine } from "./terraform/engine";
import type { Interrupts } from "./terraform/interrupts";
import type { Synthesize } from "./terraform/synthesize";
import { prepareWorkspace, type Workspace } from "./terraform/workspace";

/** What every command works with. */
export interface Session {
  readonly surroundings: Surroundings;
  readonly report: Report;
  readonly interrupts: Interrupts;
  readonly prompts: Prompts;
  readonly configuration: Configuration;
  /** What everything that waits for AWS waits by. */
  readonly clock: Clock;
  /** How addresses outside the SDK are asked. Default: the machine's. */
  readonly fetch?: Fetch;
  /** Who answers for a domain. Default: whom the machine's resolver names. */
  readonly nameServers?: NameServers;
  /** How stacks are built. Default: by stacks/app.ts in a process of its own. */
  readonly synthesize?: Synthesize;
}

/** What a command works with that also has to run where the configuration is wrong. */
export type UncheckedSession = Omit<Session, "configuration"> & {
  /** As the fork has written them. */
  readonly environments: Readonly<Record<string, unknown>>;
};

/** A stack of which nothing is in doubt: whose it is, where its state is, what will run. */
export interface OpenStack {
  readonly target: Target;
  readonly workspace: Workspace;
}

/** The stack that a person named, after everything that can be refused before Terraform starts. */
export async function openStack(
  session: Session,
  stack: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<OpenStack> {
  const { surroundings, report, interrupts, synthesize } = session;
  const target = await openTarget(session, stack);
  if (accountOfBootstrap(session.configuration.project, stack) !== undefined) return openBootstrap(session, target);
  const engine = await findEngine({ env: surroundings.env });
  const workspace = await prepareWorkspace({
    root: surroundings.root,
    stack,
    // one is enough, and the registry is always built
    env: { ...surroundings.env, SLIPWAY_ENVIRONMENTS: stack === registryStack ? "" : stack, ...variables },
    engine,
    report,
    interrupts,
    ...(synthesize === undefined ? {} : { synthesize }),
  });
  return { target, workspace };
}

/** The stack that a person named, and credentials of its account. */
export async function openTarget(
  { surroundings: { env }, report, interrupts, configuration }: Session,
  stack: string,
): Promise<Target> {
  const target = targetOf(configuration, stack, env);
  const endpoint = endpointOf(env);
  if (endpoint.kind === "aws") refusePlaceholders(configuration, target);
  else report.line(`talking to ${endpoint.text}, not to AWS`);
  await report.step(`check account ${target.account}`, () => interrupts.race(checkAccount(target, env)));
  return target;
}
