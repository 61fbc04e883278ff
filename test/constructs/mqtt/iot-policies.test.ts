import { devicePolicy, serverStatements, serverClientPrefix } from "../../../constructs/mqtt/iot-policies";
import { answers, iotTable } from "../../support/iot-policy-table";

describe("the table", () => {
  test.each(iotTable.map((row) => [row.who, row.does, row.what, row.allowed ? "may" : "may not", row] as const))(
    "%s: %s %s (%s)",
    (_who, _does, _what, _may, row) => {
      expect(answers(row)).toEqual([row.allowed, row.allowed]);
    },
  );

  test("no line stands twice, and both answers are tried for whoever may do anything", () => {
    const lines = iotTable.map(({ who, does, what }) => `${who} ${does} ${what}`);
    expect(new Set(lines).size).toBe(lines.length);
    for (const who of ["dev's meter", "prod's meter", "dev's server", "prod's server"]) {
      const given = new Set(iotTable.filter((row) => row.who === who).map(({ allowed }) => allowed));
      expect([who, given.size]).toEqual([who, 2]);
    }
  });
});

const place = { region: "eu-west-1", account: "123456789012", environment: "dev" };
const statements = [...devicePolicy({ ...place, thingType: "shop-dev-device" }).Statement, ...serverStatements(place)];

describe("as they stand", () => {
  test("no statement names every action, every resource, or another account's", () => {
    expect(statements).toHaveLength(8);
    for (const { Action, Resource } of statements) {
      for (const action of Action) expect(action).toMatch(/^iot:(Connect|Publish|Subscribe|Receive)$/);
      for (const resource of Resource) {
        expect(resource).toMatch(/^arn:aws:iot:eu-west-1:123456789012:(client|topic|topicfilter)\//);
        expect(resource.split("/").slice(1).join("/")).toMatch(
          /^(dev-server-|dev\/devices\/|\$share\/\*\/dev\/devices\/|\$\{iot:Connection\.Thing\.ThingName\}$)/,
        );
      }
    }
  });

  test("every statement for devices asks for an attached thing of the environment's type", () => {
    const policy = devicePolicy({ ...place, thingType: "shop-dev-device" });
    for (const { Condition } of policy.Statement) {
      expect(Condition).toEqual({
        Bool: { "iot:Connection.Thing.IsAttached": "true" },
        StringEquals: { "iot:Connection.Thing.ThingTypeName": "shop-dev-device" },
      });
    }
  });

  test("with the longest names there are it fits AWS's 2,048 characters", () => {
    const environment = "e".repeat(10);
    const policy = devicePolicy({
      region: "ap-southeast-1",
      account: place.account,
      environment,
      thingType: `${"p".repeat(16)}-${environment}-device`,
    });
    expect(JSON.stringify(policy).length).toBeLessThanOrEqual(2048);
  });

  test("services have client ids that start with the environment's server", () => {
    expect(serverClientPrefix("dev")).toBe("dev-server-");
    expect(serverStatements(place)[0]?.Resource).toEqual(["arn:aws:iot:eu-west-1:123456789012:client/dev-server-*"]);
  });
});
