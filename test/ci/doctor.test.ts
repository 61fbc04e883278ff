import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { lookAtDomain } from "../../ci/doctor/domain";
import type { Finding } from "../../ci/doctor/finding";
import { lookAtMachine } from "../../ci/doctor/machine";
import { needsOf } from "../../ci/doctor/needs";
import { lookAtPipelines, type PipelineQuestion } from "../../ci/doctor/pipelines";
import { stateBucketOf } from "../../ci/doctor/state-bucket";
import { exitCodes } from "../../ci/exit-codes";
import { runCli } from "../../ci/main";
import { roleKindsOf } from "../../constructs/shared/pipeline-names";
import { type Configuration, parseConfiguration } from "../../environments/checks";
import type { Project } from "../../environments/project-schema";
import { FakeAws, Plain } from "./support/fake-aws";
import { FakeEngine } from "./support/fake-engine";

process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

const account = "123456789012";
const region = "eu-west-1";
const zone = { id: "Z0123456789ABCDEFGHIJ", name: "example.org" };
const declined = { none: true, because: "this is a test" } as const;

const environment = {
  name: "dev",
  lifetime: "permanent",
  production: false,
  domain: { name: "dev.example.org" },
  network: { cidr: "10.1.0.0/16", nat: { kind: "per-az" }, zones: ["a", "b", "c"] },
  images: declined,
  mqtt: declined,
  monthlyBudgetUsd: 50,
  services: {
    site: { kind: "web", healthCheckPath: "/healthz", cpu: 1024, memoryMiB: 2048, minTasks: 1, maxTasks: 4 },
    jobs: { kind: "worker", cpu: 512, memoryMiB: 1024, capacity: { onDemandBase: 2, spotPercent: 50 }, maxTasks: 3 },
    nightly: { kind: "schedule", cpu: 2048, memoryMiB: 4096, schedule: "cron(0 3 * * ? *)", spot: true },
  },
  migrations: { command: ["migrate"] },
} as const;

const project = {
  name: "shop",
  region,
  accounts: { dev: account },
  registry: { account, region },
  publicZone: zone,
  repositories: ["app"],
  alerts: { emails: ["ops@example.org"] },
  stateBucket: { name: "shop-state", region },
  pipelines: declined,
} as const;

const configurationOf = (changed: object = {}, of: object = environment): Configuration =>
  parseConfiguration({ ...project, ...changed }, { dev: of });

const textsOf = (findings: readonly Finding[]): string[] =>
  findings.map(({ state, topic, says, fix }) => `${state} ${topic}: ${says}${fix === undefined ? "" : ` > ${fix}`}`);

describe("what an environment needs", () => {
  test("is every service at its maximum in the middle of a deployment, by the kind of capacity", () => {
    const { environments } = configurationOf();
    // site: 8 tasks of 1 vCPU on demand; jobs: 6 of 0.5, of which the first two and half of the others on demand; migration: 0.25
    expect(needsOf(environments["dev"]!)).toEqual({
      networks: 1,
      addresses: 3,
      onDemandVcpus: Math.ceil(8 + 4 * 0.5 + 0.25),
      spotVcpus: Math.ceil(2 * 0.5 + 2),
    });
  });

  test.each([
    ["none", 0],
    ["single", 1],
    ["instance", 1],
  ])("with NAT %s is %d addresses", (kind, addresses) => {
    const { environments } = configurationOf(
      {},
      { ...environment, network: { ...environment.network, nat: { kind } } },
    );
    expect(needsOf(environments["dev"]!).addresses).toBe(addresses);
  });
});

