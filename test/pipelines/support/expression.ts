/** What an expression of GitHub's `if` is asked in: values by their dotted name. */
export interface ExpressionContext {
  readonly values: Readonly<Record<string, string>>;
  /** Whether everything that is needed has succeeded. */
  readonly succeeded: boolean;
  /** What `hashFiles` sees. Default: no files. */
  readonly hasFile?: (name: string) => boolean;
}

/**
 * The value of a condition, as GitHub evaluates it, for as much of its language as the workflows use. A condition that asks no status
 * function runs only after success.
 */
export function conditionHolds(condition: string | undefined, context: ExpressionContext): boolean {
  if (condition === undefined) return context.succeeded;
  const text = condition.replace(/^\s*\$\{\{/, "").replace(/\}\}\s*$/, "");
  const value = new Parser(text, context).whole();
  const asksStatus = /\b(always|cancelled|failure|success)\(/.test(text);
  return isTrue(value) && (asksStatus || context.succeeded);
}

/** A text with its `${{ }}` filled in. */
export function filledIn(text: string, context: ExpressionContext): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/g, (_, expression: string) =>
    String(new Parser(expression, context).whole()),
  );
}

type Value = string | boolean;

class Parser {
  private readonly tokens: string[];

  constructor(
    private readonly text: string,
    private readonly context: ExpressionContext,
  ) {
    this.tokens = [...text.matchAll(/'(?:[^']|'')*'|[A-Za-z_][\w.-]*|&&|\|\||==|!=|[!(),[\]]/g)].map(
      ([token]) => token,
    );
    if (this.tokens.join("").replaceAll(/\s/g, "") !== text.replaceAll(/\s/g, "")) {
      throw new Error(`cannot read the condition ${text}`);
    }
  }

  whole(): Value {
    const value = this.or();
    if (this.tokens.length > 0) throw new Error(`cannot read the condition ${this.text}`);
    return value;
  }

  private or(): Value {
    let left = this.and();
    while (this.take("||")) {
      const right = this.and();
      left = isTrue(left) ? left : right;
    }
    return left;
  }

  private and(): Value {
    let left = this.compared();
    while (this.take("&&")) {
      const right = this.compared();
      left = isTrue(left) ? right : left;
    }
    return left;
  }

  private compared(): Value {
    const left = this.single();
    if (this.take("==")) return same(left, this.single());
    if (this.take("!=")) return !same(left, this.single());
    return left;
  }

  private single(): Value {
    if (this.take("!")) return !isTrue(this.single());
    if (this.take("(")) {
      const value = this.or();
      this.insist(")");
      return value;
    }
    const token = this.tokens.shift();
    if (token === undefined) throw new Error(`the condition ${this.text} ends too early`);
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (this.take("(")) return this.called(token);
    if (this.take("[")) {
      const name = this.or();
      this.insist("]");
      return this.context.values[`${token}.${name}`] ?? "";
    }
    return this.context.values[token] ?? "";
  }

  private called(name: string): Value {
    const args: Value[] = [];
    while (!this.take(")")) {
      args.push(this.or());
      this.take(",");
    }
    if (name === "cancelled") return false;
    if (name === "startsWith") return String(args[0]).toLowerCase().startsWith(String(args[1]).toLowerCase());
    if (name === "hashFiles") return this.context.hasFile?.(String(args[0])) === true ? "a hash" : "";
    throw new Error(`the function ${name} of the condition ${this.text} is not known`);
  }

  private take(token: string): boolean {
    if (this.tokens[0] !== token) return false;
    this.tokens.shift();
    return true;
  }

  private insist(token: string): void {
    if (!this.take(token)) throw new Error(`${token} is missing in the condition ${this.text}`);
  }
}

function isTrue(value: Value): boolean {
  return value !== false && value !== "";
}

/** GitHub does not tell upper from lower case. */
function same(one: Value, other: Value): boolean {
  return String(one).toLowerCase() === String(other).toLowerCase();
}
