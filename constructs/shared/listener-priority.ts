import { createHash } from "node:crypto";
import { shown } from "./fields";

/** Which requests a service takes. */
export interface Route {
  /** Exact host name, or `*.` and a domain; undefined for any. */
  readonly host?: string | undefined;
  /** Path prefix without a slash at its end, or `/`. */
  readonly path: string;
}

/** What the routes of an environment are made of. */
type Routed = { readonly kind: "web"; readonly route: Route } | { readonly kind: "worker" | "schedule" };

const HIGHEST_PRIORITY = 50_000;
const MAX_PATH_PARTS = 7;
const MAX_WILDCARD_LABELS = 5;
/** Longest pattern that a condition takes. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html */
const MAX_PATTERN = 128;
/** Longest first name of a certificate. https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html */
const MAX_CERTIFICATE_NAME = 64;

// an exact host, then wildcards of 5, 4, 3 and 2 labels, then any host
const HOST_RANKS = 6;
const BANDS = HOST_RANKS * (MAX_PATH_PARTS + 1);
const SLOTS = Math.floor(HIGHEST_PRIORITY / BANDS);

/**
 * Priority of a service's rule among those that are taken. The load balancer asks rules in the order of their priorities and
 * stops at the first that fits, so the more exact route has to come first: each kind of host has eight bands of priorities, one
 * per number of parts of a path. Within a band only order of arrival matters to nobody, so a service's own name says where in it
 * it stands: a service that comes behind the others in the file never moves their rules.
 */
export function priorityOf(service: string, route: Route, taken: ReadonlySet<number>): number {
  const start = bandOf(route) * SLOTS + 1;
  const first = createHash("sha256").update(service).digest().readUInt32BE(0) % SLOTS;
  for (let step = 0; step < SLOTS; step += 1) {
    const priority = start + ((first + step) % SLOTS);
    if (!taken.has(priority)) return priority;
  }
  throw new Error(`there are no more than ${SLOTS} routes like ${shown(route)}`);
}

/**
 * Why requests could not be told apart, or hosts not be served; one sentence each, beginning with the field.
 *
 * `domain` is the environment's own name, `zone` the hosted zone that may hold names beside it.
 */
export function routeProblems(
  services: Readonly<Record<string, Routed>>,
  domain: string | undefined,
  zone: string | undefined = domain,
): string[] {
  const routes = Object.entries(services).flatMap(([name, service]) =>
    service.kind === "web" ? [{ name, at: `services.${name}.route`, route: service.route }] : [],
  );
  return [
    ...certificateProblems(domain),
    ...routes.flatMap(({ at, route }) => [
      ...pathProblems(at, route.path),
      ...(route.host === undefined ? [] : hostProblems(at, route.host, zone)),
    ]),
    ...routes.flatMap(({ name, at, route }, i) =>
      routes
        .slice(0, i)
        .filter((other) => other.route.host === route.host && other.route.path === route.path)
        .map(
          (other) =>
            `${at} must differ from that of ${other.name}, got ${shown(route)}: give ${name} another path or host`,
        ),
    ),
  ];
}

function bandOf({ host, path }: Route): number {
  return hostRank(host) * (MAX_PATH_PARTS + 1) + (MAX_PATH_PARTS - partsOf(path));
}

function hostRank(host: string | undefined): number {
  if (host === undefined) return HOST_RANKS - 1;
  return host.startsWith("*.") ? 1 + MAX_WILDCARD_LABELS - wildcardLabels(host) : 0;
}

/** `*.example.com` has two. A wildcard stands for any number of labels, so the longer one is the more exact one. */
function wildcardLabels(host: string): number {
  return host.split(".").length - 1;
}

/** Of two paths that both fit a request, one starts with the other: it has more parts. */
function partsOf(path: string): number {
  return path.split("/").filter((part) => part !== "").length;
}

function certificateProblems(domain: string | undefined): string[] {
  if (domain === undefined || domain.length <= MAX_CERTIFICATE_NAME) return [];
  return [
    `domain.name must be at most ${MAX_CERTIFICATE_NAME} characters, got ${domain.length}: a certificate takes no longer first name, shorten it`,
  ];
}

function pathProblems(at: string, path: string): string[] {
  const parts = partsOf(path);
  // the pattern for everything below the path ends in /*
  const longest = MAX_PATTERN - 2;
  return [
    ...(parts > MAX_PATH_PARTS
      ? [`${at}.path must have at most ${MAX_PATH_PARTS} parts, got ${parts}: route by fewer of them`]
      : []),
    ...(path.length > longest
      ? [`${at}.path must be at most ${longest} characters, got ${path.length}: the load balancer compares no more`]
      : []),
  ];
}

function hostProblems(at: string, host: string, zone: string | undefined): string[] {
  if (zone === undefined) {
    return [`${at}.host needs a domain, got ${shown(host)}: set domain to a name, or route by path alone`];
  }
  const bare = host.replace(/^\*\./, "");
  return [
    ...(bare === zone || bare.endsWith(`.${zone}`)
      ? []
      : [`${at}.host must be ${zone} or a name under it, got ${shown(host)}: nothing else gets a record`]),
    ...(host.length > MAX_PATTERN
      ? [`${at}.host must be at most ${MAX_PATTERN} characters, got ${host.length}: the load balancer compares no more`]
      : []),
    ...(host.startsWith("*.") && wildcardLabels(host) > MAX_WILDCARD_LABELS
      ? [
          `${at}.host must have at most ${MAX_WILDCARD_LABELS} labels behind *, got ${wildcardLabels(host)}: use a shorter wildcard`,
        ]
      : []),
  ];
}
