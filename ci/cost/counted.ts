import type { Counted } from "./estimate";

type Body = Readonly<Record<string, unknown>>;

/** Count in `cdk.tf.json` what is paid by the piece. */
export function countedOf(stack: {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Body>>>>;
}): Counted {
  const all = (type: string): readonly Body[] => Object.values(stack.resource?.[type] ?? {});
  return {
    alarms: all("aws_cloudwatch_metric_alarm").length,
    keys: all("aws_kms_key").length,
    // RDS keeps a secret of its own where it makes the administrator's password
    secrets:
      all("aws_secretsmanager_secret").length +
      all("aws_db_instance").filter((one) => one["manage_master_user_password"] === true).length,
  };
}
