import type * as Typescript from "typescript";
import { CommandError, exitCodes } from "../exit-codes";

/** Plain data, as a project consists of. */
export type Data = string | number | boolean | readonly Data[] | { readonly [key: string]: Data };

type Compiler = typeof Typescript;

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly by: string;
}

/** Longest line of the project's own format. */
const lineWidth = 120;

/**
 * The object `project` of environments/project.ts, as text and as a value. A change replaces the values that differ and nothing
 * else: comments and the order of fields stay as the fork has them.
 */
export class ProjectFile {
  private constructor(
    private readonly ts: Compiler,
    readonly text: string,
    private readonly literal: Typescript.ObjectLiteralExpression,
    /** What the file says. */
    readonly value: Readonly<Record<string, Data>>,
  ) {}

  /** @throws CommandError when it is not written out as plain data */
  static async read(text: string): Promise<ProjectFile> {
    // it takes a third of a second to load, which no other command should pay for
    return ProjectFile.parse((await import("typescript")).default, text);
  }

  private static parse(ts: Compiler, text: string): ProjectFile {
    const source = ts.createSourceFile("project.ts", text, ts.ScriptTarget.Latest, true);
    const [literal] = source.statements
      .filter(ts.isVariableStatement)
      .flatMap(({ declarationList }) => [...declarationList.declarations])
      .filter(({ name }) => name.getText() === "project")
      .map(({ initializer }) => (initializer === undefined ? undefined : bare(ts, initializer)));
    const value = literal === undefined ? undefined : dataOf(ts, literal);
    if (literal === undefined || !ts.isObjectLiteralExpression(literal) || !isRecord(value)) {
      throw new CommandError(
        "environments/project.ts must hold `export const project = { ... }` in plain values to be changed by a command: change it by hand",
        exitCodes.usage,
      );
    }
    return new ProjectFile(ts, text, literal, value);
  }

  /** The file with other values in these fields; a field that is not there yet comes last. */
  with(changes: Readonly<Record<string, Data>>): ProjectFile {
    // from the end, so that places before stay; of two at one place the later one first
    const edits = this.editsOf(this.literal, changes).reverse();
    edits.sort((a, b) => b.from - a.from);
    const text = edits.reduce((so, { from, to, by }) => `${so.slice(0, from)}${by}${so.slice(to)}`, this.text);
    return ProjectFile.parse(this.ts, text);
  }

  private editsOf(object: Typescript.ObjectLiteralExpression, changes: Readonly<Record<string, Data>>): Edit[] {
    const { ts } = this;
    const properties = object.properties.filter(ts.isPropertyAssignment);
    const found = Object.entries(changes).map(([key, wanted]) => ({
      key,
      wanted,
      property: properties.find(({ name }) => keyOf(ts, name) === key),
    }));
    const missing = found.flatMap(({ key, wanted, property }) =>
      property === undefined ? [[key, wanted] as const] : [],
    );
    return [
      ...found.flatMap(({ property, wanted }) => (property === undefined ? [] : this.changeOf(property, wanted))),
      ...(missing.length === 0 ? [] : this.additionOf(object, missing)),
    ];
  }

  private changeOf({ initializer }: Typescript.PropertyAssignment, wanted: Data): Edit[] {
    const { ts, text } = this;
    const current = bare(ts, initializer);
    if (same(dataOf(ts, current), wanted)) return [];
    // field by field where nothing has to go, so that comments between the lines stay
    if (isRecord(wanted) && ts.isObjectLiteralExpression(current) && current.getText().includes("\n")) {
      if (keysOf(ts, current).every((key) => key in wanted)) return this.editsOf(current, wanted);
    }
    const from = current.getStart();
    const used = from - text.lastIndexOf("\n", from - 1) - 1;
    return [{ from, to: current.getEnd(), by: literalOf(wanted, indentOf(text, from), used) }];
  }