describe("the machine", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "slipway-doctor-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const program = (name: string, says: string): void => {
    const file = path.join(folder, name);
    writeFileSync(file, `#!/bin/sh\necho "${says}"\n`);
    chmodSync(file, 0o755);
  };
  const lock = (by: string): void => {
    mkdirSync(path.join(folder, "stacks", "locks"), { recursive: true });
    const text = `# This file is maintained automatically by "${by} init".\n`;
    writeFileSync(path.join(folder, "stacks", "locks", "dev.lock.hcl"), text);
  };
  const look = async (nodeVersion: string, pipelines = false): Promise<string[]> =>
    textsOf(await lookAtMachine({ env: { PATH: folder }, root: folder, stack: "dev", nodeVersion, pipelines }));

  test("that has everything is right", async () => {
    program("terraform", "Terraform v1.14.2");
    program("session-manager-plugin", "1.2.707.0");
    lock("terraform");
    expect(await look("22.3.0")).toEqual([
      "right node: 22.3.0",
      `right terraform: Terraform 1.14.2 at ${folder}/terraform`,
      "right provider lock: stacks/locks/dev.lock.hcl",
      "right session-manager-plugin: is on PATH",
    ]);
  });

  test("that has nothing is told what to install", async () => {
    expect(await look("20.18.9")).toEqual([
      "wrong node: 20.18.9 is older than 20.19 > install node 22 or newer",
      expect.stringMatching(/^wrong terraform: neither terraform nor tofu is on PATH: install Terraform or OpenTofu/),
      "wrong provider lock: stacks/locks/dev.lock.hcl is not there: every machine takes the newest provider > run `npm run lock`, and commit what it writes",
      expect.stringMatching(/^advice session-manager-plugin: is not on PATH: `exec` and `tunnel` need it > install it/),
    ]);
  });

  test("with another engine than the lock file's, and a node of the last year", async () => {
    program("tofu", "OpenTofu v1.11.0");
    lock("terraform");
    expect((await look("20.19.0")).filter((text) => !text.startsWith("right"))).toEqual([
      "advice node: 20.19.0 works, and releases of the AWS SDK from January 2027 on need 22 > install node 22 or newer",
      "wrong provider lock: stacks/locks/dev.lock.hcl was written by the other engine, and is not used > run `npm run lock` with OpenTofu 1.11.0",
      expect.stringMatching(/^advice session-manager-plugin/),
    ]);
  });

  test.each([
    [
      "terraform",
      "tofu",
      "wrong provider lock: stacks/locks/dev.lock.hcl was written by OpenTofu, and pipelines run Terraform, which does not use it > run `npm run lock` with Terraform (TERRAFORM_BINARY_NAME names it where both are there)",
    ],
    [
      "tofu",
      "tofu",
      "wrong provider lock: stacks/locks/dev.lock.hcl was written by OpenTofu, and pipelines run Terraform, which does not use it > run `npm run lock` with Terraform (TERRAFORM_BINARY_NAME names it where both are there)",
    ],
    [
      "tofu",
      "terraform",
      "advice provider lock: stacks/locks/dev.lock.hcl is for Terraform, which pipelines run, and OpenTofu 1.11.0 does not use it > deploy with Terraform from this machine too: TERRAFORM_BINARY_NAME names it where both are there",
    ],
    ["terraform", "terraform", "right provider lock: stacks/locks/dev.lock.hcl"],
  ])("with pipelines, %s here and a lock of %s", async (engine, writer, expected) => {
    program(engine, engine === "tofu" ? "OpenTofu v1.11.0" : "Terraform v1.14.2");
    lock(writer);
    expect(await look("22.3.0", true)).toContain(expected);
  });
});

