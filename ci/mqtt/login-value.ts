import { randomInt } from "node:crypto";
import * as z from "zod";
import { Hidden } from "../hidden";

/** What a client logs in with. */
export interface Login {
  readonly name: string;
  readonly password: Hidden;
}

/** What Amazon MQ takes for a password; anything else was put there by somebody else. */
const password = z
  .string()
  .min(12)
  .max(250)
  .refine((text) => !/[,:=]/.test(text) && new Set(text).size >= 4);
const schema = z.object({ username: z.string().min(2), password });

/** The value of a client's secret: services read its two fields as variables. */
export function loginValue({ name, password: hidden }: Login): Hidden {
  return new Hidden(JSON.stringify({ username: name, password: hidden.reveal() }));
}

/** The login in a value; none when the broker would not take it. */
export function loginIn(value: Hidden): Login | undefined {
  const { success, data } = schema.safeParse(parsed(value.reveal()));
  return success ? { name: data.username, password: new Hidden(data.password) } : undefined;
}

const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 190 bits: nobody guesses it, and nothing that reads it has to quote it. */
const length = 32;

/** A password that nobody has seen. */
export function newPassword(): Hidden {
  for (;;) {
    const text = Array.from({ length }, () => characters[randomInt(characters.length)]).join("");
    if (password.safeParse(text).success) return new Hidden(text);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // the error would quote the value
    return undefined;
  }
}
