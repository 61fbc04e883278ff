import type { EnableAlarmActionsCommandInput, DescribeAlarmsCommandInput } from "@aws-sdk/client-cloudwatch";
import type { DescribeLogGroupsCommandInput } from "@aws-sdk/client-cloudwatch-logs";
import type { RegisterScalableTargetCommandInput } from "@aws-sdk/client-application-auto-scaling";
import type { GetScheduleCommandInput, UpdateScheduleCommandInput } from "@aws-sdk/client-scheduler";
import type { DescribeSecretCommandInput, GetSecretValueCommandInput } from "@aws-sdk/client-secrets-manager";
import type {
  DeleteParameterCommandInput,
  GetParameterCommandInput,
  GetParametersByPathCommandInput,
  PutParameterCommandInput,
} from "@aws-sdk/client-ssm";
import type { Handlers, Journal } from "./journal";
import { account, secretArn, shortName } from "./names";
import { AwsFault } from "./server";

interface Alarm {
  ringing: boolean;
  actions: boolean;
}

/** Everything of an account that is neither ECS nor the registry: parameters, secrets, alarms, schedules and what merely exists. */
export class Settings {
  readonly parameters = new Map<string, string>();
  /** Whose credentials are used. */
  account = account;
  /** Values by ARN; null for a secret that has none. */
  readonly secrets = new Map<string, string | null>();
  readonly alarms = new Map<string, Alarm>();
  readonly schedules = new Map<string, UpdateScheduleCommandInput>();
  /** Least and most tasks, by resource id. */
  readonly scaling = new Map<string, readonly [number, number]>();
  readonly subnets = new Set<string>();
  readonly roles = new Set<string>();
  readonly logGroups = new Set<string>();

  constructor(private readonly journal: Journal) {}

