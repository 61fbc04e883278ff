"""Databases: instances, replicas, restores, groups and backups."""

from __future__ import annotations

import json
import unittest
from functools import cache
from typing import Any

from support import client, control, inventory, network, unique


@cache
def subnet_group() -> str:
    """The suite's subnet group."""
    name = unique("subnets")
    client("rds").create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription="test", SubnetIds=network().subnets
    )
    return name


def create(identifier: str, **settings: Any) -> dict[str, Any]:
    """A small PostgreSQL instance."""
    request = {
        "DBInstanceIdentifier": identifier,
        "Engine": "postgres",
        "EngineVersion": "17",
        "DBInstanceClass": "db.t4g.micro",
        "AllocatedStorage": 20,
        "MasterUsername": "postgres",
        "DBSubnetGroupName": subnet_group(),
        "VpcSecurityGroupIds": [network().security_group],
        "BackupRetentionPeriod": 7,
        **settings,
    }
    if "ManageMasterUserPassword" not in settings:
        request["MasterUserPassword"] = "correct-horse"
    return client("rds").create_db_instance(**request)["DBInstance"]


def describe(identifier: str) -> dict[str, Any]:
    """What DescribeDBInstances says."""
    return client("rds").describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]


class RdsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.rds = client("rds")
        self.identifier = unique("db")

    def test_instance_answers_what_was_asked(self) -> None:
        asked = {
            "EnableIAMDatabaseAuthentication": True,
            "EnablePerformanceInsights": True,
            "EnableCloudwatchLogsExports": ["postgresql", "upgrade"],
            "MonitoringInterval": 60,
            "MonitoringRoleArn": "arn:aws:iam::111111111111:role/monitoring",
        }
        create(self.identifier, **asked)
        database = describe(self.identifier)
        self.assertIs(database["IAMDatabaseAuthenticationEnabled"], True)
        self.assertIs(database["PerformanceInsightsEnabled"], True)
        self.assertEqual(database["PerformanceInsightsRetentionPeriod"], 7)
        self.assertEqual(database["EnabledCloudwatchLogsExports"], ["postgresql", "upgrade"])
        self.assertEqual(database["MonitoringInterval"], 60)
        self.assertEqual(database["MonitoringRoleArn"], asked["MonitoringRoleArn"])

    def test_instance_without_wishes_has_the_defaults_of_aws(self) -> None:
        create(self.identifier)
        database = describe(self.identifier)
        self.assertRegex(database["EngineVersion"], r"^17\.\d+$")
        # asked for at creation, this saves the provider a second change of a minute and more
        self.assertEqual(database["CACertificateIdentifier"], "rds-ca-rsa2048-g1")
        self.assertEqual(database["LicenseModel"], "postgresql-license")
        self.assertEqual(database["NetworkType"], "IPV4")
        self.assertEqual(database["MonitoringInterval"], 0)
        self.assertIs(database["PerformanceInsightsEnabled"], False)
        self.assertEqual(database["OptionGroupMemberships"][0]["OptionGroupName"], "default:postgres-17")
        self.assertEqual(database["DBParameterGroups"][0]["DBParameterGroupName"], "default.postgres17")

    def test_instances_have_different_resource_ids_and_are_found_by_them(self) -> None:
        ids = {create(unique("db"))["DbiResourceId"] for _ in range(2)}
        self.assertEqual(len(ids), 2)
        for resource_id in ids:
            found = self.rds.describe_db_instances(Filters=[{"Name": "dbi-resource-id", "Values": [resource_id]}])
            self.assertEqual([db["DbiResourceId"] for db in found["DBInstances"]], [resource_id])

    def test_changes_are_seen(self) -> None:
        create(self.identifier)
        self.rds.modify_db_instance(
            DBInstanceIdentifier=self.identifier,
            ApplyImmediately=True,
            AllocatedStorage=40,
            CloudwatchLogsExportConfiguration={"EnableLogTypes": ["postgresql"]},
            DBInstanceClass="db.t4g.small",
            EnablePerformanceInsights=True,
            EngineVersion="18",
            MultiAZ=True,
        )
        database = describe(self.identifier)
        self.assertEqual((database["AllocatedStorage"], database["DBInstanceClass"]), (40, "db.t4g.small"))
        self.assertEqual(database["EnabledCloudwatchLogsExports"], ["postgresql"])
        self.assertTrue(database["EngineVersion"].startswith("18."))
        self.assertTrue(database["MultiAZ"])
        self.assertTrue(database["PerformanceInsightsEnabled"])

    def test_managed_master_password_is_its_own_and_goes_with_the_instance(self) -> None:
        secrets = client("secretsmanager")
        arns = []
        for identifier in (self.identifier, unique("db")):
            create(identifier, ManageMasterUserPassword=True)
            # asking again makes no second secret
            self.rds.modify_db_instance(DBInstanceIdentifier=identifier, ManageMasterUserPassword=True)
            arns.append(describe(identifier)["MasterUserSecret"]["SecretArn"])
        values = [json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"]) for arn in arns]
        self.assertEqual({value["username"] for value in values}, {"postgres"})
        self.assertNotEqual(values[0]["password"], values[1]["password"])
        self.assertIn(values[0]["password"], " ".join(control("secret-values")))
        name = secrets.describe_secret(SecretId=arns[0])["Name"]
        self.assertIn(f"secret {name}", inventory("secretsmanager"))
        self.rds.delete_db_instance(DBInstanceIdentifier=self.identifier, SkipFinalSnapshot=True)
        self.assertNotIn(f"secret {name}", inventory("secretsmanager"))

    def test_replica_is_an_instance_of_its_own(self) -> None:
        source = create(self.identifier, StorageEncrypted=True)
        replica_id = f"{self.identifier}-replica"
        self.rds.create_db_instance_read_replica(
            DBInstanceIdentifier=replica_id,
            SourceDBInstanceIdentifier=source["DBInstanceArn"],
            DBInstanceClass="db.t4g.small",
            EnablePerformanceInsights=True,
        )
        replica = describe(replica_id)
        self.assertNotEqual(replica["DbiResourceId"], source["DbiResourceId"])
        self.assertEqual(replica["ReadReplicaSourceDBInstanceIdentifier"], self.identifier)
        self.assertEqual(replica["DBInstanceClass"], "db.t4g.small")
        self.assertEqual(replica["EngineVersion"], source["EngineVersion"])
        self.assertEqual(replica["DBSubnetGroup"]["DBSubnetGroupName"], subnet_group())
        self.assertIs(replica["PerformanceInsightsEnabled"], True)
        self.assertIs(describe(self.identifier)["PerformanceInsightsEnabled"], False)
        self.assertEqual(describe(self.identifier)["ReadReplicaDBInstanceIdentifiers"], [replica_id])

        self.rds.delete_db_instance(DBInstanceIdentifier=replica_id, SkipFinalSnapshot=True)
        self.assertNotIn(f"db-instance {replica_id}", inventory("rds"))
        self.assertIn(f"db-instance {self.identifier}", inventory("rds"))
        self.assertEqual(describe(self.identifier)["ReadReplicaDBInstanceIdentifiers"], [])

    def test_promoted_replica_has_no_source(self) -> None:
        create(self.identifier)
        replica_id = f"{self.identifier}-replica"
        self.rds.create_db_instance_read_replica(
            DBInstanceIdentifier=replica_id, SourceDBInstanceIdentifier=self.identifier
        )
        self.rds.promote_read_replica(DBInstanceIdentifier=replica_id)
        self.assertNotIn("ReadReplicaSourceDBInstanceIdentifier", describe(replica_id))
        self.rds.delete_db_instance(DBInstanceIdentifier=replica_id, SkipFinalSnapshot=True)
        self.rds.delete_db_instance(DBInstanceIdentifier=self.identifier, SkipFinalSnapshot=True)

    def restores(self, source: dict[str, Any], **settings: Any) -> list[dict[str, Any]]:
        """The instance restored from a snapshot and to two points in time."""
        snapshot = unique("snapshot")
        self.rds.create_db_snapshot(DBInstanceIdentifier=self.identifier, DBSnapshotIdentifier=snapshot)
        names = [unique("restored") for _ in range(3)]
        self.rds.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier=names[0], DBSnapshotIdentifier=snapshot, **settings
        )
        for name, by in zip(
            names[1:],
            ({"SourceDBInstanceIdentifier": self.identifier}, {"SourceDbiResourceId": source["DbiResourceId"]}),
            strict=True,
        ):
            self.rds.restore_db_instance_to_point_in_time(
                TargetDBInstanceIdentifier=name, UseLatestRestorableTime=True, **by, **settings
            )
        return [describe(name) for name in names]

    def test_restored_instance_has_the_data_and_only_what_was_asked(self) -> None:
        source = create(
            self.identifier,
            DBName="app",
            DeletionProtection=True,
            EnablePerformanceInsights=True,
            EnableCloudwatchLogsExports=["postgresql"],
            ManageMasterUserPassword=True,
            MonitoringInterval=60,
            MonitoringRoleArn="arn:aws:iam::111111111111:role/monitoring",
        )
        settings = {"DBInstanceClass": "db.t4g.small", "DBSubnetGroupName": subnet_group()}
        from_snapshot, *in_time = self.restores(source, **settings)
        for restored in (from_snapshot, *in_time):
            self.assertEqual((restored["DBName"], restored["DBInstanceClass"]), ("app", "db.t4g.small"))
            self.assertNotEqual(restored["DbiResourceId"], source["DbiResourceId"])
            self.assertNotIn("ReadReplicaSourceDBInstanceIdentifier", restored)
            self.assertNotIn("MasterUserSecret", restored)
            self.assertIs(restored["DeletionProtection"], False)
        self.assertEqual(from_snapshot["MonitoringInterval"], 0)
        self.assertIs(from_snapshot["PerformanceInsightsEnabled"], False)
        self.assertEqual(from_snapshot.get("EnabledCloudwatchLogsExports", []), [])
        for restored in in_time:
            self.assertEqual(restored["MonitoringInterval"], 60)
            self.assertIs(restored["PerformanceInsightsEnabled"], True)
            self.assertEqual(restored["EnabledCloudwatchLogsExports"], ["postgresql"])

    def test_restored_instance_keeps_what_was_asked(self) -> None:
        source = create(self.identifier)
        asked = {"DeletionProtection": True, "EnableCloudwatchLogsExports": ["upgrade"]}
        for restored in self.restores(source, **asked):
            self.assertIs(restored["DeletionProtection"], True)
            self.assertEqual(restored["EnabledCloudwatchLogsExports"], ["upgrade"])

    def test_restore_of_an_unknown_resource_id_is_a_regular_error(self) -> None:
        with self.assertRaises(self.rds.exceptions.DBInstanceNotFoundFault):
            self.rds.restore_db_instance_to_point_in_time(
                TargetDBInstanceIdentifier=unique("restored"), SourceDbiResourceId="db-NONE"
            )

    def test_parameters_that_the_user_set_are_found_and_reset(self) -> None:
        name = unique("parameters")
        self.rds.create_db_parameter_group(
            DBParameterGroupName=name, DBParameterGroupFamily="postgres17", Description="test"
        )
        parameter = {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}
        self.rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=[parameter])
        found = self.rds.describe_db_parameters(DBParameterGroupName=name, Source="user")["Parameters"]
        self.assertEqual([{key: f[key] for key in parameter} for f in found], [parameter])
        self.assertEqual(found[0]["Source"], "user")
        found = self.rds.describe_db_parameters(DBParameterGroupName=name, Source="engine-default")["Parameters"]
        self.assertEqual(found, [])
        self.rds.reset_db_parameter_group(DBParameterGroupName=name, Parameters=[parameter])
        self.assertEqual(self.rds.describe_db_parameters(DBParameterGroupName=name)["Parameters"], [])
        self.assertIn(f"db-parameter-group {name}", inventory("rds"))
        self.rds.delete_db_parameter_group(DBParameterGroupName=name)
        self.assertNotIn(f"db-parameter-group {name}", inventory("rds"))

    def test_instance_goes_back_to_the_default_parameter_group(self) -> None:
        create(self.identifier)
        self.rds.modify_db_instance(DBInstanceIdentifier=self.identifier, DBParameterGroupName="default.postgres17")
        self.assertEqual(
            describe(self.identifier)["DBParameterGroups"][0]["DBParameterGroupName"], "default.postgres17"
        )
        self.assertEqual([item for item in inventory("rds") if "default" in item], [])

    def test_subnet_group_takes_another_subnet_and_stays(self) -> None:
        name = unique("subnets")
        first, second = network().subnets
        ec2 = client("ec2")
        third = ec2.create_subnet(VpcId=network().vpc, CidrBlock="10.0.9.0/24")["Subnet"]["SubnetId"]
        self.rds.create_db_subnet_group(
            DBSubnetGroupName=name, DBSubnetGroupDescription="test", SubnetIds=[first, second]
        )
        self.rds.modify_db_subnet_group(DBSubnetGroupName=name, SubnetIds=[first, second, third])
        group = self.rds.describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"][0]
        self.assertEqual([subnet["SubnetIdentifier"] for subnet in group["Subnets"]], [first, second, third])
        with self.assertRaises(self.rds.exceptions.DBSubnetGroupNotFoundFault):
            self.rds.modify_db_subnet_group(DBSubnetGroupName="none", SubnetIds=[first])

    def test_engine_versions(self) -> None:
        newest = self.rds.describe_db_engine_versions(Engine="postgres", EngineVersion="17")["DBEngineVersions"][0]
        self.assertEqual(newest["DBParameterGroupFamily"], "postgres17")
        self.assertTrue(newest["EngineVersion"].startswith("17."))
        self.assertTrue(any(v["EngineVersion"].startswith("18.") for v in newest["ValidUpgradeTarget"]))
        default = self.rds.describe_db_engine_versions(Engine="postgres", DefaultOnly=True)["DBEngineVersions"]
        self.assertEqual(len(default), 1)
        family = self.rds.describe_db_engine_versions(Engine="postgres", DBParameterGroupFamily="postgres16")
        self.assertEqual([v["MajorEngineVersion"] for v in family["DBEngineVersions"]], ["16"])

    def test_what_stays_after_a_delete_is_listed_with_its_kind(self) -> None:
        resource_id = create(self.identifier)["DbiResourceId"]
        backups = self.rds.describe_db_instance_automated_backups(DBInstanceIdentifier=self.identifier)
        self.assertEqual(backups["DBInstanceAutomatedBackups"][0]["DbiResourceId"], resource_id)
        final = f"{self.identifier}-final"
        self.rds.delete_db_instance(
            DBInstanceIdentifier=self.identifier, FinalDBSnapshotIdentifier=final, DeleteAutomatedBackups=False
        )
        left = inventory("rds")
        self.assertEqual(left[f"db-snapshot {final}"], "manual")
        self.assertEqual(left[f"db-automated-backup {self.identifier}"], "retained")
        self.assertNotIn(f"db-instance {self.identifier}", left)

    def test_nothing_stays_when_backups_are_deleted(self) -> None:
        create(self.identifier)
        self.rds.delete_db_instance(DBInstanceIdentifier=self.identifier, SkipFinalSnapshot=True)
        self.assertEqual([item for item in inventory("rds") if self.identifier in item], [])

    def test_event_subscription_is_changed_in_place(self) -> None:
        name, other = unique("events"), unique("db")
        create(self.identifier)
        create(other)
        made = self.rds.create_event_subscription(
            SubscriptionName=name,
            SnsTopicArn="arn:aws:sns:us-east-1:111111111111:first",
            SourceType="db-instance",
            SourceIds=[self.identifier],
            EventCategories=["failover", "low storage"],
            Enabled=True,
        )["EventSubscription"]
        self.assertEqual(made["SourceIdsList"], [self.identifier])

        self.rds.add_source_identifier_to_subscription(SubscriptionName=name, SourceIdentifier=other)
        self.rds.remove_source_identifier_from_subscription(SubscriptionName=name, SourceIdentifier=self.identifier)
        self.rds.modify_event_subscription(
            SubscriptionName=name,
            SnsTopicArn="arn:aws:sns:us-east-1:111111111111:second",
            EventCategories=["failure"],
            Enabled=False,
        )
        found = self.rds.describe_event_subscriptions(SubscriptionName=name)["EventSubscriptionsList"][0]
        self.assertEqual(
            (found["SourceIdsList"], found["EventCategoriesList"], found["SnsTopicArn"].split(":")[-1], found["Enabled"]),
            ([other], ["failure"], "second", False),
        )
        self.rds.delete_event_subscription(SubscriptionName=name)
        self.assertNotIn(name, inventory("rds"))

    def test_event_subscription_of_what_there_is_not_is_refused(self) -> None:
        create(self.identifier)
        asked = {
            "SubscriptionName": unique("events"),
            "SnsTopicArn": "arn:aws:sns:us-east-1:111111111111:topic",
            "SourceType": "db-instance",
            "SourceIds": [self.identifier],
        }
        with self.assertRaisesRegex(self.rds.exceptions.ClientError, "SourceNotFound"):
            self.rds.create_event_subscription(**{**asked, "SourceIds": ["no-such-instance"]})
        with self.assertRaisesRegex(self.rds.exceptions.ClientError, "SubscriptionCategoryNotFound"):
            self.rds.create_event_subscription(**asked, EventCategories=["low-storage"])