describe("the domain", () => {
  const ours = ["ns-1.awsdns-01.com", "ns-2.awsdns-02.net"];
  const hosted = { name: "example.org", isPrivate: false, nameServers: ours };
  const look = async (found: typeof hosted | undefined, asked: readonly string[] | Error): Promise<string[]> =>
    textsOf(
      await lookAtDomain({
        zone,
        hostedZone: () => Promise.resolve(found),
        nameServers: () => (asked instanceof Error ? Promise.reject(asked) : Promise.resolve(asked)),
      }),
    );
  const fix =
    "set these name servers of example.org at its registrar, or in the zone above it: ns-1.awsdns-01.com, ns-2.awsdns-02.net";

  test.each([
    [
      "delegated, in whatever order",
      hosted,
      [...ours].reverse(),
      "right domain: example.org is delegated to its hosted zone",
    ],
    [
      "not in the account",
      undefined,
      ours,
      "wrong domain: this account has no hosted zone Z0123456789ABCDEFGHIJ > create it there, or correct publicZone in environments/project.ts",
    ],
    [
      "of another name",
      { ...hosted, name: "example.net" },
      ours,
      "wrong domain: hosted zone Z0123456789ABCDEFGHIJ is of example.net, and not of example.org > correct publicZone in environments/project.ts",
    ],
    [
      "private",
      { ...hosted, isPrivate: true },
      ours,
      "wrong domain: hosted zone Z0123456789ABCDEFGHIJ is private: certificates cannot be validated in it > take the public one",
    ],
    [
      "delegated elsewhere",
      hosted,
      ["NS1.registrar.example"],
      `wrong domain: the internet asks ns1.registrar.example about example.org, and not its hosted zone > ${fix}`,
    ],
    [
      "unknown to the internet",
      hosted,
      Object.assign(new Error("queryNs ENOTFOUND"), { code: "ENOTFOUND" }),
      `wrong domain: nobody on the internet knows example.org > ${fix}`,
    ],
  ])("%s", async (_, found, asked, text) => {
    expect(await look(found, asked)).toEqual([text]);
  });

  test("is unknown where nobody can be asked", async () => {
    await expect(look(hosted, Object.assign(new Error("no network"), { code: "ECONNREFUSED" }))).rejects.toThrow(
      "no net",
    );
  });
});

