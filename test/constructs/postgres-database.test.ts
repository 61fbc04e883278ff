import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";

import { PostgresDatabase } from "../../constructs/postgres-database";
import type { PostgresDatabaseInput } from "../../constructs/settings/postgres-database";
import type { Context } from "../../constructs/shared/context";
import { dbInstanceFamilies } from "../../constructs/shared/db-instance-class";
import { TerraformData } from "../../constructs/shared/terraform-data";
import { StubPeer, stubNetwork } from "../support/stubs";
import { type Json, synth, type Synthesized } from "../support/synth";

type OnMade = (database: PostgresDatabase, peer: StubPeer) => void;

function define(input: PostgresDatabaseInput = {}, overrides: Partial<Context> = {}, onMade?: OnMade): Synthesized {
  return synth((stack, context) => {
    const database = new PostgresDatabase(stack, "Database", { context, network: stubNetwork, ...input });
    onMade?.(database, new StubPeer(stack, "Api"));
  }, overrides);
}

/** What `onMade` sees of a database; fails when it was never called. */
function made<T>(input: PostgresDatabaseInput, see: (database: PostgresDatabase, peer: StubPeer) => T): T {
  const seen: T[] = [];
  define(input, {}, (database, peer) => void seen.push(see(database, peer)));
  return seen[0]!;
}

const generation = (stack: Synthesized, n: number): Json => stack.named(DbInstance, `Database_Generation${n}`);
const origin = (stack: Synthesized, n: number): Json => stack.named(TerraformData, `Database_Generation${n}_Origin`);

describe("by default", () => {
  test("one private, encrypted instance with TLS, IAM logins, backups, insights and storage that grows", () => {
    expect(define().one(DbInstance)).toMatchObject({
      identifier: "shop-test-db-1",
      engine: "postgres",
      engine_version: "17",
      instance_class: "db.t4g.micro",
      storage_type: "gp3",
      allocated_storage: 20,
      max_allocated_storage: 100,
      storage_encrypted: true,
      publicly_accessible: false,
      multi_az: false,
      db_name: "app",
      username: "dbadmin",
      manage_master_user_password: true,
      iam_database_authentication_enabled: true,
      ca_cert_identifier: "rds-ca-rsa2048-g1",
      backup_retention_period: 7,
      performance_insights_enabled: true,
      performance_insights_retention_period: 7,
      monitoring_interval: 0,
      copy_tags_to_snapshot: true,
      auto_minor_version_upgrade: true,
      apply_immediately: false,
    });
  });

  test("the account's own key, RDS's own master password, no monitoring role", () => {
    const stack = define();
    expect(stack.one(DbInstance)["kms_key_id"]).toBeUndefined();
    expect(stack.one(DbInstance)["password_wo"]).toBeUndefined();
    expect([stack.has(KmsKey), stack.has(IamRole)]).toEqual([false, false]);
    expect(stack.all(SecretsmanagerSecret).map(({ name }) => name)).toEqual([
      "/shop/test/database/app-1-1",
      "/shop/test/database/migrator-1-1",
    ]);
  });

  test("stands in the isolated subnets, and nothing reaches it", () => {
    const stack = define();
    expect(stack.one(DbSubnetGroup)["subnet_ids"]).toEqual(["subnet-a", "subnet-b"]);
    expect(stack.named(SecurityGroup, "Database_SecurityGroup")).toMatchObject({
      vpc_id: "vpc-1",
      name: "shop-test-db",
    });
    expect([stack.has(VpcSecurityGroupIngressRule), stack.has(VpcSecurityGroupEgressRule)]).toEqual([false, false]);
  });

  test("log groups with retention exist before RDS would make them without", () => {
    const stack = define();
    expect(stack.all(CloudwatchLogGroup).map((group) => [group["name"], group["retention_in_days"]])).toEqual([
      ["/aws/rds/instance/shop-test-db-1/postgresql", 14],
      ["/aws/rds/instance/shop-test-db-1/upgrade", 14],
    ]);
    const groups = Object.keys(stack.json["resource"]["aws_cloudwatch_log_group"]);
    expect(stack.one(DbInstance)["depends_on"]).toEqual(groups.map((id) => `aws_cloudwatch_log_group.${id}`));
    expect(stack.one(DbInstance)["enabled_cloudwatch_logs_exports"]).toEqual(["postgresql", "upgrade"]);
  });

  test("parameters of its major version, replaceable while they are in use", () => {
    const group = define().one(DbParameterGroup);
    expect(group).toMatchObject({ name_prefix: "shop-test-db-1-pg17-", family: "postgres17" });
    expect(group["lifecycle"]["create_before_destroy"]).toBe(true);
    expect(group["parameter"]).toContainEqual({ name: "rds.force_ssl", value: "1", apply_method: "pending-reboot" });
  });

  test("its final snapshot has a name that was never used", () => {
    const stack = define();
    const [suffix] = Object.keys(stack.json["resource"]["terraform_data"]).filter((id) => id.includes("FinalSnapshot"));
    expect(stack.one(DbInstance)["final_snapshot_identifier"]).toBe(`shop-test-db-1-\${terraform_data.${suffix}.id}`);
  });
});

