import { getEventListeners } from "node:events";
import { PassThrough } from "node:stream";
import { InterruptedError } from "../../ci/exit-codes";
import { Prompts } from "../../ci/prompts";

/** Somebody who types `typed` as soon as a question is asked. */
function prompts(signal: AbortSignal, typed: string, isTTY = true): Prompts {
  const stdin = new PassThrough();
  const write = (text: string): void => {
    if (text === "name: ") setImmediate(() => stdin.end(typed));
  };
  if (!isTTY) stdin.end(typed);
  return new Prompts({ env: {}, root: "/", stdin, stdout: { write }, stderr: { write }, isTTY }, signal);
}

test.each([
  ["a word", (asked: Prompts) => asked.ask("name: ", "pass --name"), true],
  ["a secret on a terminal", (asked: Prompts) => asked.secret("name: "), true],
  ["a secret from standard input", (asked: Prompts) => asked.secret("name: "), false],
])("%s that was given waits for no signal any more", async (_, ask, isTTY) => {
  const { signal } = new AbortController();
  await expect(ask(prompts(signal, "shop\n", isTTY))).resolves.toBe("shop");
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test.each([
  ["while it is asked", (abort: () => void) => void setImmediate(abort)],
  ["before it is asked", (abort: () => void) => abort()],
])("a question ends with the signal that comes %s", async (_, schedule) => {
  const controller = new AbortController();
  schedule(() => controller.abort());
  const open = new Prompts(
    {
      env: {},
      root: "/",
      stdin: new PassThrough(),
      stdout: { write: () => {} },
      stderr: { write: () => {} },
      isTTY: true,
    },
    controller.signal,
  );
  await expect(open.ask("name: ", "pass --name")).rejects.toThrow(InterruptedError);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});