describe("pipelines", () => {
  const arn = (kind: string): string => `arn:aws:iam::${account}:role/shop/dev/shop-dev-${kind}`;
  const all = new Map(["plan", "apply", "release"].map((kind) => [`shop-dev-${kind}`, arn(kind)]));
  const hosts = {
    github: {
      ...{ owner: "acme", ownerId: "11", repository: "shop", repositoryId: "22" },
      ...{ environments: true, legacySubject: false },
    },
    gitlab: { host: "git.example.org", project: "acme/shop" },
  };
  let folder: string;
  let ran: { args: readonly string[]; gitlabHost: string | undefined }[];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "slipway-doctor-"));
    ran = [];
    for (const name of ["gh", "glab"]) {
      writeFileSync(path.join(folder, name), "");
      chmodSync(path.join(folder, name), 0o755);
    }
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function look(
    pipelines: Project["pipelines"],
    answers: Readonly<Record<string, string>>,
    question: Partial<PipelineQuestion> = {},
  ): Promise<string[]> {
    return textsOf(
      await lookAtPipelines({
        project: { ...configurationOf().project, pipelines },
        stack: "dev",
        production: false,
        kinds: ["plan", "apply", "release"],
        env: { PATH: folder },
        roleArns: () => Promise.resolve(all),
        run: (file, args, env) => {
          ran.push({ args, gitlabHost: env["GITLAB_HOST"] });
          const settings = answers[path.basename(file)];
          const protection = protections[args.at(-1) ?? ""];
          const stdout = settings === undefined ? undefined : (protection ?? settings);
          return Promise.resolve(
            stdout === undefined
              ? { code: 1, stdout: "", stderr: "hint\nnot logged in\n" }
              : { code: 0, stdout, stderr: "" },
          );
        },
        ...question,
      }),
    );
  }
  /** What is asked beside the settings, of hosts that protect what they have to. */
  const protections: Readonly<Record<string, string>> = {
    "repos/acme/shop/rules/branches/main?per_page=100": '[{"type":"pull_request"}]',
    "repos/acme/shop/rulesets?includes_parents=true&targets=tag&per_page=100": "[]",
    "projects/acme%2Fshop/protected_branches?per_page=100":
      '[{"name":"main","push_access_levels":[{"access_level":40}]}]',
    "projects/acme%2Fshop": '{"ci_allow_fork_pipelines_to_run_in_parent_project":false}',
  };
  const protectionsLookRight = [
    "right github: main of acme/shop is protected",
    "right gitlab: main of acme/shop is protected",
    "right gitlab: pipelines of forks stay out of acme/shop",
  ];
  const always = [
    ["SLIPWAY_AWS", "true"],
    ["SLIPWAY_GITHUB_ENVIRONMENTS", "true"],
  ];
  const tsv = (kinds: readonly string[]): string =>
    [...always, ...kinds.map((kind) => [`SLIPWAY_ROLE_DEV_${kind.toUpperCase()}`, arn(kind)])]
      .map((setting) => `${setting.join("\t")}\n`)
      .join("");
  const variables = (kinds: readonly string[]): string =>
    JSON.stringify(
      [...always, ...kinds.map((kind) => [`SLIPWAY_ROLE_DEV_${kind.toUpperCase()}`, arn(kind)])].map(
        ([key, value]) => ({
          key,
          value,
          masked: false,
        }),
      ),
    );

  test("a project without any", async () => {
    expect(await look(declined, {})).toEqual(["right pipelines: the project has none"]);
  });

  test("whose roles are missing are told to be made, and nothing else is looked at", async () => {
    const some = new Map([["shop-dev-plan", arn("plan")]]);
    expect(await look(hosts, {}, { roleArns: () => Promise.resolve(some) })).toEqual([
      "wrong pipelines: there is no role shop-dev-apply, shop-dev-release > run `npm run bootstrap` in this account",
    ]);
    expect(ran).toEqual([]);
  });

  test("of both hosts, with every setting", async () => {
    const kinds = ["plan", "apply", "release"];
    expect(await look(hosts, { gh: tsv(kinds), glab: variables(kinds) })).toEqual([
      "right pipelines: roles plan, apply, release are there",
      "right github: acme/shop knows what it has to",
      protectionsLookRight[0],
      "right gitlab: acme/shop knows what it has to",
      ...protectionsLookRight.slice(1),
    ]);
    expect(ran.map(({ args, gitlabHost }) => [gitlabHost, ...args].join(" "))).toEqual([
      " api --paginate repos/acme/shop/actions/variables --jq .variables[] | [.name, .value] | @tsv",
      " api repos/acme/shop/rules/branches/main?per_page=100",
      "git.example.org api projects/acme%2Fshop/variables?per_page=100",
      "git.example.org api projects/acme%2Fshop/protected_branches?per_page=100",
      "git.example.org api projects/acme%2Fshop",
    ]);
  });

  test("whose settings are missing or others are told the command that sets them", async () => {
    const gh = `${tsv(["plan"])}SLIPWAY_ROLE_DEV_APPLY\tarn:other\n`;
    const found = await look(hosts, { gh, glab: variables(["plan", "apply"]) });
    expect(found.filter((text) => text.startsWith("wrong"))).toEqual([
      `wrong github: SLIPWAY_ROLE_DEV_APPLY is arn:other in acme/shop > gh variable set SLIPWAY_ROLE_DEV_APPLY --repo acme/shop --body ${arn("apply")}`,
      `wrong github: SLIPWAY_ROLE_DEV_RELEASE is not set in acme/shop > gh variable set SLIPWAY_ROLE_DEV_RELEASE --repo acme/shop --body ${arn("release")}`,
      `wrong gitlab: SLIPWAY_ROLE_DEV_RELEASE is not set in acme/shop > GITLAB_HOST=git.example.org glab variable set SLIPWAY_ROLE_DEV_RELEASE ${arn("release")} --repo acme/shop`,
    ]);
  });

  test("that cannot be looked at are named, with what should be there", async () => {
    rmSync(path.join(folder, "glab"));
    expect((await look(hosts, {})).slice(1)).toEqual([
      `advice github: settings could not be looked at: gh says "not logged in" > log in, or look yourself whether acme/shop has SLIPWAY_AWS=true, SLIPWAY_GITHUB_ENVIRONMENTS=true, SLIPWAY_ROLE_DEV_PLAN=${arn("plan")}, SLIPWAY_ROLE_DEV_APPLY=${arn("apply")}, SLIPWAY_ROLE_DEV_RELEASE=${arn("release")}`,
      'advice github: what protects acme/shop could not be looked at: gh says "not logged in" > log in as somebody who may see its settings, or look yourself: docs/pipelines.md, Set up',
      expect.stringMatching(
        /^advice gitlab: settings and protections could not be looked at: glab is not on PATH > install it and log in, or look yourself whether acme\/shop has .*, and what protects it \(docs\/pipelines.md, Set up\)$/,
      ),
    ]);
  });

  test("of a placeholder are told to be named", async () => {
    expect((await look({ github: { ...hosts.github, owner: "example", repository: "example" } }, {})).slice(1)).toEqual(
      [
        "wrong github: example/example is a placeholder > run `npm run init`, or correct pipelines in environments/project.ts",
      ],
    );
  });

  test("of a temporary environment only plan it", async () => {
    const one = {
      kinds: roleKindsOf("temporary"),
      roleArns: () => Promise.resolve(new Map([["shop-dev-plan", arn("plan")]])),
    };
    expect(await look(hosts, { gh: tsv(["plan"]), glab: variables(["plan"]) }, one)).toEqual([
      "right pipelines: role plan is there",
      "right github: acme/shop knows what it has to",
      "right gitlab: acme/shop knows what it has to",
      protectionsLookRight[2],
    ]);
  });

  test("of production rely on its tags as well", async () => {
    const found = await look(hosts, { gh: tsv([]), glab: variables([]) }, { production: true });
    expect(found).toContain(protectionsLookRight[1]);
    expect(found).toContainEqual(expect.stringMatching(/^wrong github: whoever may push to acme\/shop may make, move/));
  });

  test("of the registry have roles of its own", async () => {
    const names: string[] = [];
    const roleArns = (asked: readonly string[]): Promise<ReadonlyMap<string, string>> => {
      names.push(...asked);
      return Promise.resolve(new Map());
    };
    await look(hosts, {}, { stack: "registry", roleArns });
    expect(names).toEqual(["shop-registry-plan", "shop-registry-apply", "shop-registry-release"]);
  });
});

