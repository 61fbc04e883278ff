import buildEveryStack from "../../support/every-stack";
import { Machine } from "./machine";

/** Runs once, before all workers: two must not fetch the provider into Terraform's cache at the same time, which it does not bear. */
export default async function beforeAllFiles(): Promise<void> {
  buildEveryStack();
  const machine = await Machine.open("before-all");
  machine.close();
}
