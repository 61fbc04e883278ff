import * as z from "zod";
import { declined, distinct, logRetentionDays, oneOf, text } from "../shared/fields";

/** Zones that share an address slot cannot stand together: see `constructs/shared/address-plan.ts`. */
export const zoneLetters = ["a", "b", "c", "d", "e", "f", "g", "h"] as const;

/** AWS services that an interface endpoint can be asked for, by the last part of the endpoint's name. */
export const interfaceEndpointServices = [
  "ecr.api",
  "ecr.dkr",
  "logs",
  "monitoring",
  "secretsmanager",
  "ssm",
  "ssmmessages",
  "sts",
  "kms",
  "sqs",
  "sns",
] as const;

/** The VPC of an environment. */
export const networkSettings = z.strictObject({
  /**
   * Address block of the VPC, from /16 to /22. Half is for tasks, the rest for load balancers, databases and growth; all of it
   * is planned for four zones. Two environments must not overlap, so that they can be peered. It cannot be changed under a
   * database that lives: destroy the environment first.
   */
  cidr: text(
    "an IPv4 block of a private range, from /16 to /22, such as 10.10.0.0/16",
    /^(10\.\d{1,3}|172\.(1[6-9]|2\d|3[01])|192\.168)\.\d{1,3}\.\d{1,3}\/(1[6-9]|2[0-2])$/,
  ),

  /**
   * Availability zones, by the letter behind the region's name. Adding one only adds; taking one away destroys its subnets.
   * A load balancer and a database subnet group need two. The first one is home to a NAT that there is only one of: add behind
   * it, or egress moves. Default: `["a", "b"]`.
   */
  zones: distinct(oneOf(zoneLetters), "zone letters", 2, 4).default(["a", "b"]),

  /**
   * How tasks reach the internet. Prices: us-east-1, 2026-11.
   * Going to `none` takes the NAT away while tasks move to public subnets: those that still run lose the internet for a minute.
   * - `none`: tasks get a public address each ($3.65 a month) behind a group that lets nothing in but the load balancer. The
   *   cheapest up to about two tasks.
   * - `instance`: one small fck-nat instance in an auto scaling group of one ($7.36 a month); 1 to 2 minutes without egress
   *   when it is replaced.
   * - `single`: one NAT gateway ($36.50 a month and $0.045 per GB); its zone is a single point of failure for egress.
   * - `per-az`: a NAT gateway in each zone ($36.50 each).
   */
  nat: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({
      kind: z.literal("instance"),
      /** Instance type of the NAT instance; its family decides the architecture of the image. Default: `t4g.nano`. */
      instanceType: text("an EC2 instance type such as t4g.nano", /^[a-z][a-z0-9]*\.[a-z0-9]+$/).default("t4g.nano"),
    }),
    z.strictObject({ kind: z.literal("single") }),
    z.strictObject({ kind: z.literal("per-az") }),
  ]),

  /**
   * AWS services that tasks reach without leaving the VPC. Each costs $7.30 a month and zone (us-east-1, 2026-11) and is never
   * cheaper than the NAT gateway it relieves. The S3 gateway endpoint is free and always there. Default: none.
   */
  interfaceEndpoints: distinct(oneOf(interfaceEndpointServices), "endpoint services").default([]),

  /**
   * Record of accepted and refused connections, in CloudWatch Logs ($0.50 per GB, us-east-1, 2026-11), or the reason for having
   * none. Default: refused connections, kept for 14 days.
   */
  flowLogs: z
    .union([
      z.strictObject({
        /** `REJECT` is what an investigation needs most and costs least. Default: `REJECT`. */
        traffic: oneOf(["ALL", "REJECT", "ACCEPT"]).default("REJECT"),
        retentionDays: logRetentionDays.default(14),
      }),
      declined,
    ])
    .prefault({}),
});

export type NetworkSettings = z.output<typeof networkSettings>;
export type NetworkInput = z.input<typeof networkSettings>;
