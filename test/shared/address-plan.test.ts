import fc from "fast-check";
import { addressPlan, addressPlanProblems, overlaps, type AddressPlan } from "../../constructs/shared/address-plan";

const letters = ["a", "b", "c", "d", "e", "f", "g", "h"] as const;
const place = (zone: string): number => letters.indexOf(zone as "a") % 4;

/** A block of a private range on its own boundary. */
const cidrs = fc
  .record({ prefix: fc.integer({ min: 16, max: 22 }), at: fc.integer({ min: 0, max: 2 ** 24 - 1 }) })
  .map(({ prefix, at }) => {
    const start = at - (at % 2 ** (32 - prefix));
    return `10.${Math.floor(start / 65536)}.${Math.floor(start / 256) % 256}.${start % 256}/${prefix}`;
  });

/** Letters that may stand together, in any order. */
const zones = fc.shuffledSubarray([...letters], { minLength: 1 }).map((all) => {
  const taken = new Set<number>();
  return all.filter((zone) => !taken.has(place(zone)) && taken.add(place(zone)));
});

const blocksOf = ({ zones: all }: AddressPlan): string[] =>
  all.flatMap((zone) => [zone.public, zone.private, zone.isolated]);

test("a /16 is cut as documented", () => {
  expect(addressPlan("10.10.0.0/16", ["a", "b"])).toEqual({
    privateHalf: "10.10.0.0/17",
    zones: [
      { zone: "a", private: "10.10.0.0/19", public: "10.10.128.0/20", isolated: "10.10.192.0/21" },
      { zone: "b", private: "10.10.32.0/19", public: "10.10.144.0/20", isolated: "10.10.200.0/21" },
    ],
  });
});

test("the smallest VPC still has subnets that a load balancer takes", () => {
  expect(addressPlan("192.168.4.0/22", ["d"]).zones).toEqual([
    { zone: "d", private: "192.168.5.128/25", public: "192.168.6.192/26", isolated: "192.168.7.96/27" },
  ]);
});

test("addresses with their highest bit set are numbers like others", () => {
  expect(addressPlan("192.168.0.0/16", ["c"]).zones[0]).toMatchObject({ private: "192.168.64.0/19" });
});

test("no two subnets overlap, and all are inside the VPC and leave its last eighth free", () => {
  fc.assert(
    fc.property(cidrs, zones, (cidr, some) => {
      const blocks = blocksOf(addressPlan(cidr, some));
      expect(blocks).toHaveLength(some.length * 3);
      for (const [i, block] of blocks.entries()) {
        expect(overlaps(block, cidr)).toBe(true);
        expect(Number(block.split("/")[1])).toBeGreaterThan(Number(cidr.split("/")[1]));
        expect(blocks.slice(i + 1).filter((other) => overlaps(block, other))).toEqual([]);
      }
    }),
  );
});

test("the private half holds the private subnets and no other", () => {
  fc.assert(
    fc.property(cidrs, zones, (cidr, some) => {
      const plan = addressPlan(cidr, some);
      for (const zone of plan.zones) {
        expect(overlaps(plan.privateHalf, zone.private)).toBe(true);
        expect(overlaps(plan.privateHalf, zone.public) || overlaps(plan.privateHalf, zone.isolated)).toBe(false);
      }
    }),
  );
});

test("adding a zone moves none, whatever the order", () => {
  fc.assert(
    fc.property(cidrs, zones, (cidr, some) => {
      const all = addressPlan(cidr, some);
      const fewer = addressPlan(cidr, some.slice(0, -1).reverse());
      expect(all.zones).toEqual(expect.arrayContaining([...fewer.zones]));
      expect(all.privateHalf).toBe(fewer.privateHalf);
    }),
  );
});

test("a block overlaps itself, what is in it and what it is in, and no neighbour", () => {
  expect(overlaps("10.0.0.0/16", "10.0.0.0/16")).toBe(true);
  expect(overlaps("10.0.0.0/16", "10.0.255.0/24")).toBe(true);
  expect(overlaps("10.0.255.0/24", "10.0.0.0/16")).toBe(true);
  expect(overlaps("10.0.0.0/16", "10.1.0.0/16")).toBe(false);
  expect(overlaps("10.0.0.0/17", "10.0.128.0/17")).toBe(false);
});

describe("problems", () => {
  test("there are none where a plan exists", () => {
    fc.assert(fc.property(cidrs, zones, (cidr, some) => expect(addressPlanProblems(cidr, some)).toEqual([])));
  });

  test.each([
    [
      "10.300.0.0/16",
      ["a", "b"],
      ['cidr must be made of numbers up to 255, got "10.300.0.0/16": write an address that exists'],
    ],
    [
      "10.0.5.0/16",
      ["a", "b"],
      ['cidr must start where its block starts, got "10.0.5.0/16": did you mean 10.0.0.0/16?'],
    ],
    [
      "192.168.9.0/22",
      ["a", "b"],
      ['cidr must start where its block starts, got "192.168.9.0/22": did you mean 192.168.8.0/22?'],
    ],
    [
      "10.0.0.0/16",
      ["a", "b", "e"],
      [
        'zones must not hold both a and e, which share a place in the address plan, got ["a","b","e"]: replace one by a letter that is not four apart from another',
      ],
    ],
    [
      "10.0.5.0/16",
      ["f", "b"],
      [
        'cidr must start where its block starts, got "10.0.5.0/16": did you mean 10.0.0.0/16?',
        'zones must not hold both f and b, which share a place in the address plan, got ["f","b"]: replace one by a letter that is not four apart from another',
      ],
    ],
  ])("%s in %j", (cidr, some, sentences) => {
    expect(addressPlanProblems(cidr, some)).toEqual(sentences);
  });
});
