import { loadBalancerAlarms } from "../../../constructs/alarms/load-balancer-alarms";
import { during, lastState } from "../../support/spec-alarm";

const { Errors, RejectedConnections } = loadBalancerAlarms({ arnSuffix: "app/shop/1" });

describe("errors of the load balancer", () => {
  const state = (requests: number | undefined, errors: number | undefined): string =>
    lastState(Errors, { RequestCount: during(10, requests), HTTPCode_ELB_5XX_Count: during(10, errors) });

  test.each([
    ["nobody asks", undefined, undefined, "OK"],
    ["all is well", 1000, undefined, "OK"],
    ["one of thousand fails", 1000, 1, "OK"],
    ["one of ten fails", 1000, 111, "ALARM"],
    // requests that reach no task are not counted as requests
    ["no task is there for anybody", undefined, 500, "ALARM"],
    ["no task is there for the two who ask", undefined, 2, "ALARM"],
    ["no task is there for the one who asks", undefined, 1, "OK"],
  ])("when %s", (_, requests, errors, expected) => {
    expect(state(requests, errors)).toBe(expected);
  });

  test("end with the errors", () => {
    const series = {
      RequestCount: during(20, 100),
      HTTPCode_ELB_5XX_Count: [...during(10, 50), ...during(10, undefined)],
    };
    expect(lastState(Errors, series)).toBe("OK");
  });
});

test("connections that are turned away twice in five minutes", () => {
  const rejected = (...minutes: (number | undefined)[]): string =>
    lastState(RejectedConnections, { RejectedConnectionCount: [...during(10, undefined), ...minutes] });
  expect([rejected(), rejected(3), rejected(3, undefined, 1)]).toEqual(["OK", "OK", "ALARM"]);
});
