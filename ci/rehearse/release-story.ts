import type { ServiceContract } from "../../constructs/shared/release-contract-v1";
import { exitCodes } from "../exit-codes";
import type { ReleaseContracts } from "../release/contract";
import type { Ending, ReleaseCommands } from "./release-commands";
import type { Build, ReleaseImages } from "./release-images";
import type { Preparation } from "./release-preparation";
import {
  noMigration,
  nothingMade,
  oneMigration,
  revisionsMade,
  runsAsBefore,
  runsBuild,
  somethingRuns,
} from "./release-verdict";
import type { World } from "./release-world";

/** What a step of the story works with. */
export interface Stage {
  readonly contracts: ReleaseContracts;
  readonly commands: ReleaseCommands;
  readonly images: ReleaseImages;
  readonly preparations: readonly Preparation[];
}

/** Something that a person does, and what comes of it. */
export interface ReleaseStep {
  readonly name: string;
  /** Whether the environment has what it takes. Default: it has. */
  readonly fits?: (stage: Stage) => boolean;
  readonly act: (stage: Stage, builds: Builds) => Promise<Ending>;
  readonly exitCode: number;
  /** Part of what the command says: the exit code alone could have another reason. */
  readonly says?: string;
  /** One sentence per problem. */
  readonly judge: (found: Found) => string[] | Promise<string[]>;
}

/** What there is once a step is done. */
export interface Found {
  readonly stage: Stage;
  readonly builds: Builds;
  readonly before: World;
  readonly after: World;
}

/** The builds that were pushed so far, by their tags. */
export class Builds {
  private readonly all = new Map<string, Build>();

  add(build: Build): Build {
    this.all.set(build.tag, build);
    return build;
  }

  /** @throws Error when no step has pushed it */
  get(tag: string): Build {
    const build = this.all.get(tag);
    if (build === undefined) throw new Error(`no build ${tag} was pushed`);
    return build;
  }
}

/** What happens to an environment in its first days. Each step finds what the one before it left. */
export const releaseStory: readonly ReleaseStep[] = [
  {
    name: "a release with an empty secret is refused",
    fits: ({ preparations }) => preparations.length > 0,
    act: async ({ commands, images }, builds) => commands.release(builds.add(await images.push("build-early"))),
    exitCode: exitCodes.refused,
    says: "has no value",
    judge: ({ before, after }) => [...runsAsBefore(before, after), ...nothingMade(before, after)],
  },
  {
    name: "empty secrets are filled",
    fits: ({ preparations }) => preparations.length > 0,
    act: async ({ commands, preparations }) => {
      const endings: Ending[] = [];
      for (const prepare of preparations) endings.push(await prepare(commands));
      return {
        exitCode: Math.max(...endings.map(({ exitCode }) => exitCode)),
        said: endings.flatMap(({ said }) => said),
      };
    },
    exitCode: exitCodes.ok,
    judge: ({ before, after }) => [...runsAsBefore(before, after), ...nothingMade(before, after)],
  },
  {
    name: "a first release that fails is taken back",
    fits: startsTasks,
    act: async ({ commands, images }, builds) =>
      commands.release(builds.add(await images.push("build-broken", { neverHealthy: true }))),
    exitCode: exitCodes.rolledBack,
    judge: ({ stage, before, after }) => [...runsAsBefore(before, after), ...migrated(stage, before, after)],
  },
  {
    name: "first release",
    act: async ({ commands, images }, builds) => commands.release(builds.add(await images.push("build-1"))),
    exitCode: exitCodes.ok,
    judge: async ({ stage, builds, before, after }) => [
      ...runsBuild(after, builds.get("build-1")),
      ...somethingRuns(after, wantedAtFirst(stage.contracts)),
      ...migrated(stage, before, after),
      ...(await isTagged(stage, after)),
      ...isLookedAt(stage),
    ],
  },
  {
    name: "the same release again changes nothing",
    act: ({ commands }, builds) => commands.release(builds.get("build-1")),
    exitCode: exitCodes.ok,
    says: "nothing to release",
    judge: ({ before, after }) => [...runsAsBefore(before, after), ...nothingMade(before, after)],
  },
  {
    name: "second release",
    act: async ({ commands, images }, builds) => commands.release(builds.add(await images.push("build-2"))),
    exitCode: exitCodes.ok,
    judge: async ({ stage, builds, before, after }) => [
      ...runsBuild(after, builds.get("build-2")),
      ...migrated(stage, before, after),
      ...(await isTagged(stage, after)),
    ],
  },
  {
    name: "a migration that fails leaves services alone",
    fits: hasMigration,
    act: async ({ commands, images }, builds) =>
      commands.release(builds.add(await images.push("build-bad-migration", { exitCode: 1 }))),
    exitCode: exitCodes.migrationFailed,
    judge: ({ before, after }) => [...runsAsBefore(before, after), ...oneMigration(before, after)],
  },
  {
    name: "a deployment that fails is rolled back",
    fits: startsTasks,
    act: async ({ commands, images }, builds) =>
      commands.release(builds.add(await images.push("build-unhealthy", { neverHealthy: true }))),
    exitCode: exitCodes.rolledBack,
    judge: ({ stage, before, after }) => [
      ...runsAsBefore(before, after),
      ...(revisionsMade(before, after).length === 0 ? ["no revision was registered"] : []),
      ...migrated(stage, before, after),
    ],
  },
  {
    name: "rollback",
    act: ({ commands }) => commands.rollback(),
    exitCode: exitCodes.ok,
    judge: ({ builds, before, after }) => [...runsBuild(after, builds.get("build-1")), ...nothingMade(before, after)],
  },
  {
    name: "a command in a task of its own",
    fits: hasImageToRun,
    act: ({ commands }) => commands.oneOff("node", "scripts/count.js"),
    exitCode: exitCodes.ok,
    says: "runs node scripts/count.js",
    judge: ({ before, after }) => runsAsBefore(before, after),
  },
  {
    name: "a command that fails says so",
    fits: hasImageToRun,
    act: ({ commands }) => commands.oneOff("sh", "-c", "exit 3"),
    exitCode: exitCodes.failed,
    says: "ended with 3",
    judge: ({ before, after }) => runsAsBefore(before, after),
  },
];

