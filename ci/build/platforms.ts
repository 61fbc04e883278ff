import type { Configuration } from "../../environments/checks";

const platformByArchitecture = { arm64: "linux/arm64", x86_64: "linux/amd64" } as const;

/** The platforms that an image of this repository is run on, by the settings of all environments; ARM where nothing runs it yet. */
export function platformsOf({ environments }: Configuration, repository: string): string[] {
  const platforms = Object.values(environments)
    .flatMap(({ services, migrations }) => [...Object.values(services), ...("none" in migrations ? [] : [migrations])])
    .filter((container) => container.repository === repository)
    .map(({ architecture }) => platformByArchitecture[architecture]);
  return platforms.length === 0 ? [platformByArchitecture.arm64] : [...new Set(platforms)].sort();
}
