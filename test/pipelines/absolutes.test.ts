import {
  describeGitHub,
  describeGitLab,
  gitHubJobs,
  gitLabDefault,
  gitLabJobs,
  prepareAction,
  textOf,
  workflows,
} from "./support/files";
import {
  factsOnGitHub,
  factsOnGitLab,
  type GitHubFacts,
  type GitLabFacts,
  keysOnGitHub,
  keysOnGitLab,
  stepText,
} from "./support/as-written";

/**
 * What each job is, may and does, word by word. The other tests compare the hosts and look for what must not be there; this one goes
 * red when a step, a gate, a lock or a permission goes missing on both. Whoever changes a pipeline changes it here too, and reviews it
 * twice; a fork likewise, for the host that it has.
 */
const onGitHub: Readonly<Record<string, GitHubFacts>> = {
  plan: {
    in: "change",
    if: "github.event.pull_request.head.repo.full_name == github.repository && vars.SLIPWAY_AWS == 'true'",
    permissions: {
      contents: "read",
      "id-token": "write",
    },
    role: "vars[matrix.role]",
    matrix: [
      "registry SLIPWAY_ROLE_REGISTRY_PLAN",
      "dev SLIPWAY_ROLE_DEV_PLAN",
      "stage SLIPWAY_ROLE_STAGE_PLAN",
      "prod SLIPWAY_ROLE_PROD_PLAN",
    ],
    steps: [
      "checkout persist-credentials=false",
      "prepare terraform=true",
      "npm run slipway -- pipeline identity",
      'mkdir -p plans && npm run --silent plan -- "$STACK" --no-lock --json > "plans/$STACK.json" STACK=matrix.stack',
      "upload-artifact name=plan-matrix.stack path=plans retention-days=1",
    ],
  },
  comment: {
    in: "change",
    if: "${{ !cancelled() && needs.plan.result != 'skipped' }}",
    needs: ["plan"],
    permissions: {
      contents: "read",
      "pull-requests": "write",
    },
    steps: [
      "checkout persist-credentials=false ref=github.event.pull_request.base.sha",
      "prepare",
      "download-artifact pattern=plan-* path=plans merge-multiple=true",
      "npm run slipway -- pipeline comment GITHUB_TOKEN=github.token",
    ],
  },
  gate: {
    in: "change",
    if: "${{ !cancelled() && needs.plan.result != 'skipped' }}",
    needs: ["plan"],
    permissions: {
      contents: "read",
      "pull-requests": "read",
    },
    steps: [
      "checkout persist-credentials=false",
      "prepare",
      "download-artifact pattern=plan-* path=plans merge-multiple=true",
      "npm run slipway -- pipeline gate GITHUB_TOKEN=github.token",
    ],
  },
  check: {
    in: "check",
    permissions: {
      contents: "read",
    },
    steps: ["checkout persist-credentials=false", "prepare", "npm run check", "npm run synth", "npm run scan"],
  },
  "image-scan": {
    in: "check",
    permissions: {
      contents: "read",
    },
    steps: [
      "checkout persist-credentials=false",
      "prepare",
      "if hashFiles('Dockerfile') != '': npm run build -- --no-push && ci/pipelines/scan-image.sh \"$(git rev-parse HEAD)\"",
    ],
  },
  checks: {
    in: "main",
    permissions: {
      contents: "read",
    },
    steps: ["./.github/workflows/check.yml"],
  },
  registry: {
    in: "main",
    if: "vars.SLIPWAY_AWS == 'true'",
    needs: ["checks"],
    permissions: {
      contents: "read",
      "id-token": "write",
      "pull-requests": "read",
    },
    role: "vars.SLIPWAY_ROLE_REGISTRY_APPLY",
    steps: [
      "checkout persist-credentials=false",
      "prepare terraform=true",
      "npm run slipway -- pipeline identity",
      "mkdir -p plans && npm run --silent plan -- registry --mend --json > plans/registry.json",
      "npm run slipway -- pipeline gate registry GITHUB_TOKEN=github.token",
      "npm run slipway -- pipeline identity",
      "npm run slipway -- pipeline apply registry",
    ],
  },
  build: {
    in: "main",
    needs: ["registry"],
    permissions: {
      contents: "read",
      "id-token": "write",
    },
    role: "vars.SLIPWAY_ROLE_REGISTRY_RELEASE",
    steps: [
      "checkout persist-credentials=false",
      "prepare",
      'npm run build -- --no-push && ci/pipelines/scan-image.sh "$GITHUB_SHA"',
      "npm run slipway -- pipeline identity",
      "npm run build",
    ],
  },
  "stage-deploy": {
    in: "main",
    needs: ["build"],
    permissions: {
      contents: "read",
      "id-token": "write",
      "pull-requests": "read",
    },
    environment: "${{ vars.SLIPWAY_GITHUB_ENVIRONMENTS == 'true' && 'stage' || '' }}",
    role: "vars.SLIPWAY_ROLE_STAGE_APPLY",
    steps: [
      "checkout persist-credentials=false",
      "prepare terraform=true",
      "npm run slipway -- pipeline identity",
      "mkdir -p plans && npm run --silent plan -- stage --mend --json > plans/stage.json",
      "npm run slipway -- pipeline gate stage GITHUB_TOKEN=github.token",
      "npm run slipway -- pipeline identity",
      "npm run slipway -- pipeline apply stage",
    ],
  },
  "stage-release": {
    in: "main",
    needs: ["stage-deploy"],
    permissions: {
      contents: "read",
      "id-token": "write",
    },
    environment: "${{ vars.SLIPWAY_GITHUB_ENVIRONMENTS == 'true' && 'stage' || '' }}",
    role: "vars.SLIPWAY_ROLE_STAGE_RELEASE",
    steps: [
      "checkout persist-credentials=false",
      "prepare",
      "npm run slipway -- pipeline identity",
      'npm run release -- stage --image "build-$GITHUB_SHA"',
    ],
  },
  rehearsal: {
    in: "nightly",
    permissions: {
      contents: "read",
    },
    steps: ["checkout persist-credentials=false", "prepare", "npm run rehearse -- dev stage prod"],
  },
  "drift-plan": {
    in: "nightly",
    if: "vars.SLIPWAY_AWS == 'true'",
    permissions: {
      contents: "read",
      "id-token": "write",
    },
    role: "vars[matrix.role]",
    matrix: [
      "registry SLIPWAY_ROLE_REGISTRY_PLAN",
      "dev SLIPWAY_ROLE_DEV_PLAN",
      "stage SLIPWAY_ROLE_STAGE_PLAN",
      "prod SLIPWAY_ROLE_PROD_PLAN",
    ],
    steps: [
      "checkout persist-credentials=false fetch-depth=0",
      "if matrix.stack == 'prod': ci/pipelines/newest-tag.sh",
      "prepare terraform=true",
      "npm run slipway -- pipeline identity",
      'mkdir -p plans && npm run --silent plan -- "$STACK" --no-lock --json > "plans/$STACK.json" STACK=matrix.stack',
      "upload-artifact name=plan-matrix.stack path=plans retention-days=1",
    ],
  },
  drift: {
    in: "nightly",
    if: "${{ !cancelled() && needs.drift-plan.result != 'skipped' }}",
    needs: ["drift-plan"],
    permissions: {
      contents: "read",
      issues: "write",
    },
    steps: [
      "checkout persist-credentials=false",
      "prepare",
      "download-artifact pattern=plan-* path=plans merge-multiple=true",
      "npm run slipway -- pipeline drift GITHUB_TOKEN=github.token",
    ],
  },
  "production-plan": {
    in: "production",
    if: "github.event_name == 'push' && vars.SLIPWAY_AWS == 'true'",
    permissions: {
      actions: "read",
      contents: "read",
      "id-token": "write",
    },
    role: "vars.SLIPWAY_ROLE_PROD_PLAN",
    steps: [
      "checkout persist-credentials=false fetch-depth=0",
      "git merge-base --is-ancestor HEAD origin/main",
      "prepare terraform=true",
      "npm run slipway -- pipeline proven GITHUB_TOKEN=github.token",
      "npm run slipway -- pipeline identity",
      "mkdir -p plans && npm run --silent plan -- prod --no-lock --keep --json > plans/prod.json",
      "npm run slipway -- pipeline seal prod SLIPWAY_PLAN_KEY=secrets.SLIPWAY_PLAN_KEY",
      "upload-artifact name=sealed-plan path=sealed retention-days=7",
    ],
  },
  "production-deploy": {
    in: "production",
    if: "github.event_name == 'workflow_dispatch'",
    permissions: {
      actions: "read",
      contents: "read",
      "id-token": "write",
    },
    environment: "${{ vars.SLIPWAY_GITHUB_ENVIRONMENTS == 'true' && 'prod' || '' }}",
    role: "vars.SLIPWAY_ROLE_PROD_APPLY",
    steps: [
      "checkout persist-credentials=false",
      "prepare terraform=true",
      'npm run slipway -- pipeline origin --environment "$ENVIRONMENT" --run "$RUN" --attempt "$ATTEMPT" GITHUB_TOKEN=github.token ENVIRONMENT=inputs.environment RUN=inputs.run ATTEMPT=inputs.attempt',
      "download-artifact name=sealed-plan path=sealed run-id=inputs.run github-token=github.token",
      "npm run slipway -- pipeline unseal prod SLIPWAY_PLAN_KEY=secrets.SLIPWAY_PLAN_KEY",
      "npm run slipway -- pipeline gate prod SLIPWAY_ALLOW_REPLACEMENT=inputs.allow_replacement",
      "npm run slipway -- pipeline identity",
      "npm run slipway -- pipeline apply prod --sealed",
    ],
  },
  "production-release": {
    in: "production",
    needs: ["production-deploy"],
    permissions: {
      contents: "read",
      "id-token": "write",
    },
    environment: "${{ vars.SLIPWAY_GITHUB_ENVIRONMENTS == 'true' && 'prod' || '' }}",
    role: "vars.SLIPWAY_ROLE_PROD_RELEASE",
    steps: [
      "checkout persist-credentials=false",
      "prepare",
      "npm run slipway -- pipeline identity",
      'npm run release -- prod --image "build-$GITHUB_SHA"',
    ],
  },
};

