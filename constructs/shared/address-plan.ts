import { shown } from "./fields";

/** Blocks of one zone. */
export interface ZoneBlocks {
  /** Letter of the zone. */
  readonly zone: string;
  /** For load balancers and NAT: a sixteenth of the VPC. */
  readonly public: string;
  /** For tasks: an eighth of the VPC. */
  readonly private: string;
  /** For databases: a thirty-second of the VPC. */
  readonly isolated: string;
}

export interface AddressPlan {
  /** The half of the VPC that holds the private subnets of all zones, those not in use yet included. */
  readonly privateHalf: string;
  /** Blocks of each zone in use, by letter. */
  readonly zones: readonly ZoneBlocks[];
}

/** Zones that the plan has room for. */
const places = 4;

/**
 * Where each subnet of a VPC lies. The first half is private, the third quarter public, the next eighth isolated, each cut into
 * four places; the last eighth stays free. A zone's place follows from its letter alone (a and e share one, b and f, ...), so
 * neither order nor number of zones moves a subnet: adding one only adds.
 */
export function addressPlan(cidr: string, zones: readonly string[]): AddressPlan {
  const { first, prefix } = parsed(cidr);
  const size = sizeOf(prefix);
  const block = (tierStart: number, place: number, shorter: number): string =>
    `${written(first + size * tierStart + sizeOf(prefix + shorter) * place)}/${prefix + shorter}`;
  return {
    privateHalf: block(0, 0, 1),
    zones: [...zones].sort().map((zone) => ({
      zone,
      private: block(0, placeOf(zone), 3),
      public: block(1 / 2, placeOf(zone), 4),
      isolated: block(3 / 4, placeOf(zone), 5),
    })),
  };
}

/** Why there is no plan for these addresses and zones, one sentence each; empty when there is. */
export function addressPlanProblems(cidr: string, zones: readonly string[]): string[] {
  return [...cidrProblems(cidr), ...zoneProblems(zones)];
}

/** Whether two blocks have an address in common. */
export function overlaps(one: string, other: string): boolean {
  const [a, b] = [parsed(one), parsed(other)];
  const size = sizeOf(Math.min(a.prefix, b.prefix));
  return Math.floor(a.first / size) === Math.floor(b.first / size);
}

function cidrProblems(cidr: string): string[] {
  const { octets, first, prefix } = parsed(cidr);
  if (octets.some((octet) => octet > 255)) {
    return [`cidr must be made of numbers up to 255, got ${shown(cidr)}: write an address that exists`];
  }
  const start = first - (first % sizeOf(prefix));
  if (start === first) return [];
  return [`cidr must start where its block starts, got ${shown(cidr)}: did you mean ${written(start)}/${prefix}?`];
}

function zoneProblems(zones: readonly string[]): string[] {
  return zones.flatMap((zone, i) =>
    zones
      .slice(0, i)
      .filter((earlier) => earlier !== zone && placeOf(earlier) === placeOf(zone))
      .map(
        (earlier) =>
          `zones must not hold both ${earlier} and ${zone}, which share a place in the address plan, got ${shown(zones)}: replace one by a letter that is not four apart from another`,
      ),
  );
}

function placeOf(zone: string): number {
  return (zone.charCodeAt(0) - "a".charCodeAt(0)) % places;
}

/** Plain numbers, not bits: JavaScript's bit operators are signed, and an address may have its highest bit set. */
function parsed(cidr: string): { readonly octets: readonly number[]; readonly first: number; readonly prefix: number } {
  const [address = "", prefix] = cidr.split("/");
  const octets = address.split(".").map(Number);
  return { octets, first: octets.reduce((sum, octet) => sum * 256 + octet, 0), prefix: Number(prefix) };
}

function written(address: number): string {
  return [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(address / unit) % 256).join(".");
}

function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}
