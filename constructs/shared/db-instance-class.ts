/** What alarms need to know of an RDS instance class. */
export interface DbInstanceClass {
  readonly memoryBytes: number;
  readonly vcpus: number;
  /** CPU credits that a burstable class earns in an hour; undefined for the others. */
  readonly creditsPerHour: number | undefined;
  /** Whether its way to the disk is faster for half an hour than all day, and so runs on credits. */
  readonly burstsToDisk: boolean;
  /** Whether it has a disk of its own, where PostgreSQL puts temporary tables. */
  readonly hasLocalDisk: boolean;
}

interface Family {
  readonly gibPerVcpu: number;
  /** vCPUs of the largest size whose way to the disk runs on credits. */
  readonly burstUpToVcpus: number;
  readonly hasLocalDisk?: true;
}

const GIB = 1024 ** 3;

/**
 * Burstable classes: vCPUs, memory in GiB, credits an hour. t3 and t4g do not differ in these.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html
 */
const burstable: Readonly<Record<string, readonly [vcpus: number, gib: number, creditsPerHour: number]>> = {
  micro: [2, 1, 12],
  small: [2, 2, 24],
  medium: [2, 4, 24],
  large: [2, 8, 36],
  xlarge: [4, 16, 96],
  "2xlarge": [8, 32, 192],
};

/**
 * The other families that RDS for PostgreSQL 14 to 18 runs on: memory by the vCPU, and up to where the disk runs on credits (the
 * sizes with an asterisk).
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ebs-optimized.html
 */
const families: Readonly<Record<string, Family>> = {
  m5: { gibPerVcpu: 4, burstUpToVcpus: 8 },
  m5d: { gibPerVcpu: 4, burstUpToVcpus: 8, hasLocalDisk: true },
  m6g: { gibPerVcpu: 4, burstUpToVcpus: 8 },
  m6gd: { gibPerVcpu: 4, burstUpToVcpus: 8, hasLocalDisk: true },
  m6i: { gibPerVcpu: 4, burstUpToVcpus: 16 },
  m6id: { gibPerVcpu: 4, burstUpToVcpus: 16, hasLocalDisk: true },
  m7g: { gibPerVcpu: 4, burstUpToVcpus: 16 },
  m7i: { gibPerVcpu: 4, burstUpToVcpus: 16 },
  m8g: { gibPerVcpu: 4, burstUpToVcpus: 16 },
  m8gd: { gibPerVcpu: 4, burstUpToVcpus: 16, hasLocalDisk: true },
  r5: { gibPerVcpu: 8, burstUpToVcpus: 8 },
  r5b: { gibPerVcpu: 8, burstUpToVcpus: 8 },
  r5d: { gibPerVcpu: 8, burstUpToVcpus: 8, hasLocalDisk: true },
  r6g: { gibPerVcpu: 8, burstUpToVcpus: 8 },
  r6gd: { gibPerVcpu: 8, burstUpToVcpus: 8, hasLocalDisk: true },
  r6i: { gibPerVcpu: 8, burstUpToVcpus: 16 },
  r6id: { gibPerVcpu: 8, burstUpToVcpus: 16, hasLocalDisk: true },
  r7g: { gibPerVcpu: 8, burstUpToVcpus: 16 },
  r7i: { gibPerVcpu: 8, burstUpToVcpus: 16 },
  r8g: { gibPerVcpu: 8, burstUpToVcpus: 16 },
  r8gd: { gibPerVcpu: 8, burstUpToVcpus: 16, hasLocalDisk: true },
  x2g: { gibPerVcpu: 16, burstUpToVcpus: 8 },
  x2idn: { gibPerVcpu: 16, burstUpToVcpus: 0, hasLocalDisk: true },
  x2iedn: { gibPerVcpu: 32, burstUpToVcpus: 16, hasLocalDisk: true },
};

/** Families that `dbInstanceClass` knows. */
export const dbInstanceFamilies: readonly string[] = ["t3", "t4g", ...Object.keys(families)];

/** A class such as `t4g.micro`, without `db.`; undefined for a family or size that is not known. */
export function dbInstanceClass(name: string): DbInstanceClass | undefined {
  const [familyName = "", size = ""] = name.split(".");
  if (familyName === "t3" || familyName === "t4g") {
    const [vcpus, gib, creditsPerHour] = burstable[size] ?? [];
    if (vcpus === undefined || gib === undefined) return undefined;
    return { vcpus, memoryBytes: gib * GIB, creditsPerHour, burstsToDisk: true, hasLocalDisk: false };
  }
  const family = families[familyName];
  const vcpus = vcpusOf(size);
  if (family === undefined || vcpus === undefined) return undefined;
  return {
    vcpus,
    memoryBytes: vcpus * family.gibPerVcpu * GIB,
    creditsPerHour: undefined,
    burstsToDisk: vcpus <= family.burstUpToVcpus,
    hasLocalDisk: family.hasLocalDisk ?? false,
  };
}

/** `large` has 2, `xlarge` 4, and `<n>xlarge` n times that. */
function vcpusOf(size: string): number | undefined {
  if (size === "large") return 2;
  const [, times] = /^(\d*)xlarge$/.exec(size) ?? [];
  return times === undefined ? undefined : 4 * (times === "" ? 1 : Number(times));
}

/**
 * How many connections PostgreSQL accepts: `max_connections` as the parameters have it, or RDS's own
 * `LEAST({DBInstanceClassMemory/9531392},5000)`.
 *
 * `DBInstanceClassMemory` is less than what the class is sold with, by what the operating system and RDS keep: a t4g.micro takes
 * about 81 connections and not 112. AWS does not say how much less; this takes a little more off than instances of all sizes
 * were seen to lack, so that an alarm below it comes before the limit and not after it.
 */
export function maxConnections({ memoryBytes }: DbInstanceClass, parameter: string | undefined): number {
  if (parameter !== undefined && /^\d+$/.test(parameter)) return Number(parameter);
  const available = memoryBytes * 0.93 - 200 * 1024 ** 2;
  const divisor = /DBInstanceClassMemory\s*\/\s*(\d+)/.exec(parameter ?? "")?.[1] ?? "9531392";
  const most = /\bLEAST\b.*,\s*(\d+)/i.exec(parameter ?? "")?.[1] ?? "5000";
  return Math.min(Math.floor(available / Number(divisor)), Number(most));
}
