import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { CostWatch } from "../aws/cost-anomalies";
import type { KnownIssuer } from "../aws/identities";
import { CommandError, exitCodes } from "../exit-codes";
import type { StackJson } from "../terraform/stack-json";

/** A resource that exists and that no state knows: the answer to its creation was lost, or the state itself. */
export interface Leftover {
  readonly address: string;
  /** By which Terraform imports it. */
  readonly id: string;
}

/** Asks AWS for what a bootstrap could have left. */
export interface LeftoverQuestions {
  readonly bucketExists: boolean;
  readonly pathOfRole: (name: string) => Promise<string | undefined>;
  readonly hasPolicy: (arn: string) => Promise<boolean>;
  readonly issuers: () => Promise<readonly KnownIssuer[]>;
  readonly monitors: () => Promise<readonly CostWatch[]>;
  readonly subscriptions: () => Promise<readonly CostWatch[]>;
}

export interface FindLeftovers {
  readonly json: StackJson;
  readonly account: string;
  /** Addresses that the state has. */
  readonly known: ReadonlySet<string>;
  readonly ask: LeftoverQuestions;
}

type Values = Readonly<Record<string, unknown>>;
type IdOf = (values: Values, options: FindLeftovers) => Promise<string | undefined>;

/**
 * Only what AWS would not make a second time, or would make twice: everything else of the stack is a setting, which making it again
 * sets again.
 */
const idOf: Readonly<Record<string, IdOf>> = {
  aws_s3_bucket: (values, { ask }) => Promise.resolve(ask.bucketExists ? text(values, "bucket") : undefined),
  aws_iam_role: async (values, { ask }) => {
    const name = text(values, "name");
    const found = await ask.pathOfRole(name);
    if (found === undefined) return undefined;
    if (found === text(values, "path")) return name;
    // another path is another role, which taking it over would delete
    throw new CommandError(
      `the account has a role ${name} in the path ${found} that is not of the bootstrap: delete it, or choose another name of the project`,
      exitCodes.usage,
    );
  },
  aws_iam_policy: async (values, { ask, account }) => {
    const arn = `arn:aws:iam::${account}:policy${text(values, "path")}${text(values, "name")}`;
    return (await ask.hasPolicy(arn)) ? arn : undefined;
  },
  aws_iam_openid_connect_provider: async (values, { ask }) =>
    (await ask.issuers()).find(({ issuer }) => `https://${issuer}` === text(values, "url"))?.arn,
  aws_ce_anomaly_monitor: async (values, { ask }) => arnOf(await ask.monitors(), values),
  aws_ce_anomaly_subscription: async (values, { ask }) => arnOf(await ask.subscriptions(), values),
};

/** What exists of the stack although its state does not know it. */
export async function findLeftovers(options: FindLeftovers): Promise<Leftover[]> {
  const { json, known } = options;
  const wanted = Object.entries(idOf).flatMap(([type, ask]) =>
    Object.entries(json.resource?.[type] ?? {})
      .map(([name, values]) => ({ address: `${type}.${name}`, values: values, ask }))
      .filter(({ address }) => !known.has(address)),
  );
  const found = await Promise.all(
    wanted.map(async ({ address, values, ask }) => ({ address, id: await ask(values, options) })),
  );
  return found.flatMap(({ address, id }) => (id === undefined ? [] : [{ address, id }]));
}

/** Let the next plan take these over; none takes back what an earlier run wanted. */
export function writeImports(directory: string, leftovers: readonly Leftover[]): void {
  const file = path.join(directory, "adopt.tf.json");
  if (leftovers.length === 0) {
    rmSync(file, { force: true });
    return;
  }
  writeFileSync(file, JSON.stringify({ import: leftovers.map(({ address, id }) => ({ to: address, id })) }));
}

function arnOf(watches: readonly CostWatch[], values: Values): string | undefined {
  return watches.find(({ name }) => name === text(values, "name"))?.arn;
}

function text(values: Values, field: string): string {
  const value = values[field];
  if (typeof value !== "string") throw new Error(`${field} is not a text in the synthesized stack`);
  return value;
}
