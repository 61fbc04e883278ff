import { inspect } from "node:util";

const shown = "(hidden)";

/** A value that must not be seen: it prints as "(hidden)" wherever it is printed, also in JSON and in errors. */
export class Hidden {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one call that needs it. */
  reveal(): string {
    return this.#value;
  }

  /** The text without the value, should it be in it. */
  removeFrom(text: string): string {
    return this.#value === "" ? text : text.replaceAll(this.#value, shown);
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
