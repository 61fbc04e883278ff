import type { Environment } from "../../environments/environment";
import type { Prices } from "./prices";

/** Traffic that an estimate assumes: that of a product that few people use yet. */
export const assumed = { loadBalancerUnits: 0.2, natGB: 20, logsGB: 2, imagesGB: 5, devices: 100 } as const;

/** A device that is always on and sends once in five minutes to one service. */
const DEVICE_MESSAGES_PER_HOUR = 12;
/** IoT Core counts a message when it comes in and when it goes out. */
const METERED_PER_MESSAGE = 2;

/** A part of the monthly bill; `dollars` is unknown where the price list does not have it. */
export interface CostLine {
  readonly part: string;
  readonly what: string;
  readonly dollars: number | undefined;
}

/** What a stack has many of, counted in what was synthesized: no rule here can miss one. */
export interface Counted {
  /** Metrics that alarms read. */
  readonly alarms: number;
  readonly keys: number;
  readonly secrets: number;
}

type Service = Environment["services"][string];

/** What an environment costs in a month, at list prices, with the assumed traffic and the least number of tasks. */
export function estimate(environment: Environment, counted: Counted, prices: Prices): CostLine[] {
  return [
    database(environment, prices),
    disk(environment, prices),
    tasks(environment, prices),
    wayOut(environment, prices),
    ...endpoints(environment, prices),
    loadBalancer(environment, prices),
    ...images(environment, prices),
    ...broker(environment, prices),
    secrets(counted, prices),
    { part: "alarms", what: `${counted.alarms} metrics`, dollars: counted.alarms * prices.alarm },
    { part: "logs", what: `${assumed.logsGB} GB`, dollars: assumed.logsGB * prices.logsGB },
  ];
}

/** The sum, unknown as soon as a part is. */
export function total(lines: readonly CostLine[]): number | undefined {
  return lines.reduce<number | undefined>(
    (sum, { dollars }) => (sum === undefined || dollars === undefined ? undefined : sum + dollars),
    0,
  );
}

/** The instance in use, those beside it, and replicas, which are never Multi-AZ. */
function database({ database: db }: Environment, { database: classes, hoursPerMonth }: Prices): CostLine {
  const primaries = 1 + db.otherGenerations.length;
  const replicas = db.readReplicas.length;
  const listed = classes[db.instanceClass];
  const counted = primaries + replicas === 1 ? "" : `${primaries + replicas} x `;
  return {
    part: "database",
    what: `${counted}${db.instanceClass}${db.multiAz ? ", Multi-AZ" : ""}`,
    dollars:
      listed && hoursPerMonth * (primaries * (db.multiAz ? listed.multiAzHour : listed.hour) + replicas * listed.hour),
  };
}

function disk({ database: db }: Environment, { databaseDiskGiB }: Prices): CostLine {
  const copies = (1 + db.otherGenerations.length) * (db.multiAz ? 2 : 1) + db.readReplicas.length;
  return {
    part: "database disk",
    what: `${copies === 1 ? "" : `${copies} x `}${db.storageGiB} GiB`,
    dollars: copies * db.storageGiB * databaseDiskGiB,
  };
}

function tasks({ services }: Environment, prices: Prices): CostLine {
  const running = Object.values(services).flatMap((service) =>
    service.kind === "schedule" ? [] : [{ service, count: service.minTasks }],
  );
  return {
    part: "tasks",
    what: running
      .map(({ service, count }) => `${count} x ${service.cpu / 1024}/${service.memoryMiB / 1024}${spotText(service)}`)
      .join(", "),
    dollars: running.reduce((sum, { service, count }) => sum + taskDollars(service, count, prices), 0),
  };
}

function taskDollars(service: Service, count: number, { fargate, fargateSpotShare, hoursPerMonth }: Prices): number {
  const { vcpuHour = 0, gibHour = 0 } = fargate[service.architecture] ?? {};
  const month = hoursPerMonth * ((service.cpu / 1024) * vcpuHour + (service.memoryMiB / 1024) * gibHour);
  if (service.kind === "schedule") return 0;
  const { onDemandBase, spotPercent } = service.capacity;
  const onSpot = (Math.max(0, count - onDemandBase) * spotPercent) / 100;
  return month * (count - onSpot + onSpot * fargateSpotShare);
}

