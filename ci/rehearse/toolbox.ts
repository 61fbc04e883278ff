import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { CommandError, exitCodes } from "../exit-codes";
import type { Report } from "../report";
import { type Engine, engineText, findEngine } from "../terraform/engine";
import type { Interrupts } from "../terraform/interrupts";
import { Terraform } from "../terraform/terraform";
import { cacheFolder } from "../tools/cache-folder";
import { openTofu } from "../tools/opentofu";
import { configureProvider, findProvider } from "../tools/provider-mirror";
import { findPython } from "../tools/python";
import type { Python } from "../tools/python-packages";
import { neutral, proxies } from "./variables";

/** The provider version that the rehearsal is known to pass with; SLIPWAY_REHEARSAL_PROVIDER_VERSION replaces it. */
export const knownProviderVersion = "5.100.0";

/** What all rehearsals of a run share. */
export interface Toolbox {
  readonly engine: Engine;
  readonly python: Python;
  readonly providerVersion: string;
  /** What makes the engine find the provider. */
  readonly providerEnv: Readonly<Record<string, string>>;
}

export interface ToolboxRequest {
  readonly env: Readonly<Record<string, string>>;
  /** The project's folder. */
  readonly root: string;
  /** Folder of this run. */
  readonly directory: string;
  readonly report: Report;
  readonly interrupts: Interrupts;
  /** Default: the user's. */
  readonly home?: string;
}

/** Folder of the emulator, in the project. */
export function emulatorFolder(root: string): string {
  return path.join(root, "test", "emulator");
}

/** Find or fetch everything that a rehearsal runs, and say which versions those are. */
export async function openToolbox(request: ToolboxRequest): Promise<Toolbox> {
  const { env, root, report, interrupts, home = os.homedir() } = request;
  const cache = cacheFolder(env, home);
  const providerVersion = versionOf(env["SLIPWAY_REHEARSAL_PROVIDER_VERSION"]);
  const { signal } = interrupts;

  const engine = await findEngine({ env, fallback: () => openTofu({ cache, report, signal }) });
  const providerEnv = await providerOf(request, engine, providerVersion, cache, home);
  const python = await findPython({ env, emulator: emulatorFolder(root), cache, report, signal });
  return { engine, python, providerVersion, providerEnv };
}

/**
 * Make the engine find the provider; fetch it, once for all that follows, where no mirror has it.
 *
 * @throws CommandError when it cannot be had
 */
export async function providerOf(
  { env, root, directory, report, interrupts }: ToolboxRequest,
  engine: Engine,
  version: string,
  cache: string,
  home: string,
): Promise<Readonly<Record<string, string>>> {
  const plugins = path.join(cache, "plugins");
  const provider = findProvider({ env, home, root, version, cache: plugins });
  const configured = await configureProvider({ engine, provider, version, directory, cache: plugins, env, home });
  report.line(`${engineText(engine)}, provider hashicorp/aws ${version} from ${configured.origin}`);

  // once before the rehearsals start side by side: a download that they share, and the one place to fail
  const trial = path.join(directory, "provider");
  mkdirSync(trial, { recursive: true });
  const settings = { terraform: { required_providers: { aws: { source: "hashicorp/aws", version } } } };
  writeFileSync(path.join(trial, "main.tf.json"), JSON.stringify(settings));
  // a registry that answers late is asked again: https://developer.hashicorp.com/terraform/cli/config/environment-variables
  const patient = { TF_REGISTRY_CLIENT_TIMEOUT: "60", TF_REGISTRY_DISCOVERY_RETRY: "5" };
  const all = { ...neutral(env), ...proxies(env), ...patient, ...configured.env };
  try {
    await report.step("get the provider", () =>
      new Terraform({ engine, directory: trial, env: all, report, interrupts }).init(),
    );
  } catch (error) {
    interrupts.check();
    throw new CommandError(
      `provider hashicorp/aws ${version} cannot be had from ${configured.origin} (${messageOf(error)}): name a filesystem mirror ` +
        "that has it with SLIPWAY_PROVIDER_MIRROR, or another version with SLIPWAY_REHEARSAL_PROVIDER_VERSION",
    );
  }
  if (provider !== undefined) return configured.env;
  // it is here now: else Terraform asks the registry which versions there are, in every folder of every rehearsal
  const kept = findProvider({ env, home, root, version, cache: plugins });
  if (kept === undefined) return configured.env;
  const own = path.join(directory, "kept");
  return (await configureProvider({ engine, provider: kept, version, directory: own, cache: plugins, env, home })).env;
}

function versionOf(value: string | undefined): string {
  if (value === undefined || value === "") return knownProviderVersion;
  if (/^\d+\.\d+\.\d+$/.test(value)) return value;
  throw new CommandError(
    `SLIPWAY_REHEARSAL_PROVIDER_VERSION must be an exact version such as ${knownProviderVersion}, got "${value}"`,
    exitCodes.usage,
  );
}

/** In one line, without the list form of several problems. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.replace(/\s*\n\s*(- )?/g, " ");
  return line.length > 300 ? `${line.slice(0, 297)}...` : line;
}
