import type { Command } from "commander";
import { pipelineCommentCommand } from "../commands/pipeline-comment";
import { pipelineDriftCommand } from "../commands/pipeline-drift";
import { pipelineGateCommand } from "../commands/pipeline-gate";
import { pipelineIdentityCommand } from "../commands/pipeline-identity";
import { pipelineOriginCommand } from "../commands/pipeline-origin";
import { pipelineApplyCommand, pipelineSealCommand, pipelineUnsealCommand } from "../commands/pipeline-plan";
import { pipelineProvenCommand } from "../commands/pipeline-proven";
import { described, type Open } from "./described";

/** `pipeline`: what only pipelines call; `.github/workflows` and `.gitlab-ci.yml` are lists of these. */
export function addPipeline(slipway: Command, open: Open): void {
  const pipeline = described(
    slipway.command("pipeline"),
    "what the pipelines of GitHub and GitLab call; docs/pipelines.md says when",
    "npm run slipway -- pipeline gate stage",
  );
  const plans = ["--plans <folder>", "where what `plan --json` has written is", "plans"] as const;

  described(
    pipeline.command("identity"),
    "put the job's identity where the SDK and Terraform look for it",
    "npm run slipway -- pipeline identity",
  ).action(() => pipelineIdentityCommand(open()));

  described(
    pipeline.command("comment"),
    "write the plans into one comment of the pull or merge request, and update it",
    "npm run slipway -- pipeline comment",
  )
    .option(...plans)
    .action((options: { plans: string }) => pipelineCommentCommand(open(), options));

  described(
    pipeline.command("gate [stacks...]"),
    "refuse plans that delete or replace what holds data, unless the change is labelled",
    "npm run slipway -- pipeline gate stage",
  )
    .option(...plans)
    .action((stacks: string[], options: { plans: string }) => pipelineGateCommand(open(), { stacks, ...options }));

  described(
    pipeline.command("drift"),
    "open, update or close the one issue that says what differs from the code",
    "npm run slipway -- pipeline drift",
  )
    .option(...plans)
    .action((options: { plans: string }) => pipelineDriftCommand(open(), options));

  addPlans(pipeline, open, plans);
}

function addPlans(pipeline: Command, open: Open, plans: readonly [string, string, string]): void {
  const file = ["--file <file>", "the sealed plan (default: sealed/<environment>.plan)"] as const;
  const sealed = (environment: string, named: string | undefined): string => named ?? `sealed/${environment}.plan`;
  interface SealFlags {
    readonly plans: string;
    readonly file?: string;
  }

  described(
    pipeline.command("seal <environment>"),
    "encrypt the saved plan, which is a secret, for the job that applies it",
    "npm run slipway -- pipeline seal prod",
  )
    .option(...plans)
    .option(...file)
    .action((environment: string, flags: SealFlags) =>
      pipelineSealCommand(open(), { environment, plans: flags.plans, file: sealed(environment, flags.file) }),
    );

  described(
    pipeline.command("unseal <environment>"),
    "open a sealed plan of this commit",
    "npm run slipway -- pipeline unseal prod",
  )
    .option(...plans)
    .option(...file)
    .action((environment: string, flags: SealFlags) =>
      pipelineUnsealCommand(open(), { environment, plans: flags.plans, file: sealed(environment, flags.file) }),
    );

  described(
    pipeline.command("origin"),
    "on GitHub: refuse an approval that is not one of production, and a run that is not this workflow's for this tag",
    "npm run slipway -- pipeline origin --environment prod --run 1234567890",
  )
    .requiredOption("--environment <name>", "what the person typed who approves")
    .requiredOption("--run <id>", "the run whose plan is to be applied")
    .option("--attempt <number>", "which attempt of it was read", "1")
    .action((options: { environment: string; run: string; attempt: string }) => pipelineOriginCommand(open(), options));

  described(
    pipeline.command("proven"),
    "refuse a commit that main's pipeline has not released to stage",
    "npm run slipway -- pipeline proven",
  ).action(() => pipelineProvenCommand(open()));

  described(
    pipeline.command("apply <environment>"),
    "apply exactly the plan that was made; never plans anew",
    "npm run slipway -- pipeline apply prod",
  )
    .option(...plans)
    .option("--sealed", "insist on a plan that was sealed, also where it changes nothing", false)
    .action((environment: string, options: { plans: string; sealed: boolean }) =>
      pipelineApplyCommand(open(), { environment, ...options }),
    );
}
