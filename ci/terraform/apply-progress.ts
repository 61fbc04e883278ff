import { durationText, type Report } from "../report";
import type { ResourceEvent, UiEvent } from "./ui-stream";

/** A resource that takes this long gets a line of its own. */
const longSeconds = 20;

const done: Readonly<Record<string, string>> = { create: "created", update: "changed", delete: "deleted" };

/** Turns the events of an apply into what a person wants to see: how far it is, and what it waits for. */
export class ApplyProgress {
  private readonly waiting = new Map<string, ResourceEvent>();
  private finished = 0;
  private total = 0;

  constructor(private readonly report: Report) {}

  take(event: UiEvent): void {
    if (event.kind === "planned") this.total += event.steps;
    if (event.kind !== "resource") return;
    this.resource(event.event);
    this.report.progress(this.text());
  }

  private resource(event: ResourceEvent): void {
    const { address, action, phase, seconds } = event;
    if (phase === "start" || phase === "progress") {
      this.waiting.set(address, event);
      return;
    }
    this.waiting.delete(address);
    if (phase === "errored") {
      this.report.line(`failed to ${action} ${address} after ${durationText(seconds * 1000)}`);
      return;
    }
    this.finished += 1;
    if (seconds >= longSeconds)
      this.report.line(`${done[action] ?? action} ${address} (${durationText(seconds * 1000)})`);
  }

  private text(): string {
    const [slowest] = [...this.waiting.values()].sort((a, b) => b.seconds - a.seconds);
    const more = this.waiting.size > 1 ? ` and ${this.waiting.size - 1} more` : "";
    const waits = slowest === undefined ? "" : `, waiting for ${slowest.address}${more}`;
    return `${this.finished}${this.total > 0 ? ` of ${this.total}` : ""} done${waits}`;
  }
}
