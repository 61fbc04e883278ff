import type { TaskDefinition } from "../../aws/ecs";
import { SecretFacts } from "../../aws/secret-facts";
import { isDenied } from "../aws-trouble";
import type { ReleaseWork } from "../work";
import type { Findings } from "./findings";

/** One variable of a task, and the secret that it is read from. */
export interface SecretUse {
  readonly service: string;
  readonly variable: string;
  readonly arn: string;
  /** Field of its JSON; none for all of it. */
  readonly key: string | undefined;
  readonly stage: string;
}

/** The secrets of Secrets Manager that a definition names. */
export function secretUses(service: string, { containerDefinitions = [] }: TaskDefinition): SecretUse[] {
  return containerDefinitions.flatMap(({ secrets = [] }) =>
    secrets.flatMap(({ name: variable = "", valueFrom = "" }) => {
      // `<arn>:<key>:<stage>:<version>`, where the ARN has seven parts
      const parts = valueFrom.split(":");
      if (parts[2] !== "secretsmanager") return [];
      const [key = "", stage = ""] = parts.slice(7);
      const arn = parts.slice(0, 7).join(":");
      return [
        { service, variable, arn, key: key === "" ? undefined : key, stage: stage === "" ? "AWSCURRENT" : stage },
      ];
    }),
  );
}

/** Every secret has a value, and the fields that are asked for. */
export async function checkSecrets(
  { env, target, interrupts }: ReleaseWork,
  uses: readonly SecretUse[],
  findings: Findings,
): Promise<void> {
  const facts = new SecretFacts(env, target.region);
  const arns = [...new Set(uses.map(({ arn }) => arn))];
  await Promise.all(
    arns.map((arn) =>
      interrupts.race(
        checkSecret(
          facts,
          arn,
          uses.filter((use) => use.arn === arn),
          findings,
          target.stack,
        ),
      ),
    ),
  );
}

/** Secrets that are not there any more, as `secret <name> is not there`; what these credentials may not see counts as there. */
export async function missingSecrets(
  { env, target, interrupts }: ReleaseWork,
  uses: readonly SecretUse[],
): Promise<string[]> {
  const facts = new SecretFacts(env, target.region);
  const found = await Promise.all(
    [...new Set(uses.map(({ arn }) => arn))].map(async (arn) => {
      try {
        const stages = await interrupts.race(facts.stages(arn));
        return stages === undefined ? [`secret ${secretName(arn)} is not there`] : [];
      } catch (error) {
        if (isDenied(error)) return [];
        throw error;
      }
    }),
  );
  return found.flat();
}

async function checkSecret(
  facts: SecretFacts,
  arn: string,
  uses: readonly SecretUse[],
  findings: Findings,
  environment: string,
): Promise<void> {
  const name = secretName(arn);
  const stages = await findings.unlessDenied(`secret ${name}`, async () => ({ found: await facts.stages(arn) }));
  if (stages === undefined) return;
  if (stages.found === undefined) {
    findings.problem(`secret ${name} is not there (${usersOf(uses)}): npm run deploy -- ${environment}`);
    return;
  }
  for (const { stage } of uses) {
    if (stages.found.includes(stage)) continue;
    findings.problem(`secret ${name} has no value (${usersOf(uses)}): ${wayOut(name, environment)}`);
    return;
  }
  if (uses.every(({ key }) => key === undefined)) return;
  const keys = await findings.unlessDenied("what is in the secrets", async () => ({ found: await facts.keys(arn) }));
  if (keys === undefined) return;
  const missing = new Set(
    uses.flatMap(({ key }) => (key === undefined || keys.found?.includes(key) === true ? [] : key)),
  );
  for (const key of missing) {
    const what = keys.found === undefined ? "is no JSON" : `has no field ${key}`;
    const users = usersOf(uses.filter((use) => use.key === key));
    findings.problem(`secret ${name} ${what} (${users}): ${wayOut(name, environment)}`);
  }
}

function usersOf(uses: readonly SecretUse[]): string {
  return [...new Set(uses.map(({ service, variable }) => `${variable} of ${service}`))].join(", ");
}

/** People write what is below `secrets/`; Terraform writes the rest. */
function wayOut(name: string, environment: string): string {
  const [, own] = /\/secrets\/(.+)$/.exec(name) ?? [];
  return own === undefined
    ? `npm run deploy -- ${environment} writes it`
    : `npm run secrets -- set ${environment} ${own}`;
}

/** The name of a secret's ARN, without the six characters that AWS adds. */
function secretName(arn: string): string {
  return (arn.split(":")[6] ?? arn).replace(/-\w{6}$/, "");
}
