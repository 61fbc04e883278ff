import * as z from "zod";
import usEast1 from "../data/prices/us-east-1.json";

const price = z.number().nonnegative();
const byName = <T extends z.ZodType>(value: T) => z.record(z.string(), value);

const schema = z.strictObject({
  region: z.string(),
  asOf: z.iso.date(),
  source: z.string(),
  hoursPerMonth: z.number().positive(),
  database: byName(z.strictObject({ hour: price, multiAzHour: price })),
  databaseDiskGiB: price,
  fargate: byName(z.strictObject({ vcpuHour: price, gibHour: price })),
  /** What a task on Spot costs, as a share of the on-demand price. */
  fargateSpotShare: price,
  loadBalancerHour: price,
  loadBalancerUnitHour: price,
  publicAddressHour: price,
  natGatewayHour: price,
  natGatewayGB: price,
  natInstance: byName(z.strictObject({ hour: price, disk: price })),
  interfaceEndpointHour: price,
  secret: price,
  key: price,
  logsGB: price,
  bucketGB: price,
  alarm: price,
  /** Amazon MQ, each broker; the smallest from a table that AWS did not publish. */
  broker: byName(price),
  iotCore: z.strictObject({ connectionMinuteMillion: price, messageMillion: price }),
});

/** List prices of one region, in US dollars. */
export type Prices = z.output<typeof schema>;

/** The prices that this project knows; other regions differ by a few percent, and ap-south-1 by more. */
export const prices: Prices = schema.parse(usEast1);
