import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { CommandError, exitCodes } from "../exit-codes";
import type { Engine } from "../terraform/engine";
import { thisMachine } from "./opentofu";

const run = promisify(execFile);

/** The AWS provider on this machine: an unpacked folder, or the archive as it was released. */
export interface ProviderFiles {
  readonly path: string;
  readonly packed: boolean;
}

export interface ProviderSearch {
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  /** The project: Terraform looks for `terraform.d/plugins` where it is run. */
  readonly root: string;
  readonly version: string;
  /** Of a mirror that an earlier run has filled. Default: none. */
  readonly cache?: string;
  /** Folders whose children may be mirrors. Default: /opt and /usr/share. */
  readonly parents?: readonly string[];
  /** Default: this machine's. */
  readonly platform?: { readonly os: string; readonly arch: string };
}

/**
 * The provider in the first place that has it: the mirror that SLIPWAY_PROVIDER_MIRROR names, those of the user's CLI
 * configuration, the local directories that Terraform knows by itself, folders one level under /opt and /usr/share that are laid
 * out the same way. None: it comes from the registry.
 *
 * @throws CommandError when SLIPWAY_PROVIDER_MIRROR names a folder without this version
 */
export function findProvider(search: ProviderSearch): ProviderFiles | undefined {
  const { env, version } = search;
  const platform = platformText(search.platform ?? thisMachine());
  const named = env["SLIPWAY_PROVIDER_MIRROR"];
  if (named !== undefined && named !== "") {
    const found = inMirror(path.resolve(search.root, named), version, platform);
    if (found !== undefined) return found;
    throw new CommandError(
      `SLIPWAY_PROVIDER_MIRROR names ${named}, which has no hashicorp/aws ${version} for ${platform}: correct or unset it, ` +
        "or choose a version that is there with SLIPWAY_REHEARSAL_PROVIDER_VERSION",
      exitCodes.usage,
    );
  }
  for (const mirror of [...configuredMirrors(search), ...impliedMirrors(search), ...neighbouringMirrors(search)]) {
    const found = inMirror(mirror, version, platform);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `<mirror>/<registry host>/hashicorp/aws/`, unpacked by version and platform or packed; whatever the host is called. */
function inMirror(mirror: string, version: string, platform: string): ProviderFiles | undefined {
  for (const host of childrenOf(mirror).filter((name) => name.includes("."))) {
    const folder = path.join(mirror, host, "hashicorp", "aws");
    const unpacked = path.join(folder, version, platform);
    if (childrenOf(unpacked).some((file) => file.startsWith(`terraform-provider-aws_v${version}`))) {
      return { path: unpacked, packed: false };
    }
    const archive = path.join(folder, `terraform-provider-aws_${version}_${platform}.zip`);
    if (existsSync(archive)) return { path: archive, packed: true };
  }
  return undefined;
}

function configuredMirrors({ env, home }: ProviderSearch): string[] {
  const file = userConfiguration(env, home);
  return file === undefined ? [] : mirrorsIn(readFileSync(file, "utf8"));
}

/** The user's CLI configuration, if there is one; the file that TF_CLI_CONFIG_FILE names may not exist. */
export function userConfiguration(env: Readonly<Record<string, string>>, home: string): string | undefined {
  const named = env["TF_CLI_CONFIG_FILE"] ?? "";
  const candidates = named === "" ? [path.join(home, ".terraformrc"), path.join(home, ".tofurc")] : [named];
  return candidates.find((file) => existsSync(file));
}

/** Paths of the filesystem mirrors of a CLI configuration, in HCL or in JSON. */
export function mirrorsIn(configuration: string): string[] {
  // a text such as "*/*/*" holds what looks like a comment
  const bare = configuration.replace(
    /("(?:[^"\\]|\\.)*")|\/\*[\s\S]*?\*\/|(?:#|\/\/).*$/gm,
    (_, text?: string) => text ?? "",
  );
  const blocks = bare.matchAll(/filesystem_mirror"?[\s:=[]*\{([^}]*)\}/g);
  return [...blocks].flatMap(([, body = ""]) => {
    const found = /\bpath"?\s*[:=]\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1];
    return found === undefined ? [] : [found.replace(/\\(.)/g, "$1")];
  });
}

/** https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories */
function impliedMirrors({ env, home, root, cache }: ProviderSearch): string[] {
  const data = (env["XDG_DATA_DIRS"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
  const shares = data.length > 0 ? data : ["/usr/local/share", "/usr/share"];
  return [
    path.join(root, "terraform.d", "plugins"),
    path.join(home, ".terraform.d", "plugins"),
    path.join(env["XDG_DATA_HOME"] ?? path.join(home, ".local", "share"), "terraform", "plugins"),
    path.join(home, "Library", "Application Support", "io.terraform", "plugins"),
    ...shares.map((share) => path.join(share, "terraform", "plugins")),
    ...(cache === undefined ? [] : [cache]),
  ];
}

function neighbouringMirrors({ parents = ["/opt", "/usr/share"] }: ProviderSearch): string[] {
  return parents.flatMap((parent) => childrenOf(parent).map((name) => path.join(parent, name)));
}

export interface CliConfiguration {
  /** What Terraform needs to find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the provider comes from, for people. */
  readonly origin: string;
}

export interface CliConfigurationRequest {
  readonly engine: Engine;
  readonly provider: ProviderFiles | undefined;
  readonly version: string;
  /** Folder that is thrown away after the run. */
  readonly directory: string;
  /** Where a provider from the registry is kept for the next run. */
  readonly cache: string;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
}

/**
 * Make the engine take the provider from `provider`. Terraform and OpenTofu each look under the name of their own registry, so a
 * private mirror links the files to where this engine looks, whoever they were laid out for.
 */
export async function configureProvider(request: CliConfigurationRequest): Promise<CliConfiguration> {
  const { engine, provider, version, directory, cache, env, home } = request;
  const file = path.join(directory, "cli.tfrc");
  mkdirSync(directory, { recursive: true });
  if (provider === undefined) {
    mkdirSync(cache, { recursive: true });
    // without a lock file the plugin cache is used only on request
    const plugins = { TF_PLUGIN_CACHE_DIR: cache, TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: "1" };
    const own = userConfiguration(env, home);
    if (own === undefined) writeFileSync(file, "disable_checkpoint = true\n");
    // the user's own configuration may know a network mirror or the credentials of a registry
    return { env: { ...plugins, TF_CLI_CONFIG_FILE: own ?? file }, origin: "the registry" };
  }
  const mirror = path.join(directory, "mirror");
  const folder = path.join(mirror, await registryHostOf(engine, env, path.join(directory, "host")), "hashicorp", "aws");
  const link = provider.packed
    ? path.join(folder, path.basename(provider.path))
    : path.join(folder, version, path.basename(provider.path));
  mkdirSync(path.dirname(link), { recursive: true });
  symlinkSync(provider.path, link);
  writeFileSync(file, mirrorConfiguration(mirror));
  return { env: { TF_CLI_CONFIG_FILE: file }, origin: provider.path };
}

/** Only the AWS provider comes from the mirror: what else a project may use is still found where it was. */
function mirrorConfiguration(mirror: string): string {
  return `disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(mirror)}
    include = ["hashicorp/aws"]
  }
  direct {
    exclude = ["hashicorp/aws"]
  }
}
`;
}

/** The name under which an engine looks for providers; it tells when asked what a configuration requires. */
async function registryHostOf(engine: Engine, env: Readonly<Record<string, string>>, scratch: string): Promise<string> {
  mkdirSync(scratch, { recursive: true });
  const settings = { terraform: { required_providers: { aws: { source: "hashicorp/aws" } } } };
  writeFileSync(path.join(scratch, "main.tf.json"), JSON.stringify(settings));
  const { stdout } = await run(engine.path, ["providers"], {
    cwd: scratch,
    env: { PATH: env["PATH"], HOME: scratch, CHECKPOINT_DISABLE: "1" },
  });
  const host = /provider\[([^/\]]+)\/hashicorp\/aws\]/.exec(stdout)?.[1];
  if (host === undefined) throw new CommandError(`${engine.path} does not say where it looks for providers`);
  return host;
}

function platformText({ os, arch }: { readonly os: string; readonly arch: string }): string {
  return `${os}_${arch}`;
}

function childrenOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
