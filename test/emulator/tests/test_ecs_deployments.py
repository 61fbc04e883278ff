"""How a service gets from one revision to another, and back."""

from __future__ import annotations

import unittest
from datetime import timedelta
from typing import Any

from support import ACCOUNT, REGION, client, inventory, network, pass_time, push, unique

BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


class EcsDeploymentsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.ecs = client("ecs")
        self.cluster = unique("cluster")
        self.ecs.create_cluster(clusterName=self.cluster)
        self.repository = unique("repository")
        self.good = self.register(push(self.repository, "good"))

    def register(self, image: str) -> str:
        """A revision of one container."""
        return self.ecs.register_task_definition(
            family=f"{self.cluster}-web",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": "app", "image": image}],
        )["taskDefinition"]["taskDefinitionArn"]

    def unhealthy(self) -> str:
        """A revision whose tasks never become healthy."""
        return self.register(push(self.repository, unique("bad"), {"slipway.rehearsal/never-healthy": "true"}))

    def create_service(self, **settings: Any) -> dict[str, Any]:
        """A service of two tasks, which are up."""
        self.ecs.create_service(
            cluster=self.cluster,
            serviceName="web",
            networkConfiguration={"awsvpcConfiguration": {"subnets": network().subnets}},
            **{
                "taskDefinition": self.good,
                "desiredCount": 2,
                "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}],
                "deploymentConfiguration": BREAKER,
                **settings,
            },
        )
        return self.settled()

    def update(self, **changes: Any) -> dict[str, Any]:
        """Changes the service; gives the deployment that is made of it."""
        self.ecs.update_service(cluster=self.cluster, service="web", **changes)
        return self.deployments()[0]

    def service(self) -> dict[str, Any]:
        """What DescribeServices says."""
        return self.ecs.describe_services(cluster=self.cluster, services=["web"])["services"][0]

    def deployments(self, **query: Any) -> list[dict[str, Any]]:
        """All deployments, the newest first."""
        listed = self.ecs.list_service_deployments(cluster=self.cluster, service="web", **query)["serviceDeployments"]
        if not listed:
            return []
        arns = [deployment["serviceDeploymentArn"] for deployment in listed]
        return self.ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"]

    def settled(self) -> dict[str, Any]:
        """The newest deployment, once it is over."""
        for _ in range(80):
            deployment = self.deployments()[0]
            if "finishedAt" in deployment:
                return deployment
            pass_time(0.1)
        raise AssertionError(f"never over: {deployment}")

    def tasks(self, status: str = "RUNNING") -> list[dict[str, Any]]:
        """The tasks of the service."""
        query = {"cluster": self.cluster, "serviceName": "web", "desiredStatus": status}
        arns = self.ecs.list_tasks(**query)["taskArns"]
        return self.ecs.describe_tasks(cluster=self.cluster, tasks=arns)["tasks"] if arns else []

    def test_new_revision_takes_the_place_of_the_old_one(self) -> None:
        self.assertEqual(self.create_service()["status"], "SUCCESSFUL")
        before = self.service()
        newer = self.register(push(self.repository, "newer"))
        deployment = self.update(taskDefinition=newer)
        self.assertEqual(deployment["status"], "IN_PROGRESS")
        during = self.service()
        self.assertEqual((during["taskDefinition"], during["deployments"][0]["rolloutState"]), (newer, "IN_PROGRESS"))
        self.assertNotEqual(during["deployments"][0]["id"], before["deployments"][0]["id"])
        self.assertEqual({task["taskDefinitionArn"] for task in self.tasks()}, {self.good, newer})
        self.assertEqual(self.settled()["status"], "SUCCESSFUL")
        after = self.service()
        self.assertEqual((after["runningCount"], after["pendingCount"]), (2, 0))
        self.assertEqual([d["rolloutState"] for d in after["deployments"]], ["COMPLETED"])
        self.assertEqual([task["taskDefinitionArn"] for task in self.tasks()], [newer, newer])
        self.assertIn("steady state", after["events"][0]["message"])
        # the provider looks for the number of the deployment in the revision's ARN
        number = after["deployments"][0]["id"].removeprefix("ecs-svc/")
        self.assertIn(number, self.deployments()[0]["targetServiceRevision"]["arn"])

    def test_failing_revision_is_rolled_back(self) -> None:
        self.create_service()
        bad = self.unhealthy()
        self.update(taskDefinition=bad)
        seen = set()
        while "finishedAt" not in (deployment := self.deployments()[0]):
            seen.add(deployment["status"])
            self.assertGreaterEqual([task["taskDefinitionArn"] for task in self.tasks()].count(self.good), 2)
            pass_time(0.1)
        self.assertEqual(seen, {"IN_PROGRESS", "ROLLBACK_IN_PROGRESS"})
        self.assertEqual(deployment["status"], "ROLLBACK_SUCCESSFUL")
        breaker = {"failureCount": 3, "status": "TRIGGERED", "threshold": 3}
        self.assertEqual(deployment["deploymentCircuitBreaker"], breaker)
        self.assertIn("circuit breaker", deployment["statusReason"])
        service = self.service()
        self.assertEqual((service["taskDefinition"], service["runningCount"]), (self.good, 2))
        self.assertEqual([d["rolloutState"] for d in service["deployments"]], ["COMPLETED"])
        stopped = [task for task in self.tasks("STOPPED") if task["taskDefinitionArn"] == bad]
        self.assertEqual({task["stoppedReason"] for task in stopped}, {"Task failed container health checks"})
        self.assertEqual(len(stopped), 3)
        revision = self.ecs.describe_service_revisions(
            serviceRevisionArns=[deployment["rollback"]["serviceRevisionArn"], "arn:none"]
        )
        self.assertEqual([r["taskDefinition"] for r in revision["serviceRevisions"]], [self.good])
        self.assertEqual([f["reason"] for f in revision["failures"]], ["MISSING"])

    def test_both_deployments_are_described_while_one_is_rolled_back(self) -> None:
        self.create_service()
        bad = self.unhealthy()
        self.update(taskDefinition=bad)
        while self.deployments()[0]["status"] == "IN_PROGRESS":
            pass_time(0.1)
        described = [(d["status"], d["rolloutState"], d["taskDefinition"]) for d in self.service()["deployments"]]
        self.assertEqual(described, [("PRIMARY", "IN_PROGRESS", self.good), ("ACTIVE", "FAILED", bad)])

    def test_without_circuit_breaker_it_goes_on_trying(self) -> None:
        self.create_service(deploymentConfiguration={})
        self.update(taskDefinition=self.unhealthy())
        pass_time(2)
        deployment = self.deployments()[0]
        self.assertEqual(deployment["status"], "IN_PROGRESS")
        self.assertEqual(deployment["deploymentCircuitBreaker"]["status"], "DISABLED")

    def test_rollback_to_what_cannot_run_fails(self) -> None:
        template = self.register(f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{self.repository}:template")
        self.assertEqual(self.create_service(taskDefinition=template, desiredCount=0)["status"], "SUCCESSFUL")
        self.update(taskDefinition=self.unhealthy(), desiredCount=1)
        self.assertEqual(self.settled()["status"], "ROLLBACK_FAILED")
        reasons = {task["stoppedReason"].split(":")[0] for task in self.tasks("STOPPED")}
        self.assertEqual(reasons, {"CannotPullContainerError", "Task failed container health checks"})
        self.update(desiredCount=0)
        self.assertEqual((self.service()["runningCount"], self.service()["pendingCount"]), (0, 0))

    def test_first_deployment_has_nothing_to_go_back_to(self) -> None:
        self.assertEqual(self.create_service(taskDefinition=self.unhealthy())["status"], "ROLLBACK_FAILED")

    def test_stopped_deployment_is_rolled_back(self) -> None:
        self.create_service()
        deployment = self.update(taskDefinition=self.register(push(self.repository, "newer")))
        arn = deployment["serviceDeploymentArn"]
        self.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
        self.assertEqual(self.deployments()[0]["status"], "ROLLBACK_IN_PROGRESS")
        self.assertEqual(self.settled()["status"], "ROLLBACK_SUCCESSFUL")
        self.assertEqual(self.service()["taskDefinition"], self.good)
        with self.assertRaises(self.ecs.exceptions.ConflictException):
            self.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
        with self.assertRaises(self.ecs.exceptions.ServiceDeploymentNotFoundException):
            self.ecs.stop_service_deployment(serviceDeploymentArn=f"{arn}0", stopType="ROLLBACK")

    def test_newer_deployment_ends_the_one_under_way(self) -> None:
        self.create_service()
        first = self.update(taskDefinition=self.register(push(self.repository, "first")))
        second = self.update(taskDefinition=self.register(push(self.repository, "second")))
        statuses = {d["serviceDeploymentArn"]: d["status"] for d in self.deployments()}
        self.assertEqual(statuses[first["serviceDeploymentArn"]], "STOPPED")
        self.assertEqual(statuses[second["serviceDeploymentArn"]], "IN_PROGRESS")
        self.assertEqual(self.settled()["status"], "SUCCESSFUL")
        self.assertEqual(len({task["taskDefinitionArn"] for task in self.tasks()}), 1)

    def test_restart_replaces_every_task(self) -> None:
        self.create_service()
        before = {task["taskArn"] for task in self.tasks()}
        self.update(forceNewDeployment=True)
        self.settled()
        after = {task["taskArn"] for task in self.tasks()}
        self.assertEqual((len(after), before & after), (2, set()))

    def test_same_revision_again_is_no_deployment(self) -> None:
        first = self.create_service()
        again = self.update(taskDefinition=self.good, desiredCount=1)
        self.assertEqual(again["serviceDeploymentArn"], first["serviceDeploymentArn"])
        self.assertEqual(self.service()["runningCount"], 1)

    def test_without_tasks_it_succeeds_at_once(self) -> None:
        self.create_service(desiredCount=0)
        self.assertEqual(self.update(taskDefinition=self.unhealthy())["status"], "SUCCESSFUL")

    def test_deployments_are_listed_by_time_and_status(self) -> None:
        since = self.create_service()["createdAt"] + timedelta(seconds=5)
        pass_time(10)
        self.assertEqual(self.deployments(createdAt={"after": since}), [])
        newer = self.update(forceNewDeployment=True)
        self.assertGreater(newer["createdAt"], since)
        self.assertEqual(len(self.deployments(createdAt={"after": since})), 1)
        self.assertEqual(len(self.deployments(status=["SUCCESSFUL"])), 1)
        self.assertEqual(len(self.deployments()), 2)
        missing = self.ecs.describe_service_deployments(serviceDeploymentArns=[newer["serviceDeploymentArn"] + "0"])
        self.assertEqual([failure["reason"] for failure in missing["failures"]], ["MISSING"])

    def test_tasks_and_their_interfaces_go_with_the_service(self) -> None:
        self.create_service()
        details = [d["value"] for task in self.tasks() for d in task["attachments"][0]["details"]]
        interfaces = [item for item in inventory("ec2") if item.removeprefix("network-interface ") in details]
        self.assertEqual(len(interfaces), 2)
        self.ecs.delete_service(cluster=self.cluster, service="web", force=True)
        self.assertEqual([item for item in inventory("ec2") if item in interfaces], [])
