import type { EC2Client, Vpc } from "@aws-sdk/client-ec2";
import { clientSettings } from "./client-settings";

/** Addresses and networks that an account has in a region. */
export interface NetworkCount {
  /** All that there are. */
  readonly all: number;
  /** Those of one environment. */
  readonly own: number;
}

/** What EC2 says of a region, and of what is in use there. The client is loaded when it is needed: it is the largest of all. */
export class Regions {
  private loaded: EC2Client | undefined;

  constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly region: string,
  ) {}

  /** Whether the account may use the region; new ones have to be switched on. */
  async isEnabled(): Promise<boolean> {
    const { DescribeRegionsCommand } = await import("@aws-sdk/client-ec2");
    const { Regions: found = [] } = await (
      await this.client()
    ).send(new DescribeRegionsCommand({ RegionNames: [this.region], AllRegions: true }));
    return found.some(({ OptInStatus }) => OptInStatus !== "not-opted-in");
  }

  /** Letters of the zones that the account sees there. */
  async zones(): Promise<readonly string[]> {
    const { DescribeAvailabilityZonesCommand } = await import("@aws-sdk/client-ec2");
    const query = { Filters: [{ Name: "zone-type", Values: ["availability-zone"] }] };
    const { AvailabilityZones = [] } = await (await this.client()).send(new DescribeAvailabilityZonesCommand(query));
    return AvailabilityZones.flatMap(({ ZoneName }) => (ZoneName === undefined ? [] : [ZoneName.slice(-1)])).sort();
  }

  async networks(tags: Readonly<Record<string, string>>): Promise<NetworkCount> {
    const { DescribeVpcsCommand } = await import("@aws-sdk/client-ec2");
    const { Vpcs = [] } = await (await this.client()).send(new DescribeVpcsCommand({}));
    return counted(Vpcs, tags);
  }

  async addresses(tags: Readonly<Record<string, string>>): Promise<NetworkCount> {
    const { DescribeAddressesCommand } = await import("@aws-sdk/client-ec2");
    const { Addresses = [] } = await (await this.client()).send(new DescribeAddressesCommand({}));
    return counted(Addresses, tags);
  }

  private async client(): Promise<EC2Client> {
    const { EC2Client } = await import("@aws-sdk/client-ec2");
    this.loaded ??= new EC2Client(clientSettings(this.env, this.region, "EC2"));
    return this.loaded;
  }
}

function counted(items: readonly Pick<Vpc, "Tags">[], wanted: Readonly<Record<string, string>>): NetworkCount {
  const isOwn = ({ Tags = [] }: Pick<Vpc, "Tags">): boolean =>
    Object.entries(wanted).every(([key, value]) => Tags.some(({ Key, Value }) => Key === key && Value === value));
  return { all: items.length, own: items.filter(isOwn).length };
}
