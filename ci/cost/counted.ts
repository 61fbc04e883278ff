import type { Counted } from "./estimate";

type Body = Readonly<Record<string, unknown>>;

/** Count in `cdk.tf.json` what is paid by the piece. */
export function countedOf(stack: object): Counted {
  const { resource = {} } = stack as { readonly resource?: Readonly<Record<string, Readonly<Record<string, Body>>>> };
  const all = (type: string): readonly Body[] => Object.values(resource[type] ?? {});
  return {
    alarms: all("aws_cloudwatch_metric_alarm").reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    keys: all("aws_kms_key").length,
    // RDS keeps a secret of its own where it makes the administrator's password
    secrets:
      all("aws_secretsmanager_secret").length +
      all("aws_db_instance").filter((one) => one["manage_master_user_password"] === true).length,
  };
}

/** An alarm that computes is paid for each metric that it reads. */
function metricsOf({ metric_query: queries }: Body): number {
  if (!Array.isArray(queries)) return 1;
  return (queries as readonly Body[]).filter(({ metric }) => metric !== undefined).length;
}
