import type { Command } from "commander";
import { releaseCommand } from "../commands/release";
import { rollbackCommand } from "../commands/rollback";
import { described, json, type Open } from "./described";
import { wholeNumber } from "./numbers";

interface ReleaseFlags {
  readonly image: string[];
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly unlock: boolean;
  readonly earlyRollback: boolean;
  readonly commit?: string;
  readonly pipelineUrl?: string;
  readonly timeout: number;
  readonly json: boolean;
}

/** `release` and `rollback`: what runs in an environment. */
export function addRelease(slipway: Command, open: Open): void {
  const timeout = ["--timeout <minutes>", "how long the deployments may take before they are rolled back"] as const;
  const collect = (value: string, before: readonly string[]): string[] => [...before, value];
  described(
    slipway.command("release <environment>"),
    "migrate, update every service to an image, and see that it runs; else what ran before runs again",
    "npm run release -- dev --image build-4f2c1d9",
  )
    .option(
      "--image <image>",
      "<tag> for every repository, or <repository>:<tag>, or <repository>@sha256:<digest>; as often as needed",
      collect,
      [],
    )
    .option("--dry-run", "check everything, show what would change, and change nothing", false)
    .option(
      "--force",
      "release although a rollback alarm rings; with --unlock: although something is in progress",
      false,
    )
    .option("--unlock", "give back the lock of a release that was killed", false)
    .option("--early-rollback", "roll back as soon as three new tasks have died, before ECS would", false)
    .option("--commit <hash>", "what the image was built from (default: what the pipeline says)")
    .option("--pipeline-url <url>", "where the release can be looked at (default: what the pipeline says)")
    .option(...timeout, wholeNumber, 30)
    .option(...json)
    .action((environment: string, { image, commit, pipelineUrl, ...flags }: ReleaseFlags) =>
      releaseCommand(open(), { environment, images: image, commit, pipelineUrl, ...flags }),
    );

  described(
    slipway.command("rollback <environment>"),
    "run again what the release before has proven; the database stays as it is",
    "npm run rollback -- prod",
  )
    .option("--to <release>", "a release, an image's digest or a revision (default: the last proven before what runs)")
    .option(...timeout, wholeNumber, 30)
    .option(...json)
    .action((environment: string, { to, ...options }: { to?: string; timeout: number; json: boolean }) =>
      rollbackCommand(open(), { environment, to, ...options }),
    );
}
