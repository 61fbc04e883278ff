import * as z from "zod";

/** A value as a person would type it, short enough for a sentence. */
export function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Message of a rule: what must be, what came, and the way out when the rule alone does not say it. */
function must(rule: string, fix?: string) {
  return ({ input }: { readonly input?: unknown }): string =>
    `must be ${rule}, got ${shown(input)}${fix === undefined ? "" : `: ${fix}`}`;
}

/** A whole number from `min` to `max`, both allowed. */
export function whole(min: number, max: number, unit?: string) {
  const error = must(`a whole number from ${min} to ${max}${unit === undefined ? "" : ` ${unit}`}`);
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A number above 0, at most `max`. */
export function above0(max: number, unit: string) {
  const error = must(`a number above 0 and at most ${max} ${unit}`);
  return z.number({ error }).positive({ error }).max(max, { error });
}

/** A whole number that is one of `values`. */
export function wholeOf<const T extends readonly number[]>(values: T, unit?: string) {
  return z.literal(values, { error: must(`one of ${values.join(", ")}${unit === undefined ? "" : ` ${unit}`}`) });
}

/** One word of `words`. */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words, { error: must(`one of ${words.map((word) => `"${word}"`).join(", ")}`) });
}

/** Text of a form; `form` completes "must be". */
export function text(form: string, pattern: RegExp, fix?: string) {
  const error = must(form, fix);
  return z.string({ error }).regex(pattern, { error });
}

/** A command as a list of words, which no shell takes apart. */
export function command() {
  const error = must('a list of words, such as ["npm", "run", "migrate"]');
  return z.array(z.string(), { error }).min(1, { error });
}

/** `true` or `false`. */
export function flag() {
  return z.boolean({ error: must("true or false") });
}

/** A list of values that are all different. */
export function distinct<T extends z.ZodType>(item: T, what: string, min = 0, max = 1000) {
  const error = must(`a list of ${min === 0 ? `at most ${max}` : `${min} to ${max}`} ${what}`);
  return z
    .array(item, { error })
    .min(min, { error })
    .max(max, { error })
    .refine((items) => new Set(items.map((i) => JSON.stringify(i))).size === items.length, {
      error: must(`a list in which nothing stands twice`),
    });
}

/** A name that ends up in AWS names and in paths: lower-case words joined by single hyphens. */
export function slug(max: number) {
  return text(
    `lower-case letters, digits and single hyphens, starting with a letter, at most ${max} characters`,
    new RegExp(`^(?=.{1,${max}}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$`),
  );
}

/** A choice against a safe default, with the reason that reviewers and the documentation will read. */
export const declined = z.strictObject({
  none: z.literal(true, { error: must("true") }),
  /** Why; it ends up next to the resource that is missing. */
  because: text("a reason of at least 10 characters", /^[\s\S]{10,}$/),
});

/** Retention that CloudWatch Logs accepts. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const logRetentionDays = wholeOf(
  [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
  "days",
);

/** A rule between fields: which ones it reads, and the sentences where it is broken, by the field to blame. */
export interface Rule<T> {
  /** The rule is not asked while one of these is itself wrong or missing. */
  readonly reads: readonly (keyof T & string)[];
  readonly problems: (value: T) => readonly (readonly [field: string, sentence: string])[];
}

/**
 * Rules between the fields of an object. zod skips its own refinements as soon as any field is wrong; a person wants all
 * problems at once, so a rule is asked whenever the fields that it reads are right.
 */
export function rules<T extends object>(...all: readonly Rule<T>[]): z.core.$ZodCheck<T> {
  const check = (payload: z.core.ParsePayload<T>): void => {
    // a value that is no object at all has been told of
    if (typeof payload.value !== "object") return;
    const wrong = new Set(payload.issues.map((issue) => issue.path?.[0]));
    for (const rule of all) {
      if (rule.reads.some((field) => wrong.has(field))) continue;
      for (const [field, message] of rule.problems(payload.value)) {
        payload.issues.push({ code: "custom", path: [...field.split(".")], message, input: payload.value });
      }
    }
  };
  return {
    _zod: { check, def: { check: "custom", when: () => true }, onattach: [] },
  };
}
