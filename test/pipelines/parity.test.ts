import { project } from "../../environments";
import { hasPlaceholdersAlone } from "../../environments/accounts";
import { roleVariable } from "../../ci/pipelines/settings";
import {
  describeBoth,
  describeGitHub,
  describeGitLab,
  gitHubJobs,
  type GitHubJob,
  gitLabJobs,
  gitLabStages,
  hosts,
  plannedStacks,
  prepareAction,
} from "./support/files";

/** A job as it is on either host: what it needs, may, locks and does. */
interface Alike {
  readonly needs: readonly string[];
  readonly role: string | undefined;
  readonly environment: string | undefined;
  readonly lock: string | undefined;
  readonly timeout: number;
  readonly commands: readonly string[];
}

/** The project's own commands, in order; how a host says the name of a stack or a commit is its own. */
function commandsIn(lines: readonly string[], stack: string | undefined): string[] {
  return (
    lines
      .flatMap((line) => line.split("&&"))
      .flatMap((line) => /(?:npm run (?:--silent )?|ci\/pipelines\/)(.*)$/.exec(line.trim())?.[1] ?? [])
      .map((command) =>
        command
          .replaceAll("$STACK", stack ?? "$STACK")
          .replaceAll(/\$(GITHUB_SHA|CI_COMMIT_SHA|\(git rev-parse HEAD\))/g, "<commit>")
          .replace(/; fi$/, "")
          .replaceAll('"', "")
          .trim(),
      )
      // what only GitHub needs: a run that is named by hand can be any
      .filter((command) => !command.startsWith("slipway -- pipeline origin"))
  );
}

function onGitHub(job: GitHubJob, workflow: (typeof gitHubJobs)[number][2], stack?: string): Alike {
  const lines = (job.steps ?? []).flatMap(({ uses, run = "", if: condition, with: given }) => {
    if (condition?.includes("matrix.stack == 'prod'") === true && stack !== "prod") return [];
    const terraform = given?.["terraform"] === "true";
    if (uses !== "./.github/actions/prepare") return [run];
    return prepareAction.runs.steps.map((step) => (step.if === undefined || terraform ? (step.run ?? "") : ""));
  });
  const role = job.env?.["AWS_ROLE_ARN"];
  const matrixRole = job.strategy?.matrix.include.find((one) => one["stack"] === stack)?.["role"];
  return {
    needs: [job.needs ?? []].flat().flatMap(needOnGitHub).sort(),
    role: role === undefined ? undefined : (matrixRole ?? /vars\.(\w+)/.exec(role)?.[1]),
    environment: /'true' && '(\w+)'/.exec(job.environment ?? "")?.[1],
    lock: lockOnGitHub(job, workflow.concurrency?.group ?? ""),
    timeout: job["timeout-minutes"] ?? 0,
    commands: commandsIn(lines, stack),
  };
}

/** A push of a tag only plans, in a group of its own; what a person starts waits for what changes production. */
function lockOnGitHub({ if: condition = "" }: GitHubJob, group: string): string | undefined {
  const onPush =
    /^\$\{\{ github\.event_name == 'push' && format\('plan-\{0\}', github\.ref\) \|\| 'deploy-(\w+)' \}\}$/;
  const [, lock] = onPush.exec(group) ?? [];
  if (lock === undefined) return /^deploy-(\w+)$/.exec(group)?.[1];
  return condition.startsWith("github.event_name == 'push'") ? undefined : lock;
}

/** GitHub calls the checks of main as one job, and a matrix is one job. */
function needOnGitHub(need: string): string[] {
  if (need === "checks") return ["check", "image-scan"];
  return need === "plan" || need === "drift-plan" ? plannedStacks.gitHub.map((stack) => `${need}:${stack}`) : [need];
}

const ofGitHub = new Map(
  gitHubJobs
    .filter(([, { uses }]) => uses === undefined)
    .flatMap(([id, job, workflow]) => {
      const matrix = job.strategy?.matrix.include;
      if (matrix === undefined) return [[id, onGitHub(job, workflow, stackOf(id))] as const];
      return matrix.map(({ stack = "" }) => [`${id}:${stack}`, onGitHub(job, workflow, stack)] as const);
    }),
);

const ofGitLab = new Map(
  gitLabJobs.map(([name, job]) => {
    const environment = typeof job.environment === "string" ? job.environment : undefined;
    const stack = job.variables?.["STACK"] ?? stackOf(name);
    const alike: Alike = {
      needs: [...(job.needs ?? [])].sort(),
      role: job.variables?.["AWS_ROLE_ARN"]?.slice(1),
      environment,
      lock: job.resource_group,
      timeout: Number.parseInt(job.timeout ?? "0", 10),
      commands: commandsIn([...(job.before_script ?? []), ...(job.script ?? [])], stack),
    };
    return [name, alike] as const;
  }),
);

