"""Amazon MQ: brokers as AWS names them, and what waits for a restart."""

from __future__ import annotations

import base64
import unittest
from typing import Any

from support import client, inventory, network, unique

PASSWORD = "not-a-secret-1"


class BrokerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.mq = client("mq")
        self.name = unique("broker")

    def create(self, **settings: Any) -> str:
        """The id of a broker."""
        return self.mq.create_broker(
            **{
                "AutoMinorVersionUpgrade": True,
                "BrokerName": self.name,
                "DeploymentMode": "SINGLE_INSTANCE",
                "EngineType": "ACTIVEMQ",
                "EngineVersion": "5.18",
                "HostInstanceType": "mq.t3.micro",
                "PubliclyAccessible": False,
                "SubnetIds": network().subnets[:1],
                "Users": [{"Username": "bootstrap", "Password": PASSWORD}],
                **settings,
            }
        )["BrokerId"]

    def describe(self, broker: str) -> dict[str, Any]:
        """What DescribeBroker says."""
        return self.mq.describe_broker(BrokerId=broker)

    def restart(self, broker: str) -> None:
        """Restarts and waits."""
        self.mq.reboot_broker(BrokerId=broker)
        self.assertEqual(self.describe(broker)["BrokerState"], "REBOOT_IN_PROGRESS")
        self.assertEqual(self.describe(broker)["BrokerState"], "RUNNING")

    def refused(self, code: str, operation: str, **request: Any) -> str:
        """The message of a refusal with this code."""
        with self.assertRaises(self.mq.exceptions.ClientError) as raised:
            getattr(self.mq, operation)(**request)
        self.assertEqual(raised.exception.response["Error"]["Code"], code)
        return raised.exception.response["Error"]["Message"]

    def log_groups(self, broker: str) -> list[str]:
        """Names of the groups of a broker."""
        prefix = f"/aws/amazonmq/broker/{broker}/"
        groups = client("logs").describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
        return [group["logGroupName"].removeprefix(prefix) for group in groups]


