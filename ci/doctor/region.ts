import { type Finding, right, wrong } from "./finding";

export interface RegionQuestion {
  readonly region: string;
  /** Letters of the zones that the environment uses. */
  readonly zones: readonly string[];
  readonly regions: { isEnabled(): Promise<boolean>; zones(): Promise<readonly string[]> };
}

/** Whether the account may use the region, and has the zones there that the environment wants. */
export async function lookAtRegion({ region, zones, regions }: RegionQuestion): Promise<readonly Finding[]> {
  if (!(await regions.isEnabled())) {
    const fix = `switch it on, which takes some minutes: aws account enable-region --region-name ${region}`;
    return [wrong("region", `${region} is off in this account`, fix)];
  }
  if (zones.length === 0) return [right("region", `${region} is on`)];
  const there = await regions.zones();
  const missing = zones.filter((zone) => !there.includes(zone));
  return missing.length === 0
    ? [right("region", `${region} is on, with zones ${zones.join(", ")}`)]
    : [
        wrong(
          "region",
          `this account has no zone ${missing.join(", ")} in ${region}`,
          `choose network.zones from ${there.join(", ")}`,
        ),
      ];
}
