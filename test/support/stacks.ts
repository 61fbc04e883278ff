import { readFileSync } from "node:fs";
import { everyStackFile } from "./every-stack-file";
import { type Json, Synthesized } from "./synthesized";

/** Stacks by name, as `cdk.tf.json` has them. */
export type Stacks = Readonly<Record<string, Synthesized>>;

const built = JSON.parse(readFileSync(process.env[everyStackFile] ?? "", "utf8")) as {
  readonly shipped: Readonly<Record<string, Json>>;
  readonly variant: Json;
};

/** What a fork starts with: dev, stage, prod, registry. */
export const shipped: Stacks = Object.fromEntries(
  Object.entries(built.shipped).map(([name, json]) => [name, new Synthesized(json)]),
);

/** The environment that takes the other choice of every union. */
export const variant = new Synthesized(built.variant);

/** Every stack there is, for laws. */
export const everyStack: Stacks = { ...shipped, variants: variant };