class CreationTest(BrokerTest):
    def test_a_pair_has_two_instances_with_hosts_of_its_id(self) -> None:
        broker = self.create(DeploymentMode="ACTIVE_STANDBY_MULTI_AZ", SubnetIds=network().subnets)
        found = self.describe(broker)
        self.assertRegex(broker, r"^b-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.assertEqual(found["BrokerArn"], f"arn:aws:mq:us-east-1:111111111111:broker:{self.name}:{broker}")
        host = f"{broker}-2.mq.us-east-1.amazonaws.com"
        self.assertEqual(len(found["BrokerInstances"]), 2)
        self.assertEqual(
            found["BrokerInstances"][1]["Endpoints"],
            [
                f"ssl://{host}:61617",
                f"amqp+ssl://{host}:5671",
                f"stomp+ssl://{host}:61614",
                f"mqtt+ssl://{host}:8883",
                f"wss://{host}:61619",
            ],
        )
        self.assertEqual((found["EngineVersion"], found["StorageType"]), ("5.18.1", "EFS"))

    def test_subnets_are_as_many_as_instances_and_in_zones_of_their_own(self) -> None:
        first, second = network().subnets
        self.refused("BadRequestException", "create_broker", **self.request([first, second], "SINGLE_INSTANCE"))
        self.refused("BadRequestException", "create_broker", **self.request([first], "ACTIVE_STANDBY_MULTI_AZ"))
        beside = client("ec2").create_subnet(
            VpcId=network().vpc, CidrBlock="10.0.99.0/24", AvailabilityZone="us-east-1a"
        )["Subnet"]["SubnetId"]
        message = self.refused(
            "BadRequestException", "create_broker", **self.request([first, beside], "ACTIVE_STANDBY_MULTI_AZ")
        )
        self.assertIn("zones", message)
        client("ec2").delete_subnet(SubnetId=beside)

    def request(self, subnets: list[str], mode: str, password: str = PASSWORD) -> dict[str, Any]:
        """A request for a broker."""
        return {
            "BrokerName": self.name,
            "DeploymentMode": mode,
            "EngineType": "ACTIVEMQ",
            "HostInstanceType": "mq.t3.micro",
            "PubliclyAccessible": False,
            "SubnetIds": subnets,
            "Users": [{"Username": "bootstrap", "Password": password}],
        }

    def test_weak_passwords_are_refused(self) -> None:
        for password in ("short", "aaaaaaaaaaaaaaa", "with,comma-in-it", "with:colon-in-it", "with=equal-in-it"):
            request = self.request(network().subnets[:1], "SINGLE_INSTANCE", password)
            self.refused("BadRequestException", "create_broker", **request)

    def test_a_broker_goes_with_its_tags_and_leaves_its_logs(self) -> None:
        broker = self.create(Logs={"General": True, "Audit": False}, Tags={"a": "1"})
        self.assertEqual(self.log_groups(broker), ["general"])
        self.assertEqual(self.describe(broker)["Tags"], {"a": "1"})
        self.assertIn(f"broker {broker}", inventory("mq"))
        self.mq.delete_broker(BrokerId=broker)
        self.assertNotIn(f"broker {broker}", inventory("mq"))
        self.refused("NotFoundException", "describe_broker", BrokerId=broker)
        self.refused("NotFoundException", "delete_broker", BrokerId=broker)
        self.assertEqual(self.log_groups(broker), ["general"])


class RestartTest(BrokerTest):
    def test_users_change_when_the_broker_restarts(self) -> None:
        broker = self.create()
        self.mq.create_user(BrokerId=broker, Username="server-a", Password=PASSWORD, Groups=["server"])
        self.mq.update_user(BrokerId=broker, Username="bootstrap", Groups=["people"], ConsoleAccess=True)
        self.assertEqual(
            self.mq.list_users(BrokerId=broker)["Users"],
            [{"Username": "bootstrap", "PendingChange": "UPDATE"}, {"Username": "server-a", "PendingChange": "CREATE"}],
        )
        user = self.mq.describe_user(BrokerId=broker, Username="server-a")
        self.assertEqual(user["Groups"], [])
        self.assertEqual(user["Pending"], {"Groups": ["server"], "PendingChange": "CREATE"})

        self.restart(broker)
        self.assertEqual(
            self.describe(broker)["Users"],
            [{"Username": "bootstrap"}, {"Username": "server-a"}],
        )
        user = self.mq.describe_user(BrokerId=broker, Username="server-a")
        self.assertEqual((user["Groups"], user.get("Pending")), (["server"], None))
        self.assertIs(self.mq.describe_user(BrokerId=broker, Username="bootstrap")["ConsoleAccess"], True)

        self.mq.delete_user(BrokerId=broker, Username="bootstrap")
        self.assertIn({"Username": "bootstrap", "PendingChange": "DELETE"}, self.describe(broker)["Users"])
        self.refused("ConflictException", "update_user", BrokerId=broker, Username="bootstrap", Groups=["people"])
        self.restart(broker)
        self.assertEqual(self.describe(broker)["Users"], [{"Username": "server-a"}])
        self.refused("NotFoundException", "describe_user", BrokerId=broker, Username="bootstrap")

    def test_a_user_that_never_was_goes_at_once(self) -> None:
        broker = self.create()
        self.mq.create_user(BrokerId=broker, Username="server-a", Password=PASSWORD)
        self.refused("ConflictException", "create_user", BrokerId=broker, Username="server-a", Password=PASSWORD)
        self.mq.delete_user(BrokerId=broker, Username="server-a")
        self.assertEqual(self.mq.list_users(BrokerId=broker)["Users"], [{"Username": "bootstrap"}])

    def test_wrong_users_are_refused(self) -> None:
        broker = self.create()
        self.refused("BadRequestException", "create_user", BrokerId=broker, Username="a b", Password=PASSWORD)
        self.refused("BadRequestException", "create_user", BrokerId=broker, Username="server-a", Password="short")
        self.refused("BadRequestException", "update_user", BrokerId=broker, Username="bootstrap", Password="short")
        self.refused("NotFoundException", "update_user", BrokerId=broker, Username="nobody", Groups=["a1"])

    def test_version_size_and_logs_change_when_the_broker_restarts(self) -> None:
        broker = self.create()
        self.mq.update_broker(
            BrokerId=broker,
            EngineVersion="5.19",
            HostInstanceType="mq.m5.large",
            Logs={"General": True},
            SecurityGroups=["sg-1"],
        )
        found = self.describe(broker)
        self.assertEqual((found["EngineVersion"], found["PendingEngineVersion"]), ("5.18.1", "5.19.1"))
        self.assertEqual((found["HostInstanceType"], found["PendingHostInstanceType"]), ("mq.t3.micro", "mq.m5.large"))
        pending = {"Audit": False, "General": True}
        self.assertEqual(found["Logs"], {"Audit": False, "General": False, "Pending": pending})
        self.assertEqual(found["SecurityGroups"], ["sg-1"])
        self.assertEqual(self.log_groups(broker), [])

        self.restart(broker)
        found = self.describe(broker)
        self.assertEqual((found["EngineVersion"], found["HostInstanceType"]), ("5.19.1", "mq.m5.large"))
        self.assertFalse({"PendingEngineVersion", "PendingHostInstanceType"} & found.keys())
        group = f"/aws/amazonmq/broker/{broker}/general"
        self.assertEqual(found["Logs"], {"Audit": False, "General": True, "GeneralLogGroup": group})
        self.assertEqual(self.log_groups(broker), ["general"])

    def test_what_is_wanted_already_does_not_wait(self) -> None:
        broker = self.create()
        self.mq.update_broker(BrokerId=broker, EngineVersion="5.19", Logs={"Audit": True})
        self.mq.update_broker(BrokerId=broker, EngineVersion="5.18", Logs={"Audit": False})
        found = self.describe(broker)
        self.assertFalse({"PendingEngineVersion"} & found.keys())
        self.assertEqual(found["Logs"], {"Audit": False, "General": False})

    def test_a_configuration_changes_when_the_broker_restarts(self) -> None:
        configuration = self.mq.create_configuration(Name=self.name, EngineType="ACTIVEMQ", EngineVersion="5.18")["Id"]
        broker = self.create(Configuration={"Id": configuration, "Revision": 1})
        for number in range(2, 12):
            self.mq.update_configuration(
                ConfigurationId=configuration, Data=base64.b64encode(f"<broker>{number}</broker>".encode()).decode()
            )
        newest = self.mq.describe_configuration(ConfigurationId=configuration)["LatestRevision"]["Revision"]
        self.assertEqual(newest, 11)
        self.refused(
            "BadRequestException",
            "update_broker",
            BrokerId=broker,
            Configuration={"Id": configuration, "Revision": 12},
        )
        self.mq.update_broker(BrokerId=broker, Configuration={"Id": configuration, "Revision": 11})
        found = self.describe(broker)["Configurations"]
        self.assertEqual((found["Current"]["Revision"], found["Pending"]["Revision"]), (1, 11))
        self.restart(broker)
        found = self.describe(broker)["Configurations"]
        self.assertEqual((found["Current"]["Revision"], found.get("Pending")), (11, None))
        self.assertEqual([past["Revision"] for past in found["History"]], [1])

        self.refused("ConflictException", "delete_configuration", ConfigurationId=configuration)
        self.assertIsNone(inventory("mq")[f"configuration {configuration}"])
        self.mq.delete_broker(BrokerId=broker)
        self.assertEqual(inventory("mq")[f"configuration {configuration}"], "unused")
        self.mq.delete_configuration(ConfigurationId=configuration)
        self.assertNotIn(f"configuration {configuration}", inventory("mq"))
        self.refused("NotFoundException", "delete_configuration", ConfigurationId=configuration)


del BrokerTest

if __name__ == "__main__":
    unittest.main()
