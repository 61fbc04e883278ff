import type { Build } from "./release-images";
import type { Running, World } from "./release-world";

/** Whether a build is what runs everywhere, proven and marked; one sentence per problem. */
export function runsBuild(after: World, build: Build): string[] {
  const marks = new Set(Object.values(after.running).map(({ mark }) => mark));
  return [
    ...Object.entries(after.running).flatMap(([name, running]) => problemsOf(name, running, build)),
    ...(marks.size > 1 ? [`the marks name ${marks.size} releases: ${[...marks].join(", ")}`] : []),
    ...after.silentAlarms.map((alarm) => `alarm ${alarm} tells nobody`),
    ...isFree(after),
  ];
}

function problemsOf(name: string, running: Running, { tag, digests }: Build): string[] {
  const { image, status, mark = "no", wanted, runs, scaling = "", settled, revision } = running;
  const [repository = ""] = image.split("@");
  return [
    ...(image === `${repository}@${digests[repository] ?? ""}` ? [] : [`${name} runs ${image}, and not ${tag}`]),
    ...(status === "proven" ? [] : [`${revision} is ${status ?? "not tagged"}, and not proven`]),
    ...(mark.startsWith("release-") ? [] : [`the mark of ${name} says "${mark}"`]),
    ...(scaling.endsWith("suspended") ? [`${name} is kept from scaling`] : []),
    ...(settled ? [] : [`${name} wants ${wanted} tasks and runs ${runs}, or still changes`]),
  ];
}

/** Whether everything runs as it did. */
export function runsAsBefore(before: World, after: World): string[] {
  return [
    ...Object.entries(after.running).flatMap(([name, running]) => {
      const was = before.running[name];
      const changed = (["revision", "status", "mark", "wanted", "runs", "scaling"] as const).filter(
        (field) => running[field] !== was?.[field],
      );
      return changed.map(
        (field) => `${field} of ${name} was ${was?.[field] ?? "none"} and is ${running[field] ?? "none"}`,
      );
    }),
    ...isFree(after),
  ];
}

/** Whether nothing new came into being, not even a revision. */
export function nothingMade(before: World, after: World): string[] {
  return [
    ...revisionsMade(before, after).map((revision) => `${revision} was registered`),
    ...noMigration(before, after),
  ];
}

/** Whether the migration ran, exactly once. */
export function oneMigration(before: World, after: World): string[] {
  const ran = after.migrations.length - before.migrations.length;
  return ran === 1 ? [] : [`the migration ran ${ran} times`];
}

/** Whether no migration ran. */
export function noMigration(before: World, after: World): string[] {
  const ran = after.migrations.length - before.migrations.length;
  return ran === 0 ? [] : [`the migration ran ${ran} times`];
}

/** Whether every wanted task is one more than none: what a first release raises. */
export function somethingRuns(after: World, wanted: Readonly<Record<string, number>>): string[] {
  return Object.entries(wanted).flatMap(([name, tasks]) =>
    after.running[name]?.wanted === tasks
      ? []
      : [`${name} wants ${after.running[name]?.wanted ?? 0} tasks, and not ${tasks}`],
  );
}

export function revisionsMade(before: World, after: World): string[] {
  return after.revisions.filter((revision) => !before.revisions.includes(revision));
}

function isFree({ locked }: World): string[] {
  return locked ? ["the lock of releases is still held"] : [];
}
