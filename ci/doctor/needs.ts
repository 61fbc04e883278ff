import type { Environment } from "../../environments/environment";

/** What an environment takes out of the quotas of its account. */
export interface Needs {
  readonly networks: number;
  readonly addresses: number;
  /** vCPUs of Fargate at most: every service at its maximum, in the middle of a deployment. */
  readonly onDemandVcpus: number;
  readonly spotVcpus: number;
}

/** CPU units of one vCPU. */
const unitsPerVcpu = 1024;

/** While it is deployed, a service runs twice. */
const whileDeployed = 2;

export function needsOf({ network, services, migrations }: Environment): Needs {
  const { nat, zones } = network;
  const tasks = [
    ...Object.values(services).map((service) => {
      if (service.kind === "schedule") return { cpu: service.cpu, ...split(1, service.spot ? 1 : 0) };
      const { onDemandBase, spotPercent } = service.capacity;
      const most = service.maxTasks * whileDeployed;
      return { cpu: service.cpu, ...split(most, (Math.max(0, most - onDemandBase) * spotPercent) / 100) };
    }),
    ...("none" in migrations ? [] : [{ cpu: migrations.cpu, ...split(1, migrations.spot ? 1 : 0) }]),
  ];
  const vcpus = (kind: "onDemand" | "spot"): number =>
    Math.ceil(tasks.reduce((sum, task) => sum + (task[kind] * task.cpu) / unitsPerVcpu, 0));
  return {
    networks: 1,
    addresses: nat.kind === "none" ? 0 : nat.kind === "per-az" ? zones.length : 1,
    onDemandVcpus: vcpus("onDemand"),
    spotVcpus: vcpus("spot"),
  };
}

function split(tasks: number, spot: number): { readonly onDemand: number; readonly spot: number } {
  return { onDemand: tasks - spot, spot };
}
