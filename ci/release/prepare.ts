import type { ImageReference, Repository } from "../aws/ecr";
import { checkAlarms, checkQuiet } from "./preflight/quiet";
import { Findings } from "./preflight/findings";
import { findImages, type FoundImage } from "./preflight/images";
import { checkPlaces } from "./preflight/places";
import { checkSecrets, secretUses } from "./preflight/secrets";
import { neededPlatform } from "./platforms";
import { history, type Making, type Revision } from "./revisions";
import { readWorld, type World } from "./running";
import { isService, type Subject } from "./subjects";
import type { ReleaseWork } from "./work";

/** How many of a family's newest revisions are looked at for one that can be used again. */
const recentRevisions = 10;

/** What a release would make a revision of, and of what. */
export interface Prepared {
  readonly subject: Subject;
  readonly template: Revision;
  readonly image: FoundImage;
  readonly making: Making;
  /** The newest revisions of its family, the newest first. */
  readonly recent: readonly Revision[];
}

/** What is known before a release. */
export interface Preparation {
  /** Reasons not to release. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** As far as there are images and templates. */
  readonly prepared: readonly Prepared[];
  readonly world: World;
}

export interface PrepareOptions {
  readonly environment: string;
  readonly subjects: readonly Subject[];
  readonly images: ReadonlyMap<Repository, ImageReference>;
  /** Alarms that ring are no reason. */
  readonly force: boolean;
}

/** Look at everything that a release depends on, and change nothing. */
export async function prepare(
  work: ReleaseWork,
  { environment, subjects, images, force }: PrepareOptions,
): Promise<Preparation> {
  const { interrupts } = work;
  const findings = new Findings();
  const [world, templates] = await Promise.all([
    interrupts.race(readWorld(work, subjects)),
    readTemplates(work, subjects, findings),
  ]);
  const users = subjects.flatMap((subject) => {
    const template = templates.get(subject);
    if (template === undefined) return [];
    return [
      { name: subject.name, repository: subject.contract.repository, platform: neededPlatform(template.definition) },
    ];
  });
  const uses = subjects.flatMap((subject) => {
    const template = templates.get(subject);
    return template === undefined ? [] : secretUses(subject.name, template.definition);
  });
  checkQuiet(environment, world, findings);
  const [found] = await Promise.all([
    findImages(work, images, users, findings),
    checkSecrets(work, uses, findings),
    checkPlaces(work, subjects, findings),
    checkAlarms(work, subjects.filter(isService), force, findings),
  ]);
  const prepared = await Promise.all(
    subjects.map(async (subject): Promise<Prepared[]> => {
      const template = templates.get(subject);
      const image = found.get(subject.contract.repository);
      if (template === undefined || image === undefined) return [];
      const recent: Revision[] = [];
      for await (const revision of history(work, subject.family, recentRevisions)) recent.push(revision);
      return [{ subject, template, image, making: { digest: image.digest, template: template.arn }, recent }];
    }),
  );
  return { problems: findings.problems, warnings: findings.warnings, prepared: prepared.flat(), world };
}

async function readTemplates(
  { ecs, interrupts, target }: ReleaseWork,
  subjects: readonly Subject[],
  findings: Findings,
): Promise<ReadonlyMap<Subject, Revision>> {
  const templates = new Map<Subject, Revision>();
  await Promise.all(
    subjects.map(async (subject) => {
      const arn = subject.contract.templateTaskDefinitionArn;
      const described = await interrupts.race(ecs.taskDefinition(arn));
      if (described !== undefined) templates.set(subject, { arn, ...described });
      else findings.problem(`the template of ${subject.name} is not there (${arn}): npm run deploy -- ${target.stack}`);
    }),
  );
  return templates;
}
