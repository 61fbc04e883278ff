import Table from "cli-table3";
import { type EnvironmentStatus, readStatus } from "../release/read-status";
import type { ServiceStatus } from "../release/status";
import { openWork } from "../release/work";
import type { Session } from "../session";

export interface StatusOptions {
  readonly environment: string;
  readonly json: boolean;
}

/** `status <environment>`: what runs, how its deployments go, and what rings. It judges nothing: the exit code is 0. */
export async function statusCommand(session: Session, { environment, json }: StatusOptions): Promise<void> {
  const { report, interrupts, configuration } = session;
  const work = await openWork(session, environment);
  const status = await report.step("read what runs", () =>
    interrupts.race(readStatus(work, Object.keys(configuration.environments))),
  );
  if (json) report.json({ ok: true, environment, ...status });
  else report.result(textOf(environment, status));
}

function textOf(environment: string, { services, lock, alarms }: EnvironmentStatus): string {
  const table = new Table({
    head: ["service", "release", "image", "revision", "tasks", "deployment", "proof"],
    style: { head: [], border: [] },
  });
  for (const { name, release, digest, revision, running, desired, state, proof } of services) {
    const tasks = running === null || desired === null ? "by the clock" : `${running} of ${desired}`;
    table.push([name, release ?? "none", digest ?? "", revision ?? "", tasks, state, proof ?? ""]);
  }
  return [
    services.length === 0 ? `${environment} has no services` : table.toString(),
    lock === null ? "no release is running" : `a release is running: ${lock}`,
    alarms.length === 0 ? "no alarm rings" : `alarms that ring: ${alarms.join(", ")}`,
    ...services.flatMap(eventLines),
  ].join("\n");
}

function eventLines({ name, events }: ServiceStatus): string[] {
  return events.length === 0 ? [] : [`events of ${name}:`, ...events.map(({ at, text }) => `  ${at} ${text}`)];
}