const onGitLab: Readonly<Record<string, GitLabFacts>> = {
  check: {
    stage: "check",
    interruptible: true,
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "apt-get update -qq",
      "apt-get install -y -qq --no-install-recommends python3-venv",
      "npm run check",
      "npm run synth",
      "npm run scan",
    ],
  },
  "image-scan": {
    stage: "check",
    interruptible: true,
    lines: [
      "apk add --no-cache bash git nodejs npm",
      "npm ci --ignore-scripts --no-audit --no-fund",
      "if [ -f Dockerfile ]; then npm run build -- --no-push; fi",
      'if [ -f Dockerfile ]; then ci/pipelines/scan-image.sh "$CI_COMMIT_SHA"; fi',
    ],
  },
  "plan:registry": {
    stage: "plan",
    needs: [],
    interruptible: true,
    role: "SLIPWAY_ROLE_REGISTRY_PLAN",
    stack: "registry",
    artifacts: "plans",
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "ci/pipelines/install-terraform.sh",
      "npm run slipway -- pipeline identity",
      "mkdir -p plans",
      'npm run --silent plan -- "$STACK" --no-lock --json > "plans/$STACK.json"',
    ],
  },
  "plan:dev": {
    stage: "plan",
    needs: [],
    interruptible: true,
    role: "SLIPWAY_ROLE_DEV_PLAN",
    stack: "dev",
    artifacts: "plans",
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "ci/pipelines/install-terraform.sh",
      "npm run slipway -- pipeline identity",
      "mkdir -p plans",
      'npm run --silent plan -- "$STACK" --no-lock --json > "plans/$STACK.json"',
    ],
  },
  "plan:stage": {
    stage: "plan",
    needs: [],
    interruptible: true,
    role: "SLIPWAY_ROLE_STAGE_PLAN",
    stack: "stage",
    artifacts: "plans",
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "ci/pipelines/install-terraform.sh",
      "npm run slipway -- pipeline identity",
      "mkdir -p plans",
      'npm run --silent plan -- "$STACK" --no-lock --json > "plans/$STACK.json"',
    ],
  },
  "plan:prod": {
    stage: "plan",
    needs: [],
    interruptible: true,
    role: "SLIPWAY_ROLE_PROD_PLAN",
    stack: "prod",
    artifacts: "plans",
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "ci/pipelines/install-terraform.sh",
      "npm run slipway -- pipeline identity",
      "mkdir -p plans",
      'npm run --silent plan -- "$STACK" --no-lock --json > "plans/$STACK.json"',
    ],
  },
  comment: {
    stage: "gate",
    needs: ["plan:registry", "plan:dev", "plan:stage", "plan:prod"],
    environment: "notes (access)",
    interruptible: true,
    lines: ["npm ci --ignore-scripts --no-audit --no-fund", "npm run slipway -- pipeline comment"],
  },
  gate: {
    stage: "gate",
    needs: ["plan:registry", "plan:dev", "plan:stage", "plan:prod"],
    interruptible: true,
    lines: ["npm ci --ignore-scripts --no-audit --no-fund", "npm run slipway -- pipeline gate"],
  },
  registry: {
    stage: "build",
    needs: ["check", "image-scan"],
    environment: "registry",
    lock: "stage",
    interruptible: false,
    role: "SLIPWAY_ROLE_REGISTRY_APPLY",
    stack: "registry",
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "ci/pipelines/install-terraform.sh",
      "npm run slipway -- pipeline identity",
      "mkdir -p plans",
      'npm run --silent plan -- "$STACK" --mend --json > "plans/$STACK.json"',
      'npm run slipway -- pipeline gate "$STACK"',
      "npm run slipway -- pipeline identity",
      'npm run slipway -- pipeline apply "$STACK"',
    ],
  },
  build: {
    stage: "build",
    needs: ["registry"],
    interruptible: false,
    role: "SLIPWAY_ROLE_REGISTRY_RELEASE",
    lines: [
      "apk add --no-cache bash git nodejs npm",
      "npm ci --ignore-scripts --no-audit --no-fund",
      "npm run build -- --no-push",
      'ci/pipelines/scan-image.sh "$CI_COMMIT_SHA"',
      "npm run slipway -- pipeline identity",
      "npm run build",
    ],
  },
  "stage-deploy": {
    stage: "deploy",
    needs: ["build"],
    environment: "stage",
    lock: "stage",
    interruptible: false,
    role: "SLIPWAY_ROLE_STAGE_APPLY",
    stack: "stage",
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "ci/pipelines/install-terraform.sh",
      "npm run slipway -- pipeline identity",
      "mkdir -p plans",
      'npm run --silent plan -- "$STACK" --mend --json > "plans/$STACK.json"',
      'npm run slipway -- pipeline gate "$STACK"',
      "npm run slipway -- pipeline identity",
      'npm run slipway -- pipeline apply "$STACK"',
    ],
  },
  "stage-release": {
    stage: "release",
    needs: ["stage-deploy"],
    environment: "stage",
    lock: "stage",
    interruptible: false,
    role: "SLIPWAY_ROLE_STAGE_RELEASE",
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "npm run slipway -- pipeline identity",
      'npm run release -- stage --image "build-$CI_COMMIT_SHA"',
    ],
  },
  "production-plan": {
    stage: "plan",
    environment: "prod (prepare)",
    interruptible: true,
    role: "SLIPWAY_ROLE_PROD_PLAN",
    depth: "0",
    artifacts: "sealed",
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "ci/pipelines/install-terraform.sh",
      'git merge-base --is-ancestor HEAD "origin/$CI_DEFAULT_BRANCH"',
      "npm run slipway -- pipeline proven",
      "npm run slipway -- pipeline identity",
      "mkdir -p plans",
      "npm run --silent plan -- prod --no-lock --keep --json > plans/prod.json",
      "npm run slipway -- pipeline seal prod",
    ],
  },
  "production-deploy": {
    stage: "deploy",
    needs: ["production-plan"],
    environment: "prod",
    lock: "prod",
    interruptible: false,
    role: "SLIPWAY_ROLE_PROD_APPLY",
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "ci/pipelines/install-terraform.sh",
      "npm run slipway -- pipeline unseal prod",
      "npm run slipway -- pipeline gate prod",
      "npm run slipway -- pipeline identity",
      "npm run slipway -- pipeline apply prod --sealed",
    ],
  },
  "production-release": {
    stage: "release",
    needs: ["production-deploy"],
    environment: "prod",
    lock: "prod",
    interruptible: false,
    role: "SLIPWAY_ROLE_PROD_RELEASE",
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "npm run slipway -- pipeline identity",
      'npm run release -- prod --image "build-$CI_COMMIT_SHA"',
    ],
  },
  rehearsal: {
    stage: "night",
    needs: [],
    interruptible: true,
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "apt-get update -qq",
      "apt-get install -y -qq --no-install-recommends python3-venv",
      "npm run rehearse -- dev stage prod",
    ],
  },
  "drift-plan:registry": {
    stage: "night",
    needs: [],
    interruptible: true,
    role: "SLIPWAY_ROLE_REGISTRY_PLAN",
    stack: "registry",
    artifacts: "plans",
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "ci/pipelines/install-terraform.sh",
      "npm run slipway -- pipeline identity",
      "mkdir -p plans",
      'npm run --silent plan -- "$STACK" --no-lock --json > "plans/$STACK.json"',
    ],
  },
  "drift-plan:dev": {
    stage: "night",
    needs: [],
    interruptible: true,
    role: "SLIPWAY_ROLE_DEV_PLAN",
    stack: "dev",
    artifacts: "plans",
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "ci/pipelines/install-terraform.sh",
      "npm run slipway -- pipeline identity",
      "mkdir -p plans",
      'npm run --silent plan -- "$STACK" --no-lock --json > "plans/$STACK.json"',
    ],
  },
  "drift-plan:stage": {
    stage: "night",
    needs: [],
    interruptible: true,
    role: "SLIPWAY_ROLE_STAGE_PLAN",
    stack: "stage",
    artifacts: "plans",
    lines: [
      "npm ci --ignore-scripts --no-audit --no-fund",
      "ci/pipelines/install-terraform.sh",
      "npm run slipway -- pipeline identity",
      "mkdir -p plans",
      'npm run --silent plan -- "$STACK" --no-lock --json > "plans/$STACK.json"',
    ],
  },
  "drift-plan:prod": {
    stage: "night",
    needs: [],
    interruptible: true,
    role: "SLIPWAY_ROLE_PROD_PLAN",
    depth: "0",
    stack: "prod",
    artifacts: "plans",
    lines: [
      "ci/pipelines/newest-tag.sh",
      "npm ci --ignore-scripts --no-audit --no-fund",
      "ci/pipelines/install-terraform.sh",
      "npm run slipway -- pipeline identity",
      "mkdir -p plans",
      'npm run --silent plan -- "$STACK" --no-lock --json > "plans/$STACK.json"',
    ],
  },
  drift: {
    stage: "tell",
    environment: "notes (access)",
    interruptible: true,
    lines: ["npm ci --ignore-scripts --no-audit --no-fund", "npm run slipway -- pipeline drift"],
  },
};

