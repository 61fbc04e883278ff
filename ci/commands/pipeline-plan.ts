import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CommandError, exitCodes } from "../exit-codes";
import { filled } from "../pipelines/host";
import { lossLines, planComment } from "../pipelines/plan-text";
import { planResultFile, type PlanResult, readPlans } from "../pipelines/plans";
import { openPlan, planKey, type PlanSubject, sealPlan } from "../pipelines/sealed-plan";
import { provenanceOf } from "../release/provenance";
import type { Session } from "../session";
import { endpointOf } from "../terraform/endpoint";
import { countsText } from "../terraform/plan-summary";
import { baseFolder } from "../terraform/workspace";
import { targetOf } from "../configuration";
import { deployCommand } from "./deploy";

export interface PipelinePlanOptions {
  readonly environment: string;
  /** Folder with what `plan --json` has written, relative to the project's. */
  readonly plans: string;
}

export interface PipelineApplyOptions extends PipelinePlanOptions {
  /** It must be a plan that was sealed: one without changes was kept as well, and is applied once like others. */
  readonly sealed: boolean;
}

export interface PipelineSealOptions extends PipelinePlanOptions {
  /** The sealed file, relative to the project's folder. */
  readonly file: string;
}

/** `pipeline seal`: encrypt the saved plan of a stack, to be applied by another job of the same commit. */
export function pipelineSealCommand(session: Session, options: PipelineSealOptions): void {
  const { surroundings, report } = session;
  const key = planKey(surroundings.env);
  const subject = subjectOf(session, options.environment);
  const result = insist(session, options);
  const { plan, note } = savedFiles(session, options.environment);
  const saved = { plan: base64Of(plan), note: base64Of(note) };
  const sealed = sealPlan(key, subject, {
    saved,
    result: readFileSync(planResultFile(session, options.plans, options.environment), "utf8"),
  });
  const file = path.resolve(surroundings.root, options.file);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, sealed, { mode: 0o600 });
  for (const line of lossLines(options.environment, result)) report.warn(line.slice(2));
  report.result(`${options.environment} at ${subject.commit}: ${countsText(result.counts)}; sealed in ${options.file}`);
  tellApprover(session, planComment([{ stack: options.environment, result }], subject.commit));
}

/** Whoever approves reads the plan: on GitHub on the page of the run, with the line that starts the deploy, elsewhere in the job. */
function tellApprover({ surroundings: { env }, report }: Session, text: string): void {
  const summary = filled(env["GITHUB_STEP_SUMMARY"]);
  if (summary === undefined) {
    report.result(text);
    return;
  }
  const attempt = filled(env["GITHUB_RUN_ATTEMPT"]) ?? "1";
  const start = [
    `gh workflow run production.yml --ref ${env["GITHUB_REF_NAME"]} -f run=${env["GITHUB_RUN_ID"]} -f environment=prod`,
    ...(attempt === "1" ? [] : [`-f attempt=${attempt}`]),
  ].join(" ");
  appendFileSync(summary, `${text}\nTo apply exactly this plan:\n\n\`\`\`sh\n${start}\n\`\`\`\n`);
}

/** `pipeline unseal`: put a sealed plan of this commit where `pipeline apply` takes it. */
export function pipelineUnsealCommand(session: Session, options: PipelineSealOptions): void {
  const { surroundings, report } = session;
  const key = planKey(surroundings.env);
  const subject = subjectOf(session, options.environment);
  const file = path.resolve(surroundings.root, options.file);
  if (!existsSync(file)) {
    throw new CommandError(`there is no sealed plan ${options.file}: see the job that makes it`, exitCodes.stale);
  }
  const { saved, result } = openPlan(key, subject, readFileSync(file, "utf8"));
  const { plan, note } = savedFiles(session, options.environment);
  mkdirSync(path.dirname(plan), { recursive: true, mode: 0o700 });
  rmSync(plan, { force: true });
  rmSync(note, { force: true });
  writeFileSync(plan, Buffer.from(saved.plan, "base64"), { mode: 0o600 });
  writeFileSync(note, Buffer.from(saved.note, "base64"), { mode: 0o600 });
  const resultFile = planResultFile(session, options.plans, options.environment);
  mkdirSync(path.dirname(resultFile), { recursive: true });
  writeFileSync(resultFile, result);
  report.result(`the plan of ${options.environment} at ${subject.commit} is opened`);
}

/**
 * `pipeline apply`: apply exactly the plan that was made; it never plans anew. A plan without changes is applied as well where it was
 * kept, since Terraform then says whether the state is still the one that was read.
 */
export async function pipelineApplyCommand(session: Session, options: PipelineApplyOptions): Promise<void> {
  const { environment } = options;
  const result = insist(session, options);
  if (!existsSync(savedFiles(session, environment).plan)) {
    if (!result.changes && !options.sealed) {
      session.report.result(`the plan of ${environment} changes nothing`);
      return;
    }
    throw new CommandError(
      `the saved plan of ${environment} is gone: a plan is applied once, make it again`,
      exitCodes.stale,
    );
  }
  await deployCommand(session, { environment, json: false, yes: false, applyNow: false });
}

function insist(session: Session, { environment, plans }: PipelinePlanOptions): PlanResult {
  targetOf(session.configuration, environment, session.surroundings.env);
  const [{ result } = { result: undefined }] = readPlans(session, plans, [environment]);
  if (result !== undefined) return result;
  throw new CommandError(
    `there is no plan of ${environment} in ${plans}: \`npm run --silent plan -- ${environment} --json > ${path.join(plans, `${environment}.json`)}\` makes it`,
    exitCodes.stale,
  );
}

function subjectOf({ surroundings, configuration }: Session, stack: string): PlanSubject {
  const { commit } = provenanceOf(surroundings.env);
  if (commit === undefined) {
    throw new CommandError("neither GITHUB_SHA nor CI_COMMIT_SHA is set: run it in a pipeline", exitCodes.usage);
  }
  return { project: configuration.project.name, stack, commit };
}

function savedFiles({ surroundings }: Session, stack: string): { readonly plan: string; readonly note: string } {
  const folder = path.join(baseFolder(surroundings.root, endpointOf(surroundings.env)), ".state", "plans");
  return { plan: path.join(folder, `${stack}.tfplan`), note: path.join(folder, `${stack}.json`) };
}

function base64Of(file: string): string {
  if (existsSync(file)) return readFileSync(file).toString("base64");
  throw new CommandError(`${file} is not there, so there is no plan to seal: plan again, with --keep`, exitCodes.stale);
}
