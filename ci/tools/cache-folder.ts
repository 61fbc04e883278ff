import path from "node:path";

/** Where things are kept that can be fetched again: `slipway` in the user's cache folder. */
export function cacheFolder(env: Readonly<Record<string, string>>, home: string): string {
  const base = env["XDG_CACHE_HOME"];
  // the XDG rules: a relative path does not count
  return path.join(base !== undefined && path.isAbsolute(base) ? base : path.join(home, ".cache"), "slipway");
}
