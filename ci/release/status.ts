import type { Service, ServiceEvent, TaskDefinition } from "@aws-sdk/client-ecs";
import { lastPart } from "./arn";

/** How many of a service's events are shown. */
const shownEvents = 3;
/** Characters of a digest that tell images apart. */
const digestCharacters = 12;

/** What is known of a running revision. */
export interface Revision {
  readonly definition: TaskDefinition;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a service runs, in words and numbers. */
export interface ServiceStatus {
  readonly name: string;
  readonly kind: string;
  /** Name of the release; null before the first one. */
  readonly release: string | null;
  /** First characters of the image's digest; null before the first release. */
  readonly digest: string | null;
  /** `<family>:<number>`; null when it cannot be told. */
  readonly revision: string | null;
  /** null for a schedule, which has tasks by the clock. */
  readonly running: number | null;
  readonly desired: number | null;
  /** How the deployment goes, or whether the schedule is on. */
  readonly state: string;
  /** `proven`, `failed`, or `released` while that is open; null before the first release. */
  readonly proof: string | null;
  /** The newest first. */
  readonly events: readonly { readonly at: string; readonly text: string }[];
}

/** Of a service that always runs. */
export function statusOfService(
  { name, kind }: { readonly name: string; readonly kind: string },
  service: Service | undefined,
  revision: Revision | undefined,
): ServiceStatus {
  const primary = service?.deployments?.find(({ status }) => status === "PRIMARY");
  return {
    name,
    kind,
    ...ofRevision(revision, service?.taskDefinition),
    running: service?.runningCount ?? 0,
    desired: service?.desiredCount ?? 0,
    state: stateOf(service, primary?.rolloutState),
    events: (service?.events ?? []).slice(0, shownEvents).map(eventOf),
  };
}

/** Of a service that runs by the clock. */
export function statusOfSchedule(
  name: string,
  schedule: { readonly enabled: boolean; readonly taskDefinitionArn: string } | undefined,
  revision: Revision | undefined,
): ServiceStatus {
  return {
    name,
    kind: "schedule",
    ...ofRevision(revision, schedule?.taskDefinitionArn),
    running: null,
    desired: null,
    state: schedule === undefined ? "missing" : schedule.enabled ? "on" : "off",
    events: [],
  };
}

function ofRevision(
  revision: Revision | undefined,
  arn: string | undefined,
): Pick<ServiceStatus, "release" | "digest" | "revision" | "proof"> {
  const tags = revision?.tags ?? {};
  const digest = tags["slipway:image-digest"];
  return {
    release: tags["slipway:release"] ?? null,
    digest: digest === undefined ? null : digest.replace(/^sha256[:-]?/, "").slice(0, digestCharacters),
    revision: arn === undefined ? null : lastPart(arn),
    proof: tags["slipway:status"] ?? null,
  };
}

function stateOf(service: Service | undefined, rollout: string | undefined): string {
  if (service === undefined) return "missing";
  if (service.status !== "ACTIVE") return (service.status ?? "unknown").toLowerCase();
  return (rollout ?? "unknown").toLowerCase().replaceAll("_", " ");
}

function eventOf({ createdAt, message }: ServiceEvent): { at: string; text: string } {
  return { at: createdAt?.toISOString() ?? "", text: message ?? "" };
}
