/** A data point, or none for that period. */
export type Point = number | undefined;
type Series = readonly Point[];
type Value = number | Series;

/** What AWS's page leaves open. */
export interface Reading {
  /** `FILL` also fills a series without a single data point. Default: true. */
  readonly fillsEmpty?: boolean;
}

interface Surroundings extends Required<Reading> {
  readonly periodSec: number;
}

/** Functions that the alarms use; one more is added here, with what AWS's page says of it. */
const functions: Readonly<Record<string, (args: readonly Value[], surroundings: Surroundings) => Value>> = {
  ABS: ([of]) => mapped(of, Math.abs),
  // true without a value is 0, false without one is dropped, and so is a condition that is missing
  IF: ([condition, then, otherwise]) =>
    mapped3(condition, then, otherwise, (c, a, b) => (c === undefined ? undefined : c !== 0 ? (a ?? 0) : b)),
  FILL: ([of, value], { fillsEmpty }) => {
    const points = seriesOf(of);
    if (typeof value !== "number") throw new Error("FILL takes a series and a number");
    const empty = points.every((point) => point === undefined);
    return empty && !fillsEmpty ? points : points.map((point) => point ?? value);
  },
  // change a second since the data point before, which may lie further back than one period
  RATE: ([of], { periodSec }) => {
    const points = seriesOf(of);
    return points.map((point, at) => {
      const before = points.slice(0, at).findLastIndex((one) => one !== undefined);
      const earlier = points[before];
      return point === undefined || earlier === undefined ? undefined : (point - earlier) / ((at - before) * periodSec);
    });
  },
};

/** Binary operators, weakest first. */
const operators: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
  { OR: (a, b) => Number(a !== 0 || b !== 0) },
  { AND: (a, b) => Number(a !== 0 && b !== 0) },
  {
    "==": (a, b) => Number(a === b),
    "!=": (a, b) => Number(a !== b),
    "<=": (a, b) => Number(a <= b),
    ">=": (a, b) => Number(a >= b),
    "<": (a, b) => Number(a < b),
    ">": (a, b) => Number(a > b),
  },
  { "+": (a, b) => a + b, "-": (a, b) => a - b },
  { "*": (a, b) => a * b, "/": (a, b) => a / b },
  { "^": (a, b) => a ** b },
];

/**
 * CloudWatch's metric math over series of the same period, oldest point first, as
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html has it: between two series a missing point
 * is 0 where the other has one, and what divides by zero is dropped.
 *
 * @throws Error on anything that it does not know, so that no alarm passes unread
 */
export function metricMath(
  expression: string,
  seriesById: Readonly<Record<string, Series>>,
  periodSec: number,
  { fillsEmpty = true }: Reading = {},
): Series {
  const tokens = expression.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[<>=!]=|[-+*/^<>(),]|\S/g) ?? [];
  let at = 0;
  const next = (): string => tokens[at++] ?? fail("it ends too early");
  const fail = (why: string): never => {
    throw new Error(`cannot read the expression ${expression}: ${why}`);
  };
  const expect = (token: string): void => {
    const got = next();
    if (got !== token) fail(`${token} is expected, got ${got}`);
  };

  const binary = (level: number): Value => {
    const known = operators[level];
    if (known === undefined) return primary();
    let left = binary(level + 1);
    for (;;) {
      const operator = known[tokens[at] ?? ""];
      if (operator === undefined) return left;
      at += 1;
      left = combined(left, binary(level + 1), operator);
    }
  };
  const primary = (): Value => {
    const token = next();
    if (token === "(") {
      const inner = binary(0);
      expect(")");
      return inner;
    }
    if (token === "-") return mapped(primary(), (point) => -point);
    if (/^\d/.test(token)) return Number(token);
    if (tokens[at] === "(") return call(token);
    return seriesById[token] ?? fail(`${token} is no series`);
  };
  const call = (name: string): Value => {
    const known = functions[name] ?? fail(`${name} is no function that is known here`);
    expect("(");
    const args = [binary(0)];
    while (tokens[at] === ",") {
      at += 1;
      args.push(binary(0));
    }
    expect(")");
    return known(args, { periodSec, fillsEmpty });
  };

  const result = binary(0);
  if (at < tokens.length) fail(`${tokens[at]} is left over`);
  return typeof result === "number" ? fail("it gives a number and no series") : result;
}

function seriesOf(value: Value | undefined): Series {
  if (value === undefined || typeof value === "number") throw new Error("a function is given no series");
  return value;
}

function mapped(value: Value | undefined, change: (point: number) => number): Value {
  if (value === undefined) throw new Error("a function is given nothing");
  if (typeof value === "number") return change(value);
  return value.map((point) => (point === undefined ? undefined : finite(change(point))));
}

/** Two values by an operator; between series there is a point where either has one. */
function combined(left: Value, right: Value, operator: (a: number, b: number) => number): Value {
  if (typeof left === "number" && typeof right === "number") return operator(left, right);
  if (typeof left === "number") return mapped(right, (point) => operator(left, point));
  if (typeof right === "number") return mapped(left, (point) => operator(point, right));
  return left.map((point, at) => {
    const other = right[at];
    return point === undefined && other === undefined ? undefined : finite(operator(point ?? 0, other ?? 0));
  });
}

function mapped3(
  condition: Value | undefined,
  then: Value | undefined,
  otherwise: Value | undefined,
  choose: (c: Point, a: Point, b: Point) => Point,
): Value {
  const at = (value: Value | undefined, index: number): Point => (typeof value === "object" ? value[index] : value);
  return seriesOf(condition).map((point, index) => finite(choose(point, at(then, index), at(otherwise, index))));
}

function finite(point: Point): Point {
  return point === undefined || !Number.isFinite(point) ? undefined : point;
}
