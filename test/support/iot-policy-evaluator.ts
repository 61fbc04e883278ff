/** A policy of AWS IoT or of IAM, as far as it is understood here. */
export interface PolicyDocument {
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** What AWS knows when it decides: values by policy variable. */
export type PolicyContext = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
  readonly context?: PolicyContext;
}

const elements = new Set(["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"]);

/**
 * Whether AWS would let a request through: a denial wins, and what nobody allows is refused.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 * @throws Error on anything that it does not know, so that no policy passes unread
 */
export function isAllowed({ Statement }: PolicyDocument, request: PolicyRequest): boolean {
  const effects = Statement.filter((statement) => applies(statement, request)).map(({ Effect }) => Effect);
  return effects.includes("Allow") && !effects.includes("Deny");
}

function applies(statement: PolicyStatement, { action, resource, context = {} }: PolicyRequest): boolean {
  for (const element of Object.keys(statement)) {
    if (!elements.has(element)) throw new Error(`the element ${element} of a statement is not known here`);
  }
  const { Action, NotAction, Resource, NotResource } = statement;
  const acts = (patterns: string | readonly string[]): boolean =>
    listOf(patterns).some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase(), {}));
  const touches = (patterns: string | readonly string[]): boolean =>
    listOf(patterns).some((pattern) => matches(pattern, resource, context));
  return (
    chosen(Action, NotAction, acts) &&
    chosen(Resource, NotResource, touches) &&
    Object.entries(statement.Condition ?? {}).every(([operator, wanted]) =>
      Object.entries(wanted).every(([key, values]) => holds(operator, context[key], listOf(values), context)),
    )
  );
}

/** One of a pair such as Action and NotAction: what it lists, or everything else. */
function chosen(
  these: string | readonly string[] | undefined,
  others: string | readonly string[] | undefined,
  holds: (patterns: string | readonly string[]) => boolean,
): boolean {
  if (these !== undefined && others === undefined) return holds(these);
  if (others !== undefined && these === undefined) return !holds(others);
  throw new Error("a statement has either an element or its opposite");
}

type Test = (given: string, wanted: string, context: PolicyContext) => boolean;

const equal: Test = (given, wanted, context) => replaced(wanted, context) === given;

/** Operators, and what a key without a value means: nothing is equal to anything, and different from everything. */
const operators: Readonly<Record<string, { readonly test: Test; readonly negated: boolean }>> = {
  ArnEquals: { test: (given, wanted, context) => matches(wanted, given, context), negated: false },
  Bool: { test: (given, wanted) => given.toLowerCase() === wanted.toLowerCase(), negated: false },
  StringEquals: { test: equal, negated: false },
  StringLike: { test: (given, wanted, context) => matches(wanted, given, context), negated: false },
  StringNotEquals: { test: equal, negated: true },
  StringNotLike: { test: (given, wanted, context) => matches(wanted, given, context), negated: true },
};

function holds(
  operator: string,
  given: PolicyContext[string],
  wanted: readonly string[],
  context: PolicyContext,
): boolean {
  const [, quantifier, name = ""] = /^(?:(ForAllValues|ForAnyValue):)?(\w+)$/.exec(operator) ?? [];
  if (name === "Null") return wanted.every((want) => (given === undefined) === (want === "true"));
  const known = operators[name];
  if (known === undefined) throw new Error(`the operator ${operator} of a condition is not known here`);
  const one = (value: string): boolean => wanted.some((want) => known.test(value, want, context)) !== known.negated;
  const values = given === undefined ? [] : listOf(given);
  if (quantifier === "ForAllValues") return values.every(one);
  if (quantifier === "ForAnyValue") return values.some(one);
  const [value, ...others] = values;
  if (others.length > 0) throw new Error(`${operator} compares one value, got ${values.length}`);
  return value === undefined ? known.negated : one(value);
}

/**
 * `*` is any text, across the levels of a topic, and `?` one character; `+` and `#` are themselves. What a variable stands for is
 * taken as it is.
 */
function matches(pattern: string, text: string, context: PolicyContext): boolean {
  const parts = partsOf(pattern).map((part) => {
    if ("variable" in part) {
      const value = valueOf(part.variable, context);
      return value === undefined ? undefined : escaped(value);
    }
    return escaped(part.text).replaceAll("\\*", "[\\s\\S]*").replaceAll("\\?", "[\\s\\S]");
  });
  return parts.every((part) => part !== undefined) && expressionOf(parts.join("")).test(text);
}

const expressions = new Map<string, RegExp>();

/** Thousands of calls are held against the same few hundred patterns. */
function expressionOf(source: string): RegExp {
  const known = expressions.get(source) ?? new RegExp(`^${source}$`);
  expressions.set(source, known);
  return known;
}

/** Text with its variables replaced; none where one of them has no value. */
function replaced(text: string, context: PolicyContext): string | undefined {
  const parts = partsOf(text).map((part) => ("variable" in part ? valueOf(part.variable, context) : part.text));
  return parts.every((part) => part !== undefined) ? parts.join("") : undefined;
}

function partsOf(text: string): ({ readonly text: string } | { readonly variable: string })[] {
  return text.split(/(\$\{[^}]*\})/).map((part) => {
    const variable = /^\$\{([^}]*)\}$/.exec(part)?.[1];
    return variable === undefined ? { text: part } : { variable };
  });
}

function valueOf(variable: string, context: PolicyContext): string | undefined {
  if (["*", "?", "$"].includes(variable)) return variable;
  const value = context[variable];
  if (value !== undefined && typeof value !== "string") throw new Error(`the variable ${variable} has several values`);
  return value;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