function stackOf(name: string): string | undefined {
  return { registry: "registry", "stage-deploy": "stage" }[name];
}

/** What differs, and why it has to. */
const reasons: Readonly<Record<string, Partial<Record<keyof Alike, string>>>> = {
  registry: { environment: "GitLab scopes the token that reads labels by it; on GitHub its role trusts main alone" },
  build: { lock: "on GitHub the whole run is locked; on GitLab it locks what it changes, and images are made once" },
  "production-deploy": { needs: "on GitHub it is a run of its own, which names the run of the plan" },
  drift: { needs: "on GitLab it is in a later stage, since a job that needs a failed one does not start" },
};

// a fork keeps the host that it has
(hasPlaceholdersAlone(project) ? test : test.skip)("while the accounts are placeholders, there are both hosts", () => {
  expect(hosts).toEqual({ gitHub: true, gitLab: true });
});

describeBoth("on both hosts", () => {
  test("every job is on both hosts", () => {
    expect([...ofGitLab.keys()].sort()).toEqual([...ofGitHub.keys()].sort());
  });

  const names = hosts.gitHub ? [...ofGitHub.keys()] : ["nothing to compare"];
  describe.each(names)("%s", (name) => {
    const fields: readonly (keyof Alike)[] = ["needs", "role", "environment", "lock", "timeout", "commands"];
    const [gitHub, gitLab] = [ofGitHub.get(name), ofGitLab.get(name)];

    test.each(fields.filter((field) => reasons[name]?.[field] === undefined))("has the same %s", (field) => {
      expect(gitLab?.[field]).toEqual(gitHub?.[field]);
    });
  });

  test.each(
    Object.entries(reasons).flatMap(([name, fields]) =>
      Object.entries(fields).map(([field, why]) => [name, field, why]),
    ),
  )("%s differs in %s for a reason that still holds: %s", (name = "", field) => {
    const of = (jobs: ReadonlyMap<string, Alike>): unknown => jobs.get(name)?.[field as keyof Alike];
    expect(of(ofGitLab)).not.toEqual(of(ofGitHub));
  });
});

describeGitHub("on GitHub", () => lawsOf(ofGitHub));
describeGitLab("on GitLab", () => lawsOf(ofGitLab));

/** What holds on either host. */
function lawsOf(jobs: ReadonlyMap<string, Alike>): void {
  const commands = (name: string): readonly string[] => jobs.get(name)?.commands ?? [];
  const at = (name: string, start: string): number => commands(name).findIndex((command) => command.startsWith(start));

  test("stage is applied after its gate, from the plan that passed it", () => {
    for (const [name, stack] of [
      ["registry", "registry"],
      ["stage-deploy", "stage"],
    ] as const) {
      const order = [
        at(name, `plan -- ${stack} --mend --json > plans/${stack}.json`),
        at(name, `slipway -- pipeline gate ${stack}`),
        at(name, `slipway -- pipeline apply ${stack}`),
      ];
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(order).not.toContain(-1);
    }
  });

  test("production applies a sealed plan and never plans where it applies", () => {
    expect(commands("production-deploy").filter((command) => command.startsWith("plan"))).toEqual([]);
    const order = ["unseal prod", "gate prod", "apply prod"].map((verb) =>
      at("production-deploy", `slipway -- pipeline ${verb}`),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
    expect(at("production-plan", "slipway -- pipeline seal prod")).toBeGreaterThan(-1);
  });

  test("only main builds, and both environments release that image", () => {
    const pushes = (command: string): boolean => /^build( |$)/.test(command) && !command.includes("--no-push");
    const building = [...jobs].filter(([, job]) => job.commands.some(pushes)).map(([name]) => name);
    expect(building).toEqual(["build"]);
    for (const [name, environment] of [
      ["stage-release", "stage"],
      ["production-release", "prod"],
    ] as const) {
      const released = commands(name).filter((command) => command.startsWith(`release -- ${environment} `));
      expect(released.filter((command) => command.includes("build-<commit>"))).toHaveLength(1);
      expect(released).toHaveLength(1);
    }
  });

  test("plans of changes and of the night take no lock and the role that reads", () => {
    for (const [name, job] of [...jobs].filter(([one]) => /^(plan|drift-plan):/.test(one))) {
      expect(job.commands.some((command) => /^plan -- [\w-]+ --no-lock --json/.test(command))).toBe(true);
      expect(job.role).toBe(roleVariable(name.split(":")[1] ?? "", "plan"));
    }
  });
}

test("GitLab's jobs are in stages that there are", () => {
  for (const [, { stage = "" }] of gitLabJobs) expect(gitLabStages).toContain(stage);
});