  /** Behind the last field, and behind what is said of it on its line. */
  private additionOf(object: Typescript.ObjectLiteralExpression, fields: readonly (readonly [string, Data])[]): Edit[] {
    const { ts, text } = this;
    const { properties } = object;
    const last = properties.at(-1);
    const comma = last === undefined || properties.hasTrailingComma ? [] : [insertion(last.getEnd(), ",")];
    const at = ts.getTrailingCommentRanges(text, properties.end)?.at(-1)?.end ?? properties.end;
    const indent = last === undefined ? indentOf(text, object.getStart()) + 2 : indentOf(text, last.getStart());
    const lines = fields.map(([key, wanted]) => {
      const start = `${" ".repeat(indent)}${literalOfKey(key)}: `;
      return `\n${start}${literalOf(wanted, indent, start.length)},`;
    });
    return [...comma, insertion(at, lines.join(""))];
  }
}

/** Without `as const`, `satisfies` and brackets around it. */
function bare(ts: Compiler, expression: Typescript.Expression): Typescript.Expression {
  return ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isParenthesizedExpression(expression)
    ? bare(ts, expression.expression)
    : expression;
}

/** What an expression is, if it is plain data. */
function dataOf(ts: Compiler, expression: Typescript.Expression): Data | undefined {
  const node = bare(ts, expression);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isArrayLiteralExpression(node)) {
    const items = node.elements.map((element) => dataOf(ts, element));
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  const entries: [string, Data][] = [];
  for (const property of node.properties) {
    const key = ts.isPropertyAssignment(property) ? keyOf(ts, property.name) : undefined;
    const value = ts.isPropertyAssignment(property) ? dataOf(ts, property.initializer) : undefined;
    if (key === undefined || value === undefined) return undefined;
    entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

function keysOf(ts: Compiler, { properties }: Typescript.ObjectLiteralExpression): string[] {
  return properties.map(({ name }) => (name === undefined ? undefined : keyOf(ts, name)) ?? "");
}

function keyOf(ts: Compiler, name: Typescript.PropertyName): string | undefined {
  return ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : undefined;
}

/** On one line where it fits behind `used` characters, with a comma after it; else a line for each part. */
function literalOf(value: Data, indent: number, used: number): string {
  const short = shortLiteralOf(value);
  if (used + short.length + 1 <= lineWidth || typeof value !== "object") return short;
  const inner = " ".repeat(indent + 2);
  const parts = isRecord(value)
    ? Object.entries(value).map(([key, field]) => {
        const start = `${inner}${literalOfKey(key)}: `;
        return `${start}${literalOf(field, indent + 2, start.length)}`;
      })
    : value.map((item) => `${inner}${literalOf(item, indent + 2, indent + 2)}`);
  const [open, close] = isRecord(value) ? ["{", "}"] : ["[", "]"];
  return `${open}\n${parts.join(",\n")},\n${" ".repeat(indent)}${close}`;
}

function shortLiteralOf(value: Data): string {
  if (typeof value !== "object") return JSON.stringify(value);
  if (!isRecord(value)) return `[${value.map(shortLiteralOf).join(", ")}]`;
  const fields = Object.entries(value).map(([key, field]) => `${literalOfKey(key)}: ${shortLiteralOf(field)}`);
  return `{ ${fields.join(", ")} }`;
}

function insertion(at: number, by: string): Edit {
  return { from: at, to: at, by };
}

/** Spaces at the start of the line of a place. */
function indentOf(text: string, at: number): number {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  return (/^ */.exec(text.slice(start)) ?? [""])[0].length;
}

function literalOfKey(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key);
}

function same(a: Data | undefined, b: Data): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Its fields; none where it is something else, or nothing. */
export function recordOf(value: Data | undefined): Readonly<Record<string, Data>> {
  return isRecord(value) ? value : {};
}

/** Whether it is an object with fields. */
function isRecord(value: Data | undefined): value is Readonly<Record<string, Data>> {
  return typeof value === "object" && !Array.isArray(value);
}
