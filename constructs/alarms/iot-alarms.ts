import type { AlarmSpec, MetricSpec } from "../shared/alarm-spec";

/** Two of three times five minutes: what is over before anybody could look is no alarm. */
const WINDOW = { periodSec: 300, datapoints: 2, of: 3, missing: "notBreaching" } as const;

/**
 * Failures of AWS IoT Core, by construct id. AWS publishes them per account and region, not per environment: environments that
 * share an account hear of each other's devices. It recommends no thresholds.
 *
 * `Refused`: more than five refusals in five minutes, twice within a quarter of an hour. One device that was removed or has another
 * client id tries again every minute or so, with growing pauses; a fleet whose policy is wrong is refused by the hundred.
 *
 * `Throttled`: any message or connection that AWS turns away because a limit of the account is reached, twice within a quarter of
 * an hour.
 */
export function iotAlarms(): Readonly<Record<"Refused" | "Throttled", AlarmSpec>> {
  return {
    Refused: {
      ...WINDOW,
      name: "mqtt-refused",
      section: "broker",
      meaning: "Devices are refused by the broker of this account: certificate, client id or topic is not theirs",
      runbook: "mqtt-refused",
      metrics: {
        connects: failures("Connect.AuthError"),
        publishes: failures("PublishIn.AuthError"),
        subscribes: failures("Subscribe.AuthError"),
      },
      expression: "FILL(connects, 0) + FILL(publishes, 0) + FILL(subscribes, 0)",
      comparison: ">",
      threshold: 5,
    },
    Throttled: {
      ...WINDOW,
      name: "mqtt-throttled",
      section: "broker",
      meaning: "The broker turns devices away because this account is at a limit of AWS IoT",
      runbook: "mqtt-throttled",
      metrics: { connects: failures("Connect.Throttle"), publishes: failures("PublishIn.Throttle") },
      expression: "FILL(connects, 0) + FILL(publishes, 0)",
      comparison: ">",
      threshold: 0,
    },
  };
}

function failures(name: string): MetricSpec {
  return { namespace: "AWS/IoT", name, dimensions: { Protocol: "MQTT" }, statistic: "Sum", unit: "count" };
}
