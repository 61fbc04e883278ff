import type { AlarmSpec, MetricSpec } from "../shared/alarm-spec";

/** Share of packets that a gateway may drop before somebody looks. */
const DROP_PERCENT = 0.01;

/**
 * What makes somebody look at a NAT gateway, by construct id. Metric, thresholds, periods and missing data are AWS's
 * recommendations.
 *
 * `Ports`: for a quarter of an hour connections are refused, since 55,000 to one destination are open. `Drops`: more than 0.01 % of
 * the packets are lost for five minutes. A minute counts as one of at least 10,000 packets, so that one that is lost at night is not
 * more than that.
 */
export function natGatewayAlarms(natGatewayId: string, zone: string) {
  const sum = (name: string): MetricSpec => ({
    namespace: "AWS/NATGateway",
    name,
    dimensions: { NatGatewayId: natGatewayId },
    statistic: "Sum",
    unit: "count",
  });
  const floor = 100 / DROP_PERCENT;
  return {
    Ports: {
      name: `nat-${zone}-ports`,
      section: "network",
      meaning: `Tasks cannot reach a destination on the internet: the NAT gateway of zone ${zone} has no port left for it`,
      runbook: "nat-ports",
      metrics: { refused: sum("ErrorPortAllocation") },
      comparison: ">",
      threshold: 0,
      periodSec: 60,
      datapoints: 15,
      of: 15,
      missing: "missing",
    },
    Drops: {
      name: `nat-${zone}-drops`,
      section: "network",
      meaning: `What tasks send to the internet gets lost: the NAT gateway of zone ${zone} drops packets`,
      runbook: "nat-drops",
      metrics: {
        dropped: sum("PacketsDropCount"),
        fromTasks: sum("PacketsInFromSource"),
        fromInternet: sum("PacketsInFromDestination"),
      },
      expression: `100 * dropped / IF(fromTasks + fromInternet > ${floor}, fromTasks + fromInternet, ${floor})`,
      comparison: ">",
      threshold: DROP_PERCENT,
      periodSec: 60,
      datapoints: 5,
      of: 5,
      missing: "missing",
    },
  } as const satisfies Readonly<Record<string, AlarmSpec>>;
}

/** Metric of an auto scaling group that it has to be asked for; it costs nothing. */
export const NAT_GROUP_METRIC = "GroupInServiceInstances";

/**
 * What makes somebody look at the NAT instance, by construct id.
 *
 * `Down`: its group has no instance in service for five minutes, or says nothing. The group takes one out of service that fails
 * EC2's status checks, and starts another within one or two minutes; so this covers both a dead instance and one that cannot be
 * replaced. The status check alone is that of an instance, whose name is another one each time.
 */
export function natInstanceAlarms(groupName: string) {
  return {
    Down: {
      name: "nat-instance-down",
      section: "network",
      meaning: "Tasks cannot reach the internet: no NAT instance runs, and none could be started in its place",
      runbook: "nat-instance-down",
      metrics: {
        inService: {
          namespace: "AWS/AutoScaling",
          name: NAT_GROUP_METRIC,
          dimensions: { AutoScalingGroupName: groupName },
          statistic: "Minimum",
          unit: "count",
        },
      },
      comparison: "<",
      threshold: 1,
      periodSec: 60,
      datapoints: 5,
      of: 5,
      missing: "breaching",
    },
  } as const satisfies Readonly<Record<string, AlarmSpec>>;
}