  /** Names without what all of them begin with. */
  private static short(name: string): string {
    return name.replace(/^\/shop\/dev\//, "");
  }

  private readonly parameterHandlers: Handlers = {
    GetParametersByPath: ({ Path = "", Recursive = false, NextToken }: GetParametersByPathCommandInput) => {
      const below = [...this.parameters].filter(
        ([name]) => name.startsWith(`${Path}/`) && (Recursive || !name.slice(Path.length + 1).includes("/")),
      );
      // a page holds two, so that every page has to be asked for
      const at = Number(NextToken ?? 0);
      return {
        Parameters: below.slice(at, at + 2).map(([Name, Value]) => ({ Name, Value, Type: "String" })),
        ...(at + 2 < below.length ? { NextToken: String(at + 2) } : {}),
      };
    },
    GetParameter: ({ Name = "" }: GetParameterCommandInput) => {
      const Value = this.parameters.get(Name);
      if (Value === undefined) throw new AwsFault("ParameterNotFound");
      return { Parameter: { Name, Value } };
    },
    PutParameter: ({ Name = "", Value = "", Overwrite = false }: PutParameterCommandInput) => {
      if (this.parameters.has(Name) && !Overwrite) throw new AwsFault("ParameterAlreadyExists");
      this.parameters.set(Name, Value);
      // who holds a lock is not what the table is about
      const short = Settings.short(Name);
      this.journal.write(`PutParameter ${short}${short.startsWith("lock/") ? "" : ` ${Value}`}`);
      return { Version: 1 };
    },
    DeleteParameter: ({ Name = "" }: DeleteParameterCommandInput) => {
      if (!this.parameters.delete(Name)) throw new AwsFault("ParameterNotFound");
      this.journal.write(`DeleteParameter ${Settings.short(Name)}`);
      return {};
    },
  };

  private readonly secretHandlers: Handlers = {
    DescribeSecret: ({ SecretId = "" }: DescribeSecretCommandInput) => ({
      ARN: SecretId,
      VersionIdsToStages: this.secret(SecretId) === null ? {} : { v1: ["AWSCURRENT"] },
    }),
    GetSecretValue: ({ SecretId = "" }: GetSecretValueCommandInput) => {
      const value = this.secret(SecretId);
      if (value === null) throw new AwsFault("ResourceNotFoundException", "it has no value");
      return { ARN: SecretId, SecretString: value };
    },
  };

  private readonly alarmHandlers: Handlers = {
    DescribeAlarms: ({ AlarmNames, AlarmNamePrefix = "", StateValue }: DescribeAlarmsCommandInput) => ({
      MetricAlarms: [...this.alarms]
        .filter(
          ([name, { ringing }]) =>
            (AlarmNames?.includes(name) ?? name.startsWith(AlarmNamePrefix)) &&
            (StateValue === undefined || (StateValue === "ALARM") === ringing),
        )
        .map(([AlarmName, { ringing, actions }]) => ({
          AlarmName,
          StateValue: ringing ? "ALARM" : "OK",
          ActionsEnabled: actions,
        })),
      CompositeAlarms: [],
    }),
    EnableAlarmActions: ({ AlarmNames = [] }: EnableAlarmActionsCommandInput) => this.setActions(AlarmNames, true),
    DisableAlarmActions: ({ AlarmNames = [] }: EnableAlarmActionsCommandInput) => this.setActions(AlarmNames, false),
  };

  private readonly scheduleHandlers: Handlers = {
    GetSchedule: ({ Name = "" }: GetScheduleCommandInput) => this.schedule(Name),
    UpdateSchedule: ({ Name = "", ...change }: UpdateScheduleCommandInput) => {
      this.schedule(Name);
      // the whole schedule is what was sent: what was not is gone
      this.schedules.set(Name, { ...change, Name });
      const revision = change.Target?.EcsParameters?.TaskDefinitionArn ?? "";
      this.journal.write(`UpdateSchedule ${shortName(revision)} ${change.State ?? ""}`);
      return { ScheduleArn: Name };
    },
    RegisterScalableTarget: (input: RegisterScalableTargetCommandInput) => {
      const { ResourceId = "", MinCapacity, MaxCapacity, SuspendedState: suspended } = input;
      const before = this.scaling.get(ResourceId);
      if (before === undefined)
        throw new AwsFault("ValidationException", `${ResourceId} was not registered by Terraform`);
      this.scaling.set(ResourceId, [MinCapacity ?? before[0], MaxCapacity ?? before[1]]);
      const scales =
        suspended === undefined ? "" : Object.values(suspended).some(Boolean) ? ", suspended" : ", scaling";
      this.journal.write(`RegisterScalableTarget ${shortName(ResourceId)} ${MinCapacity}-${MaxCapacity}${scales}`);
      return {};
    },
  };

  private readonly existenceHandlers: Handlers = {
    GetCallerIdentity: () => ({
      Account: this.account,
      Arn: `arn:aws:sts::${account}:assumed-role/deploy/ann`,
      UserId: "ann",
    }),
    GetRole: ({ RoleName }: { readonly RoleName: string }) => {
      if (!this.roles.has(RoleName)) throw new AwsFault("NoSuchEntity", `there is no role ${RoleName}`, 404);
      return { Role: { RoleName, Path: "/", RoleId: "r", Arn: `arn:aws:iam::${account}:role/${RoleName}` } };
    },
    DescribeSubnets: (input: Readonly<Record<string, string>>) => {
      const asked = Object.entries(input).flatMap(([key, value]) =>
        /^(Filter\.1\.Value|SubnetId)\./.test(key) ? value : [],
      );
      return { subnetSet: asked.filter((id) => this.subnets.has(id)).map((subnetId) => ({ subnetId })) };
    },
    DescribeLogGroups: ({ logGroupNamePrefix = "" }: DescribeLogGroupsCommandInput) => ({
      logGroups: [...this.logGroups]
        .filter((name) => name.startsWith(logGroupNamePrefix))
        .map((logGroupName) => ({ logGroupName })),
    }),
  };

  readonly handlers: Handlers = {
    ...this.parameterHandlers,
    ...this.secretHandlers,
    ...this.alarmHandlers,
    ...this.scheduleHandlers,
    ...this.existenceHandlers,
  };

  private setActions(names: readonly string[], actions: boolean): object {
    for (const name of names) {
      const alarm = this.alarms.get(name);
      if (alarm !== undefined) alarm.actions = actions;
    }
    this.journal.write(`${actions ? "Enable" : "Disable"}AlarmActions ${names.join(" ")}`);
    return {};
  }

  private secret(id: string): string | null {
    const value = this.secrets.get(id) ?? this.secrets.get(secretArn(id));
    if (value === undefined && !this.secrets.has(id))
      throw new AwsFault("ResourceNotFoundException", `there is no ${id}`);
    return value ?? null;
  }

  private schedule(name: string): object {
    const schedule = this.schedules.get(name);
    if (schedule === undefined) throw new AwsFault("ResourceNotFoundException", `there is no schedule ${name}`, 404);
    return schedule;
  }
}