test("the state is in the bucket that is named, or in the one that bootstrap makes in each account, or nowhere", () => {
  const of = (stateBucket: object): unknown => stateBucketOf({ ...project, stateBucket } as never, account);
  expect(of({ name: "mine", region: "us-east-1" })).toEqual({ name: "mine", region: "us-east-1" });
  expect(of({ bootstrap: true })).toEqual({ name: `shop-state-${account}`, region });
  expect(of({ none: true })).toBeUndefined();
});

describe("npm run doctor", () => {
  let aws: FakeAws;
  let engine: FakeEngine;
  let root: string;
  let quotas: Record<string, number>;
  let delegated: readonly string[];

  beforeAll(async () => {
    aws = await FakeAws.start();
  });
  afterAll(() => aws.stop());
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "slipway-doctor-"));
    engine = new FakeEngine();
    quotas = { "L-F678F1CE": 5, "L-0263D0A3": 5, "L-3032A538": 64, "L-36FBB829": 64 };
    delegated = ["ns-1.awsdns-01.com"];
    mkdirSync(path.join(root, "stacks", "locks"), { recursive: true });
    for (const stack of ["dev", "registry"]) writeFileSync(path.join(root, "stacks", "locks", `${stack}.lock.hcl`), "");
    aws.reset();
    everythingIsRight();
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
    engine.remove();
  });

  const ec2 = (action: string, content: string): void =>
    aws.answer(
      action,
      () => `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${content}</${action}Response>`,
    );
  const tagSet = (...tags: string[]): string =>
    `<tagSet>${tags.map((tag) => `<item><key>${tag.split("=")[0]}</key><value>${tag.split("=")[1]}</value></item>`).join("")}</tagSet>`;
  const own = tagSet("project=shop", "environment=dev");
  const publicBlock = (on: string): string =>
    `<PublicAccessBlockConfiguration>${[
      "BlockPublicAcls",
      "IgnorePublicAcls",
      "BlockPublicPolicy",
      "RestrictPublicBuckets",
    ]
      .map((name) => `<${name}>${on}</${name}>`)
      .join("")}</PublicAccessBlockConfiguration>`;

  /** An account that has everything; a test takes something away. */
  function everythingIsRight(): void {
    aws.accountIs(account);
    const regionItem = `<item><regionName>${region}</regionName><optInStatus>opt-in-not-required</optInStatus></item>`;
    ec2("DescribeRegions", `<regionInfo>${regionItem}</regionInfo>`);
    zonesAre("a", "b", "c");
    ec2(
      "DescribeVpcs",
      `<vpcSet><item>${own}</item><item>${tagSet("project=other", "environment=dev")}</item></vpcSet>`,
    );
    ec2("DescribeAddresses", `<addressesSet><item>${own}</item><item>${own}</item></addressesSet>`);
    aws.answer("GetServiceQuota", ({ body }) => {
      const { QuotaCode: code } = JSON.parse(body) as { QuotaCode: string };
      const value = quotas[code];
      return value === undefined ? { __type: "NoSuchResourceException" } : { Quota: { Value: value } };
    });
    aws.answer("GetAWSDefaultServiceQuota", () => ({ Quota: { Value: 2 } }));
    aws.answer(
      `GET /2013-04-01/hostedzone/${zone.id}`,
      () =>
        new Plain(
          200,
          `<GetHostedZoneResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZone><Id>/hostedzone/${zone.id}</Id><Name>example.org.</Name><CallerReference>1</CallerReference><Config><PrivateZone>false</PrivateZone></Config></HostedZone><DelegationSet><NameServers><NameServer>ns-1.awsdns-01.com</NameServer></NameServers></DelegationSet></GetHostedZoneResponse>`,
        ),
    );
    aws.answer("HEAD /shop-state/", () => new Plain(200));
    aws.answer("GET /shop-state/?versioning=", () => new Plain(200, versioning("Enabled")));
    aws.answer("GET /shop-state/?publicAccessBlock=", () => new Plain(200, publicBlock("true")));
  }
  const versioning = (status: string): string =>
    `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>${status}</Status></VersioningConfiguration>`;
  function zonesAre(...letters: string[]): void {
    const items = letters.map((letter) => `<item><zoneName>${region}${letter}</zoneName></item>`).join("");
    ec2("DescribeAvailabilityZones", `<availabilityZoneInfo>${items}</availabilityZoneInfo>`);
  }

  async function doctor(
    line: string,
    {
      configuration = configurationOf(),
      env = {},
    }: { configuration?: Configuration; env?: Record<string, string> } = {},
  ): Promise<{ code: number; out: string; err: string; wrongs: string[] }> {
    const written = { out: "", err: "" };
    const code = await runCli(
      ["doctor", ...line.split(" ")],
      {
        env: {
          PATH: "/usr/bin:/bin",
          TERRAFORM_BINARY_NAME: engine.path,
          AWS_ENDPOINT_URL: aws.url,
          AWS_ACCESS_KEY_ID: "key",
          AWS_SECRET_ACCESS_KEY: "secret",
          ...env,
        },
        root,
        stdin: Readable.from([]),
        stdout: { write: (text: string) => (written.out += text) },
        stderr: { write: (text: string) => (written.err += text) },
        isTTY: false,
      },
      { configuration, nameServers: () => Promise.resolve(delegated) },
    );
    const plain = (text: string): string => text.replaceAll(/\u001b\[\d+m/g, "");
    const out = plain(written.out);
    const wrongs = out.split("\n").flatMap((text) => (text.startsWith("✗ ") ? [text.slice(2)] : []));
    return { code, out, err: plain(written.err), wrongs };
  }

  test("an account that has everything: a list of what is right, and exit code 0", async () => {
    const { code, out, err, wrongs } = await doctor("dev");
    expect({ code, wrongs }).toEqual({ code: exitCodes.ok, wrongs: [] });
    expect(out).toContain(`✓ credentials: are of account ${account}`);
    expect(out).toContain(`✓ account: ${account} is that of dev`);
    expect(out).toContain("✓ region: eu-west-1 is on, with zones a, b, c");
    expect(out).toContain("✓ quota of VPCs: 5, and 1 are needed, beside 1 in use");
    expect(out).toContain("✓ quota of Elastic IP addresses: 5, and 3 are needed\n");
    expect(out).toContain("✓ quota of Fargate on-demand vCPUs: 64, and 11 are needed");
    expect(out).toContain("✓ domain: example.org is delegated to its hosted zone");
    expect(out).toContain("✓ state bucket: shop-state is versioned and private");
    expect(out).toContain("✓ pipelines: the project has none");
    expect(err).toContain("nothing is wrong");
  });

  test("production: what its host leaves to whoever may push", async () => {
    const iam = "https://iam.amazonaws.com/doc/2010-05-08/";
    const role = `<Path>/</Path><RoleName>r</RoleName><RoleId>r</RoleId><Arn>arn:r</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>`;
    aws.answer(
      "GetRole",
      () => `<GetRoleResponse xmlns="${iam}"><GetRoleResult><Role>${role}</Role></GetRoleResult></GetRoleResponse>`,
    );
    const gh = path.join(root, "gh");
    writeFileSync(gh, '#!/bin/sh\ncase "$*" in *branches/main) echo \'{"protected":false}\' ;; *) echo "[]" ;; esac\n');
    chmodSync(gh, 0o755);
    const github = { owner: "acme", ownerId: "11", repository: "shop", repositoryId: "22" };
    const pipelines = { github: { ...github, environments: true, legacySubject: false } };
    const look = async (production: boolean): Promise<string[]> => {
      const configuration = configurationOf({ pipelines }, { ...environment, production });
      const { wrongs } = await doctor("dev", { configuration, env: { PATH: `${root}:/usr/bin:/bin` } });
      return wrongs.filter((text) => text.includes("whoever may push"));
    };
    const main = "github: main of acme/shop is not protected: whoever may push deploys";
    expect(await look(true)).toEqual([
      main,
      "github: whoever may push to acme/shop may make, move, delete tags v*, which production trusts",
    ]);
    expect(await look(false)).toEqual([main]);
  });

  test("an account that lacks things: each with what to do, and exit code 1", async () => {
    zonesAre("a", "b");
    quotas = { "L-F678F1CE": 1, "L-0263D0A3": 2, "L-3032A538": 6 };
    delegated = ["ns1.registrar.example"];
    aws.answer("GET /shop-state/?versioning=", () => new Plain(200, versioning("Suspended")));
    aws.answer("GET /shop-state/?publicAccessBlock=", () => new Plain(200, publicBlock("false")));
    const { code, out, err, wrongs } = await doctor("dev");
    expect(code).toBe(exitCodes.failed);
    expect(wrongs).toEqual([
      "region: this account has no zone c in eu-west-1",
      "quota of VPCs: 1, and up to 1 are needed, beside 1 in use",
      "quota of Elastic IP addresses: 2, and up to 3 are needed",
      "quota of Fargate on-demand vCPUs: 6, and up to 11 are needed",
      "quota of Fargate Spot vCPUs: 2, and up to 3 are needed",
      "domain: the internet asks ns1.registrar.example about example.org, and not its hosted zone",
      "state bucket: shop-state keeps no versions: a broken state cannot be taken back",
      "state bucket: shop-state does not block public access",
    ]);
    expect(out).toContain("    choose network.zones from a, b\n");
    expect(out).toContain(
      "    ask for more: aws service-quotas request-service-quota-increase --service-code fargate --quota-code L-3032A538 --desired-value 11 --region eu-west-1\n",
    );
    expect(err).toContain("8 things are wrong");
  });

  test("a region that is off, a bucket that is missing, and a zone that nobody has", async () => {
    const off = `<item><regionName>${region}</regionName><optInStatus>not-opted-in</optInStatus></item>`;
    ec2("DescribeRegions", `<regionInfo>${off}</regionInfo>`);
    aws.answer("HEAD /shop-state/", () => new Plain(404));
    aws.answer(
      `GET /2013-04-01/hostedzone/${zone.id}`,
      () => new Plain(404, "<ErrorResponse><Error><Code>NoSuchHostedZone</Code></Error></ErrorResponse>"),
    );
    const { wrongs } = await doctor("dev");
    expect(wrongs).toEqual([
      "region: eu-west-1 is off in this account",
      "domain: this account has no hosted zone Z0123456789ABCDEFGHIJ",
      "state bucket: there is no bucket shop-state",
    ]);
  });

  test("a bucket of somebody else, and one that was never told to block anything", async () => {
    aws.answer("HEAD /shop-state/", () => new Plain(403));
    expect((await doctor("dev")).wrongs).toEqual([
      "state bucket: bucket shop-state belongs to another account or is in another region",
    ]);
    aws.answer("HEAD /shop-state/", () => new Plain(200));
    aws.answer(
      "GET /shop-state/?publicAccessBlock=",
      () => new Plain(404, "<Error><Code>NoSuchPublicAccessBlockConfiguration</Code></Error>"),
    );
    expect((await doctor("dev")).wrongs).toEqual(["state bucket: shop-state does not block public access"]);
  });

  test("credentials of another account: the rest is not looked at", async () => {
    aws.accountIs("999999999999");
    const { code, out, wrongs } = await doctor("dev");
    expect(code).toBe(exitCodes.failed);
    expect(wrongs).toEqual([`account: these credentials are of account 999999999999, and dev belongs to ${account}`]);
    expect(out).toContain("? account: region, quotas, domain, state bucket and pipelines were not looked at");
    expect(aws.actions).toEqual(["GetCallerIdentity"]);
  });

  test("accounts that are placeholders", async () => {
    const configuration = configurationOf({ accounts: { dev: "111111111111" } });
    expect((await doctor("dev", { configuration })).wrongs).toEqual([
      'accounts: project: accounts.dev is a placeholder, got "111111111111": put your account id into environments/project.ts',
    ]);
  });

  test("what AWS does not let one look at is unknown, and not wrong", async () => {
    aws.answer(
      "DescribeVpcs",
      () => "<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>",
    );
    const { code, out } = await doctor("dev");
    expect(code).toBe(exitCodes.ok);
    expect(out).toContain("? quotas: could not be looked at (UnauthorizedOperation)");
    expect(out).toContain("    ask for servicequotas:Get*, ec2:DescribeVpcs and ec2:DescribeAddresses");
  });

  test("without a domain and without a bucket: the reason, and advice", async () => {
    const configuration = configurationOf(
      { publicZone: { none: true }, stateBucket: { none: true } },
      { ...environment, domain: declined },
    );
    const { code, out } = await doctor("dev", { configuration });
    expect(code).toBe(exitCodes.ok);
    expect(out).toContain("✓ domain: none: this is a test");
    expect(out).toContain("! state bucket: there is none: the state is a file on one machine");
  });

  test("the registry needs no network and no domain", async () => {
    const { code, out } = await doctor("registry");
    expect(code).toBe(exitCodes.ok);
    expect(out).toContain("✓ region: eu-west-1 is on\n");
    expect(out).not.toMatch(/quota|domain/);
  });

  test("--json says the same to a script", async () => {
    quotas["L-F678F1CE"] = 1;
    const { code, out } = await doctor("dev --json");
    expect(code).toBe(exitCodes.failed);
    const {
      ok,
      environment: of,
      findings,
    } = JSON.parse(out) as { ok: boolean; environment: string; findings: Finding[] };
    expect({ ok, of }).toEqual({ ok: false, of: "dev" });
    expect(findings.filter(({ state }) => state === "wrong")).toEqual([
      {
        topic: "quota of VPCs",
        state: "wrong",
        says: "1, and up to 1 are needed, beside 1 in use",
        fix: "ask for more: aws service-quotas request-service-quota-increase --service-code vpc --quota-code L-F678F1CE --desired-value 2 --region eu-west-1",
      },
    ]);
  });

  test("a name that is no environment", async () => {
    const { code, err } = await doctor("dve");
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain("dve is not an environment: did you mean dev?");
  });
});