/** What starts a workflow, and whether a newer run ends one that works. */
const startsAndLocks = {
  change: {
    on: {
      pull_request: {
        types: ["opened", "synchronize", "reopened", "labeled", "unlabeled"],
      },
    },
    group: "change-${{ github.ref }}",
    "cancel-in-progress": true,
  },
  check: {
    on: {
      push: {
        "branches-ignore": ["main"],
      },
      pull_request: null,
      workflow_call: null,
    },
    group: "check-${{ github.event_name }}-${{ github.ref }}",
    "cancel-in-progress": "${{ github.ref != 'refs/heads/main' }}",
  },
  main: {
    on: {
      push: {
        branches: ["main"],
      },
    },
    group: "deploy-stage",
    "cancel-in-progress": false,
  },
  nightly: {
    on: {
      schedule: [
        {
          cron: "17 3 * * *",
        },
      ],
    },
    group: "nightly",
    "cancel-in-progress": false,
  },
  production: {
    on: {
      push: {
        tags: ["v*"],
      },
      workflow_dispatch: {
        inputs: {
          run: {
            description: "Number of the run that made the plan, as in its address",
            required: true,
            type: "string",
          },
          attempt: {
            description: "Attempt of that run which was read, when it was started again",
            default: "1",
            type: "string",
          },
          environment: {
            description: "Type prod",
            required: true,
            type: "string",
          },
          allow_replacement: {
            description: "prod: data may be lost as the plan says",
            required: false,
            type: "string",
          },
        },
      },
    },
    group: "${{ github.event_name == 'push' && format('plan-{0}', github.ref) || 'deploy-prod' }}",
    "cancel-in-progress": false,
  },
};

