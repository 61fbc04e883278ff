"""Services and revisions."""

from __future__ import annotations

import unittest
from typing import Any

from support import client, inventory, network, pass_time, unique


class EcsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.ecs = client("ecs")
        self.cluster = unique("cluster")
        self.ecs.create_cluster(clusterName=self.cluster)
        self.family = unique("family")
        self.task_definition = self.register()

    def register(self) -> str:
        """A Fargate task definition of two containers with memory at task level only."""
        return self.ecs.register_task_definition(
            family=self.family,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": "app", "image": "x"}, {"name": "side", "image": "y", "essential": False}],
        )["taskDefinition"]["taskDefinitionArn"]

    def create_service(self, **settings: Any) -> dict[str, Any]:
        """A service of one task."""
        return self.ecs.create_service(
            cluster=self.cluster,
            serviceName="web",
            taskDefinition=self.task_definition,
            desiredCount=1,
            networkConfiguration={"awsvpcConfiguration": {"subnets": network().subnets}},
            **settings,
        )["service"]

    def service(self) -> dict[str, Any]:
        """What DescribeServices says."""
        return self.ecs.describe_services(cluster=self.cluster, services=["web"])["services"][0]

    def steady(self) -> dict[str, Any]:
        """The same, once nothing changes any more."""
        for _ in range(50):
            service = self.service()
            if service["deployments"][0]["rolloutState"] != "IN_PROGRESS":
                return service
            pass_time(0.1)
        raise AssertionError(f"never steady: {service['deployments']}")

    def test_service_answers_what_was_asked(self) -> None:
        asked = {
            "availabilityZoneRebalancing": "DISABLED",
            "capacityProviderStrategy": [
                {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
                {"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 3},
            ],
            "enableECSManagedTags": True,
            "enableExecuteCommand": True,
            "healthCheckGracePeriodSeconds": 60,
        }
        configuration = {
            "alarms": {"alarmNames": ["a"], "enable": True, "rollback": True},
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            "maximumPercent": 150,
        }
        self.create_service(**asked, deploymentConfiguration=configuration)
        service = self.steady()
        self.assertEqual({key: service[key] for key in asked}, asked)
        self.assertEqual(service["deploymentConfiguration"], {**configuration, "minimumHealthyPercent": 100})
        self.assertNotIn("launchType", service)
        self.assertEqual((service["runningCount"], service["pendingCount"]), (1, 0))

    def test_service_without_wishes_has_the_defaults_of_aws(self) -> None:
        self.create_service(launchType="FARGATE")
        service = self.service()
        self.assertEqual(service["availabilityZoneRebalancing"], "ENABLED")
        self.assertIs(service["deploymentConfiguration"]["deploymentCircuitBreaker"]["enable"], False)
        self.assertEqual(service["launchType"], "FARGATE")

    def test_update_keeps_what_it_does_not_name(self) -> None:
        alarms = {"alarmNames": ["a"], "enable": True, "rollback": True}
        self.create_service(launchType="FARGATE", deploymentConfiguration={"alarms": alarms, "maximumPercent": 200})
        self.ecs.update_service(cluster=self.cluster, service="web", deploymentConfiguration={"maximumPercent": 150})
        configuration = self.service()["deploymentConfiguration"]
        self.assertEqual((configuration["alarms"], configuration["maximumPercent"]), (alarms, 150))

    def test_scaling_starts_no_deployment(self) -> None:
        first = self.create_service(launchType="FARGATE")["deployments"][0]["id"]
        self.steady()
        self.ecs.update_service(cluster=self.cluster, service="web", desiredCount=3)
        self.assertEqual(self.service()["deployments"][0]["id"], first)
        self.assertEqual((self.service()["runningCount"], self.service()["pendingCount"]), (1, 2))
        self.ecs.update_service(cluster=self.cluster, service="web", desiredCount=0)
        self.assertEqual((self.service()["runningCount"], self.service()["pendingCount"]), (0, 0))

    def test_inventory_counts_active_revisions_and_no_deleted_clusters(self) -> None:
        self.create_service(launchType="FARGATE")
        self.assertIn(f"task-definition {self.task_definition}", inventory("ecs"))
        self.ecs.deregister_task_definition(taskDefinition=self.task_definition)
        self.ecs.delete_service(cluster=self.cluster, service="web", force=True)
        self.ecs.delete_cluster(cluster=self.cluster)
        # neither its tasks nor their interfaces outlive a service
        self.assertEqual([item for item in inventory("ecs") if self.cluster in item or self.family in item], [])

    def test_revisions_are_listed_newest_first_a_page_at_a_time(self) -> None:
        arns = [self.task_definition, *(self.register() for _ in range(10))]
        pages = self.ecs.get_paginator("list_task_definitions").paginate(
            familyPrefix=self.family, sort="DESC", PaginationConfig={"PageSize": 4}
        )
        found = [page["taskDefinitionArns"] for page in pages]
        self.assertEqual([len(page) for page in found], [4, 4, 3])
        self.assertEqual([arn for page in found for arn in page], arns[::-1])

    def test_families_are_listed_by_status(self) -> None:
        def families(status: str) -> list[str]:
            return self.ecs.list_task_definition_families(familyPrefix=self.family, status=status)["families"]

        self.assertEqual(families("ACTIVE"), [self.family])
        self.ecs.deregister_task_definition(taskDefinition=self.task_definition)
        self.assertEqual([families(status) for status in ("ACTIVE", "INACTIVE")], [[], [self.family]])
        self.ecs.delete_task_definitions(taskDefinitions=[self.task_definition])
        self.assertEqual(families("ALL"), [])

    def test_revisions_are_tagged(self) -> None:
        self.ecs.tag_resource(resourceArn=self.task_definition, tags=[{"key": "a", "value": "1"}])
        self.ecs.tag_resource(
            resourceArn=self.task_definition, tags=[{"key": "a", "value": "2"}, {"key": "b", "value": "3"}]
        )
        described = self.ecs.describe_task_definition(taskDefinition=self.task_definition, include=["TAGS"])
        self.assertEqual({tag["key"]: tag["value"] for tag in described["tags"]}, {"a": "2", "b": "3"})
