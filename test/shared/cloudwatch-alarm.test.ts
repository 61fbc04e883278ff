import {
  CloudwatchAlarm,
  evaluationRange,
  stateAfter,
  type AlarmRule,
  type AlarmState,
} from "../support/cloudwatch-alarm";
import { metricMath, type Point } from "../support/metric-math";

const treatments = ["missing", "ignore", "breaching", "notBreaching"] as const;
/** States of a table's row, in the order of `treatments`; `-` keeps the state that there was. */
type Row = readonly [points: string, ...states: readonly [State, State, State, State]];
type State = "OK" | "ALARM" | "INSUFFICIENT_DATA" | "-";

// 0 is a point within the threshold, X one that breaches it, - a missing one; the newest is on the right
const threeOfThree: readonly Row[] = [
  ["0 - X - X", "OK", "OK", "OK", "OK"],
  ["0 - - - -", "OK", "OK", "OK", "OK"],
  ["- - - - -", "INSUFFICIENT_DATA", "-", "ALARM", "OK"],
  ["0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
  ["- - X - -", "ALARM", "-", "ALARM", "OK"],
];
const twoOfThree: readonly Row[] = [
  ["0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
  ["0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"],
  ["0 - X - -", "OK", "OK", "ALARM", "OK"],
  ["- - - - 0", "OK", "OK", "ALARM", "OK"],
  ["- - - X -", "ALARM", "-", "ALARM", "OK"],
];

const pointsOf = (row: string): Point[] =>
  row.split(" ").map((sign) => (sign === "X" ? 1 : sign === "0" ? 0 : undefined));
const ruleOf = (datapoints: number, missing: AlarmRule["missing"]): AlarmRule => ({
  breaches: (value) => value >= 1,
  datapoints,
  of: 3,
  missing,
});

describe("AWS's own tables of missing data", () => {
  const cases = [...threeOfThree.map((row) => [3, ...row] as const), ...twoOfThree.map((row) => [2, ...row] as const)];

  test.each(cases)("%i of 3: %s", (datapoints, points, ...states) => {
    expect(pointsOf(points)).toHaveLength(evaluationRange({ of: 3 }));
    for (const current of ["OK", "ALARM", "INSUFFICIENT_DATA"] satisfies AlarmState[]) {
      const found = treatments.map((missing) => stateAfter(ruleOf(datapoints, missing), pointsOf(points), current));
      expect(found).toEqual(states.map((state) => (state === "-" ? current : state)));
    }
  });

  test.each(["- - - - X", "- - - X -"])("a first bad point alone is no alarm yet: %s", (points) => {
    expect(stateAfter(ruleOf(3, "missing"), pointsOf(points), "OK")).not.toBe("ALARM");
    expect(stateAfter(ruleOf(3, "ignore"), pointsOf(points), "OK")).toBe("OK");
  });

  test("a point that has left the evaluation range no longer counts", () => {
    const range = pointsOf("0 - - - - -").slice(1);
    expect(stateAfter(ruleOf(3, "breaching"), range, "OK")).toBe("ALARM");
  });
});

describe("metric math", () => {
  const series = { m1: [2, 4, undefined, 8], m2: [1, 0, 1, undefined] };
  const gap = undefined;

  test.each<[string, readonly Point[]]>([
    ["m1 + m2", [3, 4, 1, 8]],
    ["m1 - 1 - 1", [0, 2, gap, 6]],
    ["100 * m1 / m2", [200, gap, 0, gap]],
    ["2 + m1 * 2", [6, 10, gap, 18]],
    ["(2 + m1) * 2", [8, 12, gap, 20]],
    ["-m1", [-2, -4, gap, -8]],
    ["m1 >= 4", [0, 1, gap, 1]],
    ["m1 > 2 AND m2 == 0", [0, 1, 0, 0]],
    ["FILL(m1, 0)", [2, 4, 0, 8]],
    ["IF(FILL(m1, 0) > 3, 1, 0)", [0, 1, 0, 1]],
    ["RATE(m1)", [gap, 2 / 60, gap, 4 / 120]],
    ["ABS(m1 - 5)", [3, 1, gap, 3]],
  ])("%s", (expression, expected) => {
    expect(metricMath(expression, series, 60)).toEqual(expected);
  });

  // the examples of AWS's page
  const aws = {
    metric1: [30, 20, 0, 0],
    metric2: [20, gap, 20, gap],
    condition: [1, 1, 0, 0, gap],
    then: [30, gap, 0, 0, 30],
    otherwise: [0, 0, 20, gap, 20],
  };
  test.each<[string, readonly Point[]]>([
    ["metric1 < metric2", [0, 0, 1, 0]],
    ["metric1 >= 30", [1, 0, 0, 0]],
    ["metric1 > 15 AND metric2 > 15", [1, 0, 0, 0]],
    ["IF(condition, then, otherwise)", [30, 0, 20, gap, gap]],
    ["IF(condition, 5, otherwise)", [5, 5, 20, gap, gap]],
    ["IF(condition, then, 5)", [30, 0, 5, 5, gap]],
  ])("as AWS has it: %s", (expression, expected) => {
    expect(metricMath(expression, aws, 60)).toEqual(expected);
  });

  test("what AWS does not say, whether FILL fills a series without any point, can be read both ways", () => {
    const nothing = { m1: [gap, gap] };
    expect(metricMath("FILL(m1, 0)", nothing, 60)).toEqual([0, 0]);
    expect(metricMath("FILL(m1, 0)", nothing, 60, { fillsEmpty: false })).toEqual([gap, gap]);
  });

  test.each(["m3 + 1", "ANOMALY_DETECTION_BAND(m1, 2)", "m1 +", "(m1", "m1 m2", "1 + 1", "FILL(m1, REPEAT)"])(
    "refuses %s",
    (expression) => {
      expect(() => metricMath(expression, series, 60)).toThrow();
    },
  );
});

describe("an alarm as Terraform has it", () => {
  const single = {
    alarm_name: "cpu",
    comparison_operator: "GreaterThanThreshold",
    threshold: 80,
    evaluation_periods: 3,
    datapoints_to_alarm: 2,
    treat_missing_data: "notBreaching",
    namespace: "AWS/ECS",
    metric_name: "CPUUtilization",
    dimensions: { ServiceName: "api" },
  };
  const statesOf = (body: object, minutes: readonly Point[]): readonly AlarmState[] =>
    new CloudwatchAlarm(body).states(() => minutes);

  test.each<[string, number, readonly Point[], readonly AlarmState[]]>([
    ["Average", 60, [0, 90, 90, 0, 0], ["OK", "OK", "ALARM", "ALARM", "OK"]],
    ["Sum", 120, [50, 50, 40, 50, 0, 0], ["OK", "ALARM", "ALARM"]],
    ["Average", 120, [50, 50, 40, 50, 0, 0], ["OK", "OK", "OK"]],
    ["Maximum", 120, [90, 0, undefined, 90], ["OK", "ALARM"]],
    ["Minimum", 120, [90, 0, undefined, 90, 90, 90], ["OK", "OK", "ALARM"]],
  ])("%s of %i seconds", (statistic, period, minutes, expected) => {
    expect(statesOf({ ...single, statistic, period }, minutes)).toEqual(expected);
  });

  test("a percentile, and how many samples there were", () => {
    const minutes = [1, 2, 3, 4, 100, 5, 6, 7, 8, 9];
    const once = { ...single, evaluation_periods: 1, datapoints_to_alarm: 1, period: 600 };
    expect(statesOf({ ...once, extended_statistic: "p90" }, minutes)).toEqual(["OK"]);
    expect(statesOf({ ...once, extended_statistic: "p95" }, minutes)).toEqual(["ALARM"]);
    const samples = { ...once, statistic: "SampleCount", comparison_operator: "LessThanThreshold", threshold: 10 };
    expect(statesOf(samples, minutes)).toEqual(["OK"]);
    expect(statesOf(samples, [...minutes.slice(1), undefined])).toEqual(["ALARM"]);
  });

  test("an expression reads each of its series", () => {
    const metric = (metric_name: string) => ({ metric_name, namespace: "N", stat: "Sum", period: 60 });
    const alarm = new CloudwatchAlarm({
      alarm_name: "errors",
      comparison_operator: "GreaterThanThreshold",
      threshold: 80,
      evaluation_periods: 3,
      datapoints_to_alarm: 2,
      treat_missing_data: "notBreaching",
      metric_query: [
        { id: "rate", expression: "100 * errors / requests", return_data: true },
        { id: "errors", metric: metric("Errors") },
        { id: "requests", metric: metric("Requests") },
      ],
    });
    const minutes: Readonly<Record<string, readonly Point[]>> = {
      Errors: [9, 9, undefined],
      Requests: [10, 10, undefined],
    };
    expect(alarm.states(({ name }) => minutes[name] ?? [])).toEqual(["OK", "ALARM", "ALARM"]);
  });

  test("what it cannot read it refuses", () => {
    expect(() => new CloudwatchAlarm({ ...single, comparison_operator: "GreaterThanUpperThreshold" })).toThrow();
    expect(() => new CloudwatchAlarm({ ...single, threshold: undefined })).toThrow();
    expect(() => statesOf({ ...single, statistic: "IQM", period: 60 }, [1])).toThrow();
  });
});
