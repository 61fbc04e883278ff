import * as z from "zod";
import type { TaskDefinition } from "../aws/ecs";

const platform = z.object({ os: z.string(), architecture: z.string() });
const index = z.object({ manifests: z.array(z.object({ platform: platform.optional() })) });
const single = z.object({ config: z.object({ digest: z.string() }) });

/** What a manifest says of where its image runs: the platforms of an index, or where to look for that of a single image. */
export type ManifestPlatforms =
  { readonly platforms: readonly string[] } | { readonly configDigest: string } | { readonly unknown: true };

export function manifestPlatforms(manifest: string): ManifestPlatforms {
  const value = parsed(manifest);
  const list = index.safeParse(value);
  if (list.success) {
    const platforms = list.data.manifests.flatMap(({ platform: found }) =>
      found === undefined ? [] : platformText(found),
    );
    // attestations are of no platform, and are listed as of an unknown one
    return { platforms: platforms.filter((text) => !text.startsWith("unknown/")) };
  }
  const one = single.safeParse(value);
  return one.success ? { configDigest: one.data.config.digest } : { unknown: true };
}

/** The platform in the configuration of a single image; none when it is not told. */
export function configPlatform(config: string): string | undefined {
  const { success, data } = platform.safeParse(parsed(config));
  return success ? platformText(data) : undefined;
}

/** The platform that tasks of a definition run on. */
export function neededPlatform({ runtimePlatform }: TaskDefinition): string {
  return runtimePlatform?.cpuArchitecture === "ARM64" ? "linux/arm64" : "linux/amd64";
}

function platformText({ os, architecture }: z.infer<typeof platform>): string {
  return `${os}/${architecture}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
