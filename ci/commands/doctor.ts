import { Resolver } from "node:dns/promises";
import pc from "picocolors";
import { roleKindsOf } from "../../constructs/shared/pipeline-names";
import { placeholderProblems } from "../../environments/accounts";
import { bucketGuards } from "../aws/bucket-guards";
import { hostedZone } from "../aws/hosted-zones";
import { Identities } from "../aws/identities";
import { Quotas } from "../aws/quotas";
import { Regions } from "../aws/regions";
import { type Target, targetOf } from "../configuration";
import { lookAtCredentials } from "../doctor/credentials";
import { lookAtDomain, type NameServers } from "../doctor/domain";
import { type Finding, lookedAt, right } from "../doctor/finding";
import { lookAtMachine } from "../doctor/machine";
import { needsOf } from "../doctor/needs";
import { lookAtPipelines } from "../doctor/pipelines";
import { lookAtQuotas } from "../doctor/quotas";
import { lookAtRegion } from "../doctor/region";
import { lookAtStateBucket, stateBucketOf } from "../doctor/state-bucket";
import { ToldError } from "../exit-codes";
import type { Session } from "../session";
import { endpointOf } from "../terraform/endpoint";
import { runProgram } from "../tools/program";

export interface DoctorOptions {
  /** Name of an environment, or `registry`. */
  readonly environment: string;
  readonly json: boolean;
}

/** `doctor <environment>`: whether everything is there that a deploy and a release need. It changes nothing. */
export async function doctorCommand(session: Session, { environment, json }: DoctorOptions): Promise<void> {
  const { surroundings, report, interrupts, configuration } = session;
  const { env, root } = surroundings;
  const target = targetOf(configuration, environment, env);
  const endpoint = endpointOf(env);
  if (endpoint.kind === "emulator") report.line(`talking to ${endpoint.text}, not to AWS`);

  const machine = await report.step("look at this machine", () =>
    lookAtMachine({
      ...{ env, root, stack: target.stack, nodeVersion: process.versions.node },
      pipelines: !("none" in configuration.project.pipelines),
    }),
  );
  const credentials = await report.step("look at the credentials", () =>
    interrupts.race(lookAtCredentials(target, placeholderProblems(configuration.project, target.stack), env)),
  );
  const account = credentials.some(({ state }) => state === "wrong")
    ? [notLookedAt]
    : await report.step(`look at account ${target.account}`, () => interrupts.race(lookAtAccount(session, target)));

  const findings = [...machine, ...credentials, ...account];
  const count = findings.filter(({ state }) => state === "wrong").length;
  if (json) report.json({ ok: count === 0, environment, findings });
  else for (const line of checklist(findings)) report.result(line);
  report.line(count === 0 ? "nothing is wrong" : `${count} ${count === 1 ? "thing is" : "things are"} wrong`);
  if (count > 0) throw new ToldError();
}

const notLookedAt: Finding = {
  topic: "account",
  state: "unknown",
  says: "region, quotas, domain, state bucket and pipelines were not looked at",
  fix: "mend the credentials, and run it again",
};

async function lookAtAccount(session: Session, target: Target): Promise<readonly Finding[]> {
  const { surroundings, interrupts, configuration } = session;
  const { env } = surroundings;
  const { account, region, stack } = target;
  const { project } = configuration;
  const environment = configuration.environments[stack];
  const regions = new Regions(env, region);
  const findings = await Promise.all([
    lookedAt("region", "ec2:DescribeRegions and ec2:DescribeAvailabilityZones", () =>
      lookAtRegion({ region, zones: environment?.network.zones ?? [], regions }),
    ),
    environment === undefined
      ? []
      : lookedAt("quotas", "servicequotas:Get*, ec2:DescribeVpcs and ec2:DescribeAddresses", async () => {
          const tags = { project: project.name, environment: stack };
          const [networks, addresses] = await Promise.all([regions.networks(tags), regions.addresses(tags)]);
          const quotas = new Quotas(env, region);
          return lookAtQuotas({ needs: needsOf(environment), region, quotas, inUse: { networks, addresses } });
        }),
    environment === undefined ? [] : lookedAt("domain", "route53:GetHostedZone", () => domainOf(session, target)),
    lookedAt("state bucket", "s3:ListBucket, s3:GetBucketVersioning and s3:GetBucketPublicAccessBlock", () =>
      lookAtStateBucket(stateBucketOf(project, account), (bucket) => bucketGuards(env, { ...bucket, account })),
    ),
    lookedAt("pipelines", "iam:GetRole", () =>
      lookAtPipelines({
        project,
        stack,
        production: environment?.production ?? false,
        kinds: roleKindsOf(target.writtenLifetime),
        env,
        roleArns: (names) => new Identities(env, region).arnsOfRoles(names),
        run: (file, args, itsEnv) => runProgram(file, args, { env: itsEnv, interrupts }),
      }),
    ),
  ]);
  return findings.flat();
}

async function domainOf(session: Session, { region, stack }: Target): Promise<readonly Finding[]> {
  const { surroundings, configuration, nameServers = nameServersOfInternet } = session;
  const domain = configuration.environments[stack]?.domain;
  const { publicZone: zone } = configuration.project;
  if (domain === undefined || "none" in domain || "none" in zone) {
    return [right("domain", domain !== undefined && "none" in domain ? `none: ${domain.because}` : "none")];
  }
  return lookAtDomain({ zone, nameServers, hostedZone: (id) => hostedZone(surroundings.env, region, id) });
}

const nameServersOfInternet: NameServers = (domain) => new Resolver({ timeout: 5_000, tries: 2 }).resolveNs(domain);

const marks: Readonly<Record<Finding["state"], string>> = {
  right: pc.green("✓"),
  wrong: pc.red("✗"),
  advice: pc.yellow("!"),
  unknown: pc.yellow("?"),
};

function checklist(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ topic, state, says, fix }) => [
    `${marks[state]} ${topic}: ${says}`,
    ...(fix === undefined ? [] : [`    ${fix}`]),
  ]);
}
