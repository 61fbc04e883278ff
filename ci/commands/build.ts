import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { repositoryUrl } from "../../constructs/shared/repository-url";
import { Registry } from "../aws/registry-login";
import { type Builder, type BuildRequest, findBuilder } from "../build/builder";
import { platformsOf } from "../build/platforms";
import { type Source, sourceOf } from "../build/source";
import { registryStack, type Target, unknownName } from "../configuration";
import { CommandError, exitCodes } from "../exit-codes";
import { openTarget, type Session } from "../session";

export interface BuildOptions {
  /** Default: the only one that the project has. */
  readonly repository: string | undefined;
  /** Relative to the folder that the person is in. */
  readonly context: string;
  /** Default: `Dockerfile` in the context. */
  readonly file: string | undefined;
  /** `NAME=value`, or `NAME` for a value of the environment. */
  readonly buildArguments: readonly string[];
  readonly target: string | undefined;
  /** Default: what the environments run it on. */
  readonly platforms: readonly string[];
  readonly push: boolean;
  readonly allowDirty: boolean;
  readonly json: boolean;
}

/** `build [repository]`: build an image, push it as `build-<commit>`, and print its digest. */
export async function buildCommand(session: Session, options: BuildOptions): Promise<void> {
  const { surroundings, report, interrupts, configuration } = session;
  const { env } = surroundings;
  const repository = repositoryOf(session, options.repository);
  const { context, dockerfile } = filesOf(session, options);
  const buildArguments = argumentsOf(options.buildArguments, env);
  for (const name of Object.keys(buildArguments).filter((name) => /TOKEN|SECRET|PASSWORD|_KEY$/i.test(name))) {
    report.warn(`the build argument ${name} stays readable in the image: pass no secret that way`);
  }
  const { project } = configuration;
  const url = repositoryUrl({ ...project.registry, project: project.name, repository });
  const source = await report.step("read the commit", () =>
    sourceOf({ folder: context, allowDirty: options.allowDirty, env, interrupts }),
  );
  const request: BuildRequest = {
    context,
    dockerfile,
    buildArguments,
    labels: { "org.opencontainers.image.revision": source.commit },
    ...(options.target === undefined ? {} : { target: options.target }),
    platforms: options.platforms.length > 0 ? options.platforms : platformsOf(configuration, repository),
    image: `${url}:${source.tag}`,
  };
  const outcome = options.push
    ? await pushed(session, { repository, source, request })
    : await withBuilder(session, async (builder) => {
        await builder.build(request);
        return { digest: null, built: true };
      });
  tell(session, options, { repository, url, source, request, ...outcome });
}

interface Wanted {
  readonly repository: string;
  readonly source: Source;
  readonly request: BuildRequest;
}

interface Outcome {
  /** null when nothing was pushed. */
  readonly digest: string | null;
  /** Whether it was built now, or was there already. */
  readonly built: boolean;
}

async function pushed(session: Session, { repository, source, request }: Wanted): Promise<Outcome> {
  const { surroundings, report, interrupts } = session;
  const target = await openTarget(session, registryStack);
  const registry = new Registry(surroundings.env, target.region, target.account);
  const look = (): Promise<string | undefined> =>
    interrupts.race(registry.digestOf(`${target.project}/${repository}`, source.tag));

  const present = await report.step(`look for ${source.tag}`, look);
  if (present !== undefined) return { digest: present, built: false };
  return withBuilder(session, async (builder) => {
    await builder.logIn(await interrupts.race(registry.login(serverOf(request.image))));
    const said = await builder.buildAndPush(request).catch(async (error: unknown) => {
      interrupts.check();
      // tags never move: one that is there by now was pushed by another run, of the same commit
      const other = await look();
      if (other === undefined) throw error;
      report.line(`${source.tag} was pushed by another run meanwhile: that one counts`);
      return other;
    });
    const found = await report.step("find it in the registry", look);
    return { digest: insist(found, said, request, target), built: true };
  });
}

/** The registry's word counts; what the builder says it has pushed must not differ. */
function insist(
  found: string | undefined,
  said: string | undefined,
  { image }: BuildRequest,
  { region }: Target,
): string {
  if (found !== undefined && found === (said ?? found)) return found;
  throw new CommandError(
    `the builder says that it pushed ${said ?? "the image"}, and ${image} is ${found ?? "not in the registry"}: see that no mirror or proxy stands between it and ECR in ${region}`,
  );
}

async function withBuilder<T>(session: Session, work: (builder: Builder) => Promise<T>): Promise<T> {
  const { surroundings, report, interrupts } = session;
  const scratch = mkdtempSync(path.join(tmpdir(), "slipway-build-"));
  try {
    return await work(await findBuilder({ env: surroundings.env, interrupts, report, scratch }));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function tell(
  { report }: Session,
  { json }: BuildOptions,
  { repository, url, source, request, digest, built }: Wanted & Outcome & { readonly url: string },
): void {
  const { tag, commit } = source;
  const image = digest === null ? null : `${url}@${digest}`;
  if (!built) report.line(`${tag} is in the registry already: nothing was built`);
  if (json) {
    report.json({ ok: true, repository, tag, commit, digest, image, built, platforms: request.platforms });
  } else if (image === null) report.result(`built ${request.image}; not pushed`);
  else report.result(image);
}

function repositoryOf({ configuration: { project } }: Session, named: string | undefined): string {
  const { repositories } = project;
  const [only, ...others] = repositories;
  if (named === undefined) {
    if (only !== undefined && others.length === 0) return only;
    throw new CommandError(`there are several repositories: name one of ${repositories.join(", ")}`, exitCodes.usage);
  }
  if (repositories.includes(named)) return named;
  throw new CommandError(unknownName("repository", named, repositories), exitCodes.usage);
}

function filesOf({ surroundings }: Session, options: BuildOptions): { context: string; dockerfile: string } {
  // npm runs commands in the project's folder, wherever the person is
  const folder = surroundings.env["INIT_CWD"] ?? surroundings.root;
  const context = path.resolve(folder, options.context);
  const dockerfile = options.file === undefined ? path.join(context, "Dockerfile") : path.resolve(folder, options.file);
  const problems = [
    ...(isThere(context, "folder") ? [] : [`there is no folder ${context}: name one with --context`]),
    ...(isThere(dockerfile, "file") ? [] : [`there is no file ${dockerfile}: name one with --file`]),
  ];
  if (problems.length > 0) throw new CommandError(problems.join("\n"), exitCodes.usage);
  return { context, dockerfile };
}

function isThere(file: string, kind: "file" | "folder"): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return kind === "file" ? found?.isFile() === true : found?.isDirectory() === true;
}

function argumentsOf(
  written: readonly string[],
  env: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const problems: string[] = [];
  const entries = written.map((text): readonly [string, string] => {
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    const value = equals < 0 ? env[name] : text.slice(equals + 1);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      problems.push(`--build-arg must be NAME=value or the NAME of an environment variable, got ${name}`);
    } else if (value === undefined) {
      problems.push(`--build-arg ${name} has no value: write ${name}=..., or set the environment variable`);
    }
    return [name, value ?? ""];
  });
  if (problems.length > 0) throw new CommandError(problems.join("\n"), exitCodes.usage);
  return Object.fromEntries(entries);
}

function serverOf(image: string): string {
  return image.slice(0, image.indexOf("/"));
}
