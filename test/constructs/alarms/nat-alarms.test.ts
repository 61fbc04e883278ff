import { natGatewayAlarms, natInstanceAlarms } from "../../../constructs/alarms/nat-alarms";
import { during, lastState } from "../../support/spec-alarm";

const { Ports, Drops } = natGatewayAlarms("nat-1", "a");
const { Down } = natInstanceAlarms("shop-nat");

test("a gateway without ports for a quarter of an hour", () => {
  const refused = (minutes: number): string =>
    lastState(Ports, { ErrorPortAllocation: [...during(20, 0), ...during(minutes, 7)] });
  expect([refused(14), refused(15)]).toEqual(["OK", "ALARM"]);
});

test.each([
  ["nothing at all", 0, 0, "OK"],
  ["one packet of the few of a night", 50, 1, "OK"],
  ["one of ten thousand", 100_000, 10, "OK"],
  ["more than one of ten thousand", 100_000, 11, "ALARM"],
])("a gateway that loses %s", (_, packets, dropped, expected) => {
  const series = {
    PacketsInFromSource: during(10, packets / 2),
    PacketsInFromDestination: during(10, packets / 2),
    PacketsDropCount: during(10, dropped),
  };
  expect(lastState(Drops, series)).toBe(expected);
});

test("an instance may be replaced, but not be gone", () => {
  const gone = (minutes: number, value: number | undefined): string =>
    lastState(Down, { GroupInServiceInstances: [...during(10, 1), ...during(minutes, value)] });
  expect([gone(0, 0), gone(2, 0), gone(5, 0), gone(10, undefined)]).toEqual(["OK", "OK", "ALARM", "ALARM"]);
});
