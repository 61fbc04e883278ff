import { matches, transformed } from "../support/event-pattern";
import type { Json } from "../support/synth";

// examples of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html and its neighbours
describe("a pattern", () => {
  test.each<[pattern: Json, event: Json, result: boolean]>([
    [{ detail: { state: ["terminated"] } }, { detail: { state: "terminated", more: 1 } }, true],
    [{ detail: { state: ["pending", "terminated"] } }, { detail: { state: "terminated" } }, true],
    [{ detail: { state: ["terminated"] } }, { detail: { state: "running" } }, false],
    [{ detail: { state: ["terminated"] } }, { detail: {} }, false],
    [{ resources: ["a", "b"] }, { resources: ["b", "c"] }, true],
    [{ time: [{ prefix: "2017-10-02" }] }, { time: "2017-10-02T18:43:48Z" }, true],
    [{ time: [{ prefix: "2017-10-02" }] }, { time: "2017-10-03T18:43:48Z" }, false],
    [{ "x-limit": [{ "anything-but": [100, 200, 300] }] }, { "x-limit": 150 }, true],
    [{ "x-limit": [{ "anything-but": [100, 200, 300] }] }, { "x-limit": 200 }, false],
    [{ "x-limit": [{ "anything-but": [100] }] }, {}, false],
    [{ $or: [{ a: [1] }, { b: [2] }] }, { a: 0, b: 2 }, true],
    [{ $or: [{ a: [1] }, { b: [2] }] }, { a: 0, b: 0 }, false],
    [{ c: ["x"], $or: [{ a: [1] }, { b: [2] }] }, { a: 1, c: "y" }, false],
    [
      { employees: { firstName: ["Anna"], lastName: ["Jones"] } },
      { employees: [{ firstName: "Anna", lastName: "Jones" }] },
      true,
    ],
    [
      { employees: { firstName: ["Anna"], lastName: ["Jones"] } },
      {
        employees: [
          { firstName: "Anna", lastName: "Smith" },
          { firstName: "Peter", lastName: "Jones" },
        ],
      },
      false,
    ],
  ])("%j over %j is %j", (pattern, event, result) => {
    expect(matches(pattern, event)).toBe(result);
  });

  test("with an operator that the tests do not know is refused, not waved through", () => {
    expect(() => matches({ a: [{ wildcard: "*" }] }, { a: "b" })).toThrow("do not know the operator wildcard");
  });
});

describe("a template", () => {
  const event = { detail: { instance: "i-0123", count: 2, list: ["a"] } };
  const input_paths = { instance: "$.detail.instance", count: "$.detail.count", list: "$.detail.list[0]" };

  test.each([
    ['"instance <instance> has <count>"', '"instance i-0123 has 2"'],
    ['{"instance": <instance>, "count": <count>}', '{"instance": "i-0123", "count": 2}'],
    ['{"text": "<list> and \\"<instance>\\""}', '{"text": "a and \\"i-0123\\""}'],
  ])("%s becomes %s", (input_template, message) => {
    expect(transformed({ input_paths, input_template }, event)).toBe(message);
  });
});
