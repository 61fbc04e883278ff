import * as z from "zod";
import { declined, distinct, text, whole } from "../shared/fields";

/** The load balancer of an environment: $16.43 a month, $5.84 per LCU, $3.65 per zone for its address (us-east-1, 2026-11). */
export const loadBalancerSettings = z.strictObject({
  /**
   * Record of every request in an S3 bucket, or the reason for having none. Taking it away deletes the bucket; in a permanent
   * environment somebody has to empty it first. Default: kept for 30 days.
   */
  accessLogs: z
    .union([
      z.strictObject({
        /** Days that access logs are kept. Default: 30. */
        retentionDays: whole(1, 3650, "days").default(30),
      }),
      declined,
    ])
    .prefault({}),

  /** Seconds that a connection may be silent; a WebSocket must send something within it. Default: 120. */
  idleTimeoutSec: whole(1, 4000, "seconds").default(120),

  /** Who may connect. Default: everyone. */
  allowedCidrs: distinct(
    text("an IPv4 block such as 203.0.113.0/24", /^\d{1,3}(\.\d{1,3}){3}\/([0-9]|[12]\d|3[0-2])$/),
    "IPv4 blocks",
    1,
    20,
  ).default(["0.0.0.0/0"]),
});

export type LoadBalancerSettings = z.output<typeof loadBalancerSettings>;
export type LoadBalancerInput = z.input<typeof loadBalancerSettings>;