test("everything set", () => {
  const stack = define({
    version: "16",
    instanceClass: "m7g.large",
    storageGiB: 50,
    maxStorageGiB: 50,
    multiAz: true,
    minorUpgrades: false,
    performanceInsights: false,
    monitoringIntervalSec: 15,
    logRetentionDays: 30,
    slowStatementMs: 5,
    encryptionKey: "customer",
    parameters: { max_connections: "200" },
  });
  const instance = stack.one(DbInstance);
  expect(instance).toMatchObject({
    engine_version: "16",
    instance_class: "db.m7g.large",
    allocated_storage: 50,
    multi_az: true,
    auto_minor_version_upgrade: false,
    performance_insights_enabled: false,
    monitoring_interval: 15,
  });
  expect(instance["max_allocated_storage"]).toBeUndefined();
  expect(instance["kms_key_id"]).toMatch(/^\$\{aws_kms_key\.Database_EncryptionKey_\w+\.arn\}$/);
  expect(instance["monitoring_role_arn"]).toMatch(/^\$\{aws_iam_role\.Database_MonitoringRole_/);
  expect(stack.one(KmsKey)).toMatchObject({ enable_key_rotation: true, deletion_window_in_days: 7 });
  expect(stack.one(IamRole)).toMatchObject({ path: "/shop/test/" });
  expect(stack.one(DbParameterGroup)["family"]).toBe("postgres16");
  expect(stack.one(DbParameterGroup)["parameter"]).toEqual(
    expect.arrayContaining([
      { name: "log_min_duration_statement", value: "5", apply_method: "immediate" },
      { name: "max_connections", value: "200", apply_method: "pending-reboot" },
    ]),
  );
});

describe("guards", () => {
  const guardsOf = (instance: Json): Json => ({
    protected: instance["deletion_protection"],
    prevented: instance["lifecycle"]["prevent_destroy"],
    skipsSnapshot: instance["skip_final_snapshot"],
    deletesBackups: instance["delete_automated_backups"],
  });

  test("are up in a permanent environment and down in a temporary one", () => {
    expect(guardsOf(define({}, { lifetime: "permanent" }).one(DbInstance))).toEqual({
      protected: true,
      prevented: true,
      skipsSnapshot: false,
      deletesBackups: false,
    });
    expect(guardsOf(define({}, { lifetime: "temporary" }).one(DbInstance))).toEqual({
      protected: false,
      prevented: false,
      skipsSnapshot: true,
      deletesBackups: true,
    });
  });

  test("come down for one generation alone, which still leaves a snapshot", () => {
    const stack = define(
      { generation: 2, otherGenerations: [1], unguardedGenerations: [1] },
      { lifetime: "permanent" },
    );
    expect(guardsOf(generation(stack, 1))).toEqual({
      protected: false,
      prevented: false,
      skipsSnapshot: false,
      deletesBackups: false,
    });
    expect(guardsOf(generation(stack, 2))).toMatchObject({ protected: true, prevented: true });
  });

  test("changes wait for the window unless the run says otherwise", () => {
    expect(define({}, { applyNow: true }).one(DbInstance)["apply_immediately"]).toBe(true);
  });
});

describe("a write-only master password", () => {
  const stack = define({ masterPassword: "write-only", masterPasswordVersion: 4 });

  test("reaches the instance from the secret that holds it", () => {
    const instance = stack.one(DbInstance);
    const [name] = Object.keys(stack.json["ephemeral"]["aws_secretsmanager_secret_version"]);
    expect(name).toMatch(/^Database_Generation1_MasterSecret_/);
    expect(instance["password_wo"]).toBe(
      `\${jsondecode(ephemeral.aws_secretsmanager_secret_version.${name}.secret_string)["password"]}`,
    );
    expect(instance["password_wo_version"]).toBe(4);
    expect(instance["manage_master_user_password"]).toBeUndefined();
    expect(stack.named(SecretsmanagerSecretVersion, "Database_Generation1_MasterSecret_Version")).toMatchObject({
      secret_string_wo_version: 4,
      secret_string_wo: expect.stringMatching(/^\$\{jsonencode\(\{ username = "dbadmin", password = "\$\{ephemeral\./),
    });
  });

  test("is in a secret of its generation", () => {
    expect(stack.all(SecretsmanagerSecret).map(({ name }) => name)).toContain("/shop/test/database/master-1");
  });
});

describe("read replicas", () => {
  const stack = define({ readReplicas: ["reports"], masterPassword: "write-only" }, { lifetime: "permanent" });
  const replica = stack.named(DbInstance, "Database_Generation1ReplicaReports");

  test("follow the generation in use", () => {
    expect(replica).toMatchObject({
      identifier: "shop-test-db-1-reports",
      instance_class: "db.t4g.micro",
      storage_encrypted: true,
      publicly_accessible: false,
      multi_az: false,
      backup_retention_period: 0,
    });
    expect(replica["replicate_source_db"]).toMatch(/^\$\{aws_db_instance\.Database_Generation1_\w{8}\.identifier\}$/);
  });

  test("are given nothing that AWS takes from their source", () => {
    const inherited = [
      "engine",
      "engine_version",
      "username",
      "db_name",
      "password_wo",
      "allocated_storage",
      "kms_key_id",
    ];
    expect(inherited.filter((field) => field in replica)).toEqual([]);
    expect(inherited.filter((field) => field in generation(stack, 1))).toEqual(inherited.slice(0, -1));
  });

  test("can be removed from a permanent environment", () => {
    expect(replica).toMatchObject({ deletion_protection: false, skip_final_snapshot: true });
  });
});

describe("generations", () => {
  const fromInstance = { generation: 2, instance: "shop-test-db-1", at: "latest" } as const;

  test("stand beside each other, each with everything of its own", () => {
    const before = define();
    const stack = define({ otherGenerations: [2] });
    expect(generation(stack, 1)).toEqual(generation(before, 1));
    expect(generation(stack, 2)["identifier"]).toBe("shop-test-db-2");
    expect(before.addresses().filter((address) => !stack.addresses().includes(address))).toEqual([]);
    expect(stack.all(SecretsmanagerSecret).map(({ name }) => name)).toEqual([
      "/shop/test/database/app-1-1",
      "/shop/test/database/migrator-1-1",
      "/shop/test/database/app-2-1",
      "/shop/test/database/migrator-2-1",
    ]);
  });

  test("a switch changes no instance and no secret, only what is handed out", () => {
    const first = define({ generation: 1, otherGenerations: [2] });
    const second = define({ generation: 2, otherGenerations: [1] });
    expect(second.json["resource"]).toEqual(first.json["resource"]);
    const outputs = (database: PostgresDatabase) => ({
      identifier: database.identifier,
      all: database.identifiersByGeneration,
    });
    const all = { 1: "shop-test-db-1", 2: "shop-test-db-2" };
    expect(made({ generation: 1, otherGenerations: [2] }, outputs)).toEqual({ identifier: "shop-test-db-1", all });
    expect(made({ generation: 2, otherGenerations: [1] }, outputs)).toEqual({ identifier: "shop-test-db-2", all });
  });

  test.each([
    [
      fromInstance,
      {
        restore_to_point_in_time: { source_db_instance_identifier: "shop-test-db-1", use_latest_restorable_time: true },
      },
    ],
    [
      { ...fromInstance, at: "2026-11-26T08:00:00Z" },
      {
        restore_to_point_in_time: {
          source_db_instance_identifier: "shop-test-db-1",
          restore_time: "2026-11-26T08:00:00Z",
        },
      },
    ],
    [{ generation: 2, snapshot: "before-launch" }, { snapshot_identifier: "before-launch" }],
  ])("restore %j makes its own generation alone", (restore, expected) => {
    const stack = define({ otherGenerations: [2], restore });
    const restored = generation(stack, 2);
    expect(restored).toMatchObject(expected);
    // names and disk come with the data
    expect(["db_name", "username", "allocated_storage"].filter((field) => field in restored)).toEqual([]);
    expect(generation(stack, 1)).toEqual(generation(define(), 1));
  });

  test("one that is restored from another waits for it", () => {
    const stack = define({ generation: 2, otherGenerations: [1], restore: fromInstance });
    const [source] = Object.keys(stack.json["resource"]["aws_db_instance"]).filter((id) => /_Generation1_/.test(id));
    expect(generation(stack, 2)["depends_on"]).toContain(`aws_db_instance.${source}`);
    expect(JSON.stringify(generation(stack, 1)["depends_on"])).not.toContain("aws_db_instance");
  });

  test("what acts only at creation is ignored afterwards, and recorded", () => {
    const stack = define({ otherGenerations: [2], restore: { generation: 2, snapshot: "before-launch" } });
    expect(generation(stack, 2)["lifecycle"]["ignore_changes"]).toEqual([
      "snapshot_identifier",
      "restore_to_point_in_time",
      "db_name",
      "username",
    ]);
    expect(origin(stack, 2)).toMatchObject({
      input: { database_name: "app", encryption_key: "aws", restore: "snapshot before-launch" },
      lifecycle: { ignore_changes: ["input"] },
    });
    expect(origin(stack, 1)["input"]["restore"]).toBe("none");
  });

  test("another origin than the recorded one is refused with a sentence", () => {
    const stack = define({ otherGenerations: [2], restore: { generation: 2, snapshot: "before-launch" } });
    expect(origin(stack, 2)["lifecycle"]["postcondition"]).toEqual([
      {
        condition: '${self.output.database_name == "app"}',
        error_message:
          'database.databaseName must stay "${self.output.database_name}" while database generation 2 is live, got "app": it acts only when an instance is made',
      },
      {
        condition: '${self.output.encryption_key == "aws"}',
        error_message:
          'database.encryptionKey must stay "${self.output.encryption_key}" while database generation 2 is live, got "aws": it acts only when an instance is made',
      },
      {
        condition: '${self.output.restore == "snapshot before-launch"}',
        error_message:
          "database.restore must name a generation that does not exist yet, got 2, which is live: restore acts only when an instance is made, so add the next number to database.otherGenerations and restore that one",
      },
    ]);
    expect(origin(stack, 1)["lifecycle"]["postcondition"]).toHaveLength(2);
  });
});

describe("verbs", () => {
  test("allowFrom lets one peer in, by rules that belong to the peer", () => {
    const stack = define({}, {}, (database, peer) => database.allowFrom(peer));
    const group = (id: string): unknown =>
      expect.stringMatching(new RegExp(`^\\$\\{aws_security_group\\.${id}_\\w+\\.id\\}$`));
    const tcp = { ip_protocol: "tcp", from_port: 5432, to_port: 5432 };
    expect(stack.named(VpcSecurityGroupIngressRule, "Api_IntoDatabase")).toMatchObject({
      ...tcp,
      security_group_id: group("Database_SecurityGroup"),
      referenced_security_group_id: group("Api_SecurityGroup"),
      description: "PostgreSQL from Api",
    });
    expect(stack.named(VpcSecurityGroupEgressRule, "Api_ToDatabase")).toMatchObject({
      ...tcp,
      security_group_id: group("Api_SecurityGroup"),
      referenced_security_group_id: group("Database_SecurityGroup"),
    });
  });

  test("grantMasterSecretRead allows the one secret", () => {
    const [arn, allowed] = made({ masterPassword: "write-only" }, (database, peer) => {
      database.grantMasterSecretRead(peer);
      return [database.masterSecretArn, peer.allowed] as const;
    });
    expect(allowed).toEqual({
      ReadDatabaseMasterSecret: { actions: ["secretsmanager:GetSecretValue"], resources: [arn] },
    });
  });

  test("grantRead of the login allows those on every generation, so that a switch takes none from what still runs", () => {
    const allowed = made({ generation: 2, otherGenerations: [1], credentialRotation: 2 }, (database, peer) => {
      database.credentials.grantRead(peer);
      return peer.allowed;
    });
    expect(Object.keys(allowed)).toEqual(["ReadGeneration2Credentials"]);
    expect(allowed["ReadGeneration2Credentials"]!.actions).toEqual(["secretsmanager:GetSecretValue"]);
    expect(new Set(allowed["ReadGeneration2Credentials"]!.resources).size).toBe(4);
  });

  test("grantRead of the migrator's login allows no other", () => {
    const [allowed, arns, others] = made({ otherGenerations: [2], credentialRotation: 2 }, (database, peer) => {
      database.migratorCredentials.grantRead(peer);
      return [peer.allowed, database.migratorCredentials.secretArnsByUser, database.credentials] as const;
    });
    const { resources } = allowed["ReadGeneration1MigratorCredentials"]!;
    expect(Object.keys(arns)).toEqual(["migrator_1", "migrator_2"]);
    expect(resources).toEqual(expect.arrayContaining(Object.values(arns)));
    expect(resources).toHaveLength(4);
    expect(resources).not.toEqual(expect.arrayContaining([others.secretArn]));
  });

  test("grantConnect allows one user on the generation in use", () => {
    const [resourceId, allowed] = made({}, (database, peer) => {
      database.grantConnect(peer, "read_only");
      return [database.resourceId, peer.allowed] as const;
    });
    expect(allowed).toEqual({
      ConnectToDatabaseAsReadOnly: {
        actions: ["rds-db:connect"],
        resources: [`arn:aws:rds-db:eu-west-1:123456789012:dbuser:${resourceId}/read_only`],
      },
    });
  });
});

test.each<[PostgresDatabaseInput, string]>([
  [
    { unguardedGenerations: [1] },
    "unguardedGenerations must be generations out of use, got [1]: take them from otherGenerations ([])",
  ],
  [
    { parameters: { log_min_duration_statement: "0" } },
    'parameters must not set log_min_duration_statement, got "0": use slowStatementMs',
  ],
  [
    { parameters: { "rds.force_ssl": "0" } },
    'parameters must not set rds.force_ssl, got "0": TLS is always forced, remove it',
  ],
  [
    { instanceClass: "t4g.mirco" },
    `instanceClass must be a class whose memory is known, of ${dbInstanceFamilies.join(", ")}, got "t4g.mirco": correct it, or add its family to constructs/shared/db-instance-class.ts`,
  ],
])("%j is refused: %s", (input, sentence) => {
  expect(() => define(input)).toThrow(`test/Database:\n  - ${sentence}`);
});
