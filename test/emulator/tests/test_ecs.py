"""Services, deployments and tasks."""

from __future__ import annotations

import unittest
from typing import Any

from support import client, inventory, network, unique


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
        service = self.service()
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

    def test_update_starts_a_deployment_and_stays_steady(self) -> None:
        first = self.create_service(launchType="FARGATE")["deployments"][0]["id"]
        newer = self.register()
        self.ecs.update_service(
            cluster=self.cluster, service="web", taskDefinition=newer.split("/")[-1], desiredCount=3
        )
        service = self.service()
        self.assertEqual(service["taskDefinition"], newer)
        self.assertEqual(service["runningCount"], 3)
        self.assertEqual(len(service["deployments"]), 1)
        deployment = service["deployments"][0]
        self.assertNotEqual(deployment["id"], first)
        self.assertEqual((deployment["taskDefinition"], deployment["runningCount"]), (newer, 3))
        self.assertEqual(deployment["rolloutState"], "COMPLETED")

    def test_update_keeps_what_it_does_not_name(self) -> None:
        alarms = {"alarmNames": ["a"], "enable": True, "rollback": True}
        self.create_service(launchType="FARGATE", deploymentConfiguration={"alarms": alarms, "maximumPercent": 200})
        self.ecs.update_service(cluster=self.cluster, service="web", deploymentConfiguration={"maximumPercent": 150})
        configuration = self.service()["deploymentConfiguration"]
        self.assertEqual((configuration["alarms"], configuration["maximumPercent"]), (alarms, 150))

    def test_scaling_starts_no_deployment(self) -> None:
        first = self.create_service(launchType="FARGATE")["deployments"][0]["id"]
        self.ecs.update_service(cluster=self.cluster, service="web", desiredCount=2)
        self.assertEqual(self.service()["deployments"][0]["id"], first)

    def test_service_deployments_name_the_primary_deployment(self) -> None:
        created = self.create_service(launchType="FARGATE")
        number = created["deployments"][0]["id"].removeprefix("ecs-svc/")
        listed = self.ecs.list_service_deployments(cluster=self.cluster, service=created["serviceArn"])
        summary = listed["serviceDeployments"][0]
        self.assertIn(number, summary["targetServiceRevisionArn"])
        described = self.ecs.describe_service_deployments(
            serviceDeploymentArns=[summary["serviceDeploymentArn"], summary["serviceDeploymentArn"] + "0"]
        )
        self.assertEqual([d["status"] for d in described["serviceDeployments"]], ["SUCCESSFUL"])
        self.assertEqual([f["reason"] for f in described["failures"]], ["MISSING"])
        self.ecs.update_service(cluster=self.cluster, service="web", forceNewDeployment=True)
        listed = self.ecs.list_service_deployments(cluster=self.cluster, service="web", status=["SUCCESSFUL"])
        self.assertEqual(len(listed["serviceDeployments"]), 2)

    def run_task(self, command: list[str], **settings: Any) -> dict[str, Any]:
        """Runs a task to its end."""
        task = self.ecs.run_task(
            cluster=self.cluster,
            taskDefinition=self.family,
            networkConfiguration={"awsvpcConfiguration": {"subnets": network().subnets}},
            overrides={"containerOverrides": [{"name": "app", "command": command}]},
            **settings,
        )["tasks"][0]
        waiter = self.ecs.get_waiter("tasks_stopped")
        waiter.wait(cluster=self.cluster, tasks=[task["taskArn"]], WaiterConfig={"Delay": 0, "MaxAttempts": 10})
        return self.ecs.describe_tasks(cluster=self.cluster, tasks=[task["taskArn"]])["tasks"][0]

    def test_task_ends_with_the_exit_code_of_its_command(self) -> None:
        for command, code in ((["exit", "3"], 3), (["sh", "-c", "migrate; exit 4"], 4), (["migrate"], 0)):
            task = self.run_task(command, launchType="FARGATE")
            codes = {container["name"]: container["exitCode"] for container in task["containers"]}
            self.assertEqual(codes, {"app": code, "side": 0})
            self.assertEqual(task["stopCode"], "EssentialContainerExited")

    def test_task_by_capacity_provider_leaves_no_interface_behind(self) -> None:
        task = self.run_task(["migrate"], capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT"}])
        self.assertEqual(task["capacityProviderName"], "FARGATE_SPOT")
        details = {d["name"]: d["value"] for d in task["attachments"][0]["details"]}
        self.assertNotIn(f"network-interface {details['networkInterfaceId']}", inventory("ec2"))

    def test_stopped_by_hand(self) -> None:
        task = self.ecs.run_task(
            cluster=self.cluster,
            taskDefinition=self.family,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": network().subnets}},
        )["tasks"][0]
        self.assertIn(f"task {task['taskArn']}", inventory("ecs"))
        stopped = self.ecs.stop_task(cluster=self.cluster, task=task["taskArn"], reason="enough")["task"]
        self.assertEqual((stopped["stopCode"], stopped["stoppedReason"]), ("UserInitiated", "enough"))
        self.assertNotIn(f"task {task['taskArn']}", inventory("ecs"))

    def test_inventory_counts_active_revisions_and_no_deleted_clusters(self) -> None:
        self.create_service(launchType="FARGATE")
        self.assertIn(f"task-definition {self.task_definition}", inventory("ecs"))
        self.ecs.deregister_task_definition(taskDefinition=self.task_definition)
        self.ecs.delete_service(cluster=self.cluster, service="web", force=True)
        self.ecs.delete_cluster(cluster=self.cluster)
        self.assertEqual([item for item in inventory("ecs") if self.cluster in item or self.family in item], [])