/** Part of every name, since a failure shows nothing else. */
const whatToDo = "a change that is meant is made in test/pipelines/absolutes.test.ts too";

const prepared = [
  "setup-node node-version=22 package-manager-cache=false",
  "npm ci --ignore-scripts --no-audit --no-fund",
  "if inputs.terraform == 'true': ci/pipelines/install-terraform.sh",
];

describeGitHub(`on GitHub: ${whatToDo}`, () => {
  test("the workflows start at these events and wait like this", () => {
    expect(Object.fromEntries(workflows.map(({ name, on, concurrency }) => [name, { on, ...concurrency }]))).toEqual(
      startsAndLocks,
    );
  });

  test("there are no other jobs", () => {
    expect(gitHubJobs.map(([id]) => id)).toEqual(Object.keys(onGitHub));
  });

  test.each(gitHubJobs)("%s is what it says here", (id, job, workflow) => {
    expect(factsOnGitHub(job, workflow)).toEqual(onGitHub[id]);
  });

  test("every job is prepared like this", () => {
    expect(prepareAction.runs.steps.map((step) => stepText(step))).toEqual(prepared);
  });

  test.each(gitHubJobs)("%s has no key that changes what a failure means", (_, job) => {
    expect(Object.keys(job).filter((key) => !(keysOnGitHub.job as readonly string[]).includes(key))).toEqual([]);
    const keys = (job.steps ?? []).flatMap((step) => Object.keys(step));
    expect(keys.filter((key) => !(keysOnGitHub.step as readonly string[]).includes(key))).toEqual([]);
  });
});

describeGitLab(`on GitLab: ${whatToDo}`, () => {
  test("there are no other jobs", () => {
    expect(gitLabJobs.map(([name]) => name)).toEqual(Object.keys(onGitLab));
  });

  test.each(gitLabJobs)("%s is what it says here", (name, job) => {
    expect(factsOnGitLab(job, gitLabDefault)).toEqual(onGitLab[name]);
  });

  test.each(gitLabJobs)("%s has no key that changes what a failure means", (_, job) => {
    expect(Object.keys(job).filter((key) => !(keysOnGitLab as readonly string[]).includes(key))).toEqual([]);
  });

  test("a job that waits for a person holds what comes after it, and no failure is allowed", () => {
    expect(textOf(".gitlab-ci.yml").match(/allow_failure: .*/g)).toEqual(["allow_failure: false"]);
    const waiting = gitLabJobs.filter(([, { rules = [] }]) => rules.some(({ when }) => when === "manual"));
    expect(waiting.map(([name, { rules }]) => [name, rules?.map((rule) => rule["allow_failure"])])).toEqual([
      ["production-deploy", [false]],
    ]);
  });
});