function servicesOf(contracts: ReleaseContracts): (readonly [string, ServiceContract])[] {
  return Object.entries(contracts.services).flatMap(([name, contract]) =>
    contract.kind === "schedule" ? [] : [[name, contract] as const],
  );
}

/** Where no service wants a task there is none that could fail. */
function startsTasks({ contracts }: Stage): boolean {
  return servicesOf(contracts).some(([, { minTasks }]) => minTasks > 0);
}

function hasMigration({ contracts }: Stage): boolean {
  return contracts.environment.migration !== null;
}

/** `run` takes the image of the migration, else that of a service; a schedule has no tasks that it could take one from. */
function hasImageToRun(stage: Stage): boolean {
  return hasMigration(stage) || servicesOf(stage.contracts).length > 0;
}

function migrated(stage: Stage, before: World, after: World): string[] {
  return hasMigration(stage) ? oneMigration(before, after) : noMigration(before, after);
}

/** The first release starts as many tasks as the settings ask for, and switches schedules on. */
function wantedAtFirst({ services }: ReleaseContracts): Record<string, number> {
  return Object.fromEntries(
    Object.entries(services).map(([name, contract]) => [name, contract.kind === "schedule" ? 1 : contract.minTasks]),
  );
}

/** Every image that runs has the tag of its release beside that of its build: a lifecycle leaves it alone for that. */
async function isTagged({ images }: Stage, { running }: World): Promise<string[]> {
  const problems = await Promise.all(
    Object.values(running).map(async ({ image, mark = "" }) => {
      const [repository = "", digest = ""] = image.split("@");
      // what runs no image of a build is told already
      if (digest === "") return [];
      const tags = await images.tags(repository, digest);
      return tags.includes(mark) ? [] : [`${image} has the tags ${tags.join(", ")}, and not ${mark}`];
    }),
  );
  return [...new Set(problems.flat())];
}

function isLookedAt({ contracts, commands }: Stage): string[] {
  const { smokeUrl } = contracts.environment;
  return smokeUrl === null || commands.asked.includes(smokeUrl) ? [] : [`nobody looked whether ${smokeUrl} answers`];
}
