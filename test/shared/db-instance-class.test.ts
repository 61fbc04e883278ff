import { dbInstanceClass, dbInstanceFamilies, maxConnections } from "../../constructs/shared/db-instance-class";

const GIB = 1024 ** 3;

test.each([
  ["t4g.micro", 1, 2, 12],
  ["t3.2xlarge", 32, 8, 192],
  ["m7g.large", 8, 2, undefined],
  ["r6i.24xlarge", 768, 96, undefined],
  ["x2iedn.xlarge", 128, 4, undefined],
])("%s has %i GiB and %i vCPUs", (name, gib, vcpus, creditsPerHour) => {
  expect(dbInstanceClass(name)).toMatchObject({ memoryBytes: gib * GIB, vcpus, creditsPerHour });
});

test.each(["t4g.4xlarge", "t4g", "m7g.huge", "z9.large", "m7g.micro"])("%s is no class that is known", (name) => {
  expect(dbInstanceClass(name)).toBeUndefined();
});

test("every family has a size, and no disk is slower for being larger", () => {
  for (const family of dbInstanceFamilies) {
    const bursts = ["large", "xlarge", "2xlarge"].map((size) => dbInstanceClass(`${family}.${size}`)?.burstsToDisk);
    expect(bursts).not.toContain(undefined);
    expect(bursts).toEqual([...bursts].sort((a, b) => Number(b) - Number(a)));
  }
});

test.each([
  ["t4g.micro", undefined, 82],
  ["t4g.small", undefined, 187],
  ["r7g.16xlarge", undefined, 5000],
  ["t4g.micro", "40", 40],
  ["m7g.large", "{DBInstanceClassMemory/100000000}", 77],
  ["m7g.large", "LEAST({DBInstanceClassMemory/9531392},100)", 100],
])("a %s with max_connections %s takes %i connections", (name, parameter, expected) => {
  expect(maxConnections(dbInstanceClass(name)!, parameter)).toBe(expected);
});