function spotText(service: Service): string {
  return service.kind !== "schedule" && service.capacity.spotPercent > 0 ? " Spot" : "";
}

function wayOut({ network, services }: Environment, prices: Prices): CostLine {
  const { hoursPerMonth } = prices;
  const address = prices.publicAddressHour * hoursPerMonth;
  const { nat, zones } = network;
  switch (nat.kind) {
    case "none": {
      const count = Object.values(services).reduce((sum, s) => sum + (s.kind === "schedule" ? 0 : s.minTasks), 0);
      return { part: "way out", what: `${count} task address${count === 1 ? "" : "es"}`, dollars: count * address };
    }
    case "instance": {
      const listed = prices.natInstance[nat.instanceType];
      return {
        part: "way out",
        what: `NAT instance ${nat.instanceType}`,
        dollars: listed && listed.hour * hoursPerMonth + listed.disk + address,
      };
    }
    case "single":
    case "per-az": {
      const count = nat.kind === "single" ? 1 : zones.length;
      const fixed = count * (prices.natGatewayHour * hoursPerMonth + address);
      return {
        part: "way out",
        what: `${count === 1 ? "" : `${count} x `}NAT gateway, ${assumed.natGB} GB`,
        dollars: fixed + assumed.natGB * prices.natGatewayGB,
      };
    }
  }
}

function endpoints({ network }: Environment, { interfaceEndpointHour, hoursPerMonth }: Prices): CostLine[] {
  const count = network.interfaceEndpoints.length * network.zones.length;
  if (count === 0) return [];
  return [{ part: "interface endpoints", what: `${count}`, dollars: count * interfaceEndpointHour * hoursPerMonth }];
}

function loadBalancer({ network }: Environment, prices: Prices): CostLine {
  const { loadBalancerHour, loadBalancerUnitHour, publicAddressHour, hoursPerMonth } = prices;
  const hour =
    loadBalancerHour + assumed.loadBalancerUnits * loadBalancerUnitHour + network.zones.length * publicAddressHour;
  return {
    part: "load balancer",
    what: `${network.zones.length} addresses, ${assumed.loadBalancerUnits} LCU`,
    dollars: hour * hoursPerMonth,
  };
}

/** What is kept; CloudFront gives 1 TB and 10 million requests a month for nothing. */
function images({ images: settings }: Environment, { bucketGB }: Prices): CostLine[] {
  if ("none" in settings) return [];
  const dollars = assumed.imagesGB * bucketGB;
  return [{ part: "images", what: `${assumed.imagesGB} GB, CDN within its free tier`, dollars }];
}

function broker({ mqtt }: Environment, prices: Prices): CostLine[] {
  if ("none" in mqtt) return [];
  const { hoursPerMonth } = prices;
  if (mqtt.engine === "iot-core") {
    const { connectionMinuteMillion, messageMillion } = prices.iotCore;
    const minutes = (hoursPerMonth * 60) / 1e6;
    const messages = (hoursPerMonth * DEVICE_MESSAGES_PER_HOUR * METERED_PER_MESSAGE) / 1e6;
    const each = minutes * connectionMinuteMillion + messages * messageMillion;
    return [{ part: "broker", what: `IoT Core, ${assumed.devices} devices`, dollars: assumed.devices * each }];
  }
  const count = mqtt.deployment === "single" ? 1 : 2;
  const hour = prices.broker[mqtt.instanceType];
  return [
    {
      part: "broker",
      what: `${count === 1 ? "" : `${count} x `}${mqtt.instanceType}`,
      dollars: hour === undefined ? undefined : count * hour * hoursPerMonth,
    },
  ];
}

function secrets({ secrets: count, keys }: Counted, { secret, key }: Prices): CostLine {
  return {
    part: "secrets, keys",
    what: `${count} secrets, ${keys} key${keys === 1 ? "" : "s"}`,
    dollars: count * secret + keys * key,
  };
}
