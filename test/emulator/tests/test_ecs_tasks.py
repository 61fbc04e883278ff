"""Tasks that run once: how they start, what they write, how they end."""

from __future__ import annotations

import unittest
from typing import Any

from support import ACCOUNT, REGION, client, inventory, network, pass_time, push, unique


class EcsTasksTest(unittest.TestCase):
    def setUp(self) -> None:
        self.ecs = client("ecs")
        self.cluster = unique("cluster")
        self.ecs.create_cluster(clusterName=self.cluster)
        self.family = unique("family")
        self.log_group = f"/p/{unique('group')}"

    def register(self, *containers: dict[str, Any]) -> str:
        """A Fargate task definition with memory at task level only, whose containers log."""
        logs = {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": self.log_group,
                "awslogs-region": REGION,
                "awslogs-stream-prefix": "once",
            },
        }
        return self.ecs.register_task_definition(
            family=self.family,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[{"logConfiguration": logs, **container} for container in containers],
        )["taskDefinition"]["taskDefinitionArn"]

    def create_log_group(self) -> None:
        """The group that the containers log to."""
        client("logs").create_log_group(logGroupName=self.log_group)

    def run_task(self, command: list[str] | None = None, **settings: Any) -> dict[str, Any]:
        """Starts a task."""
        overrides = {"containerOverrides": [{"name": "app", "command": command}]} if command else {}
        return self.ecs.run_task(
            cluster=self.cluster,
            taskDefinition=self.family,
            networkConfiguration={"awsvpcConfiguration": {"subnets": network().subnets}},
            overrides=overrides,
            **{"launchType": "FARGATE", **settings},
        )["tasks"][0]

    def task(self, arn: str) -> dict[str, Any]:
        """What DescribeTasks says."""
        return self.ecs.describe_tasks(cluster=self.cluster, tasks=[arn])["tasks"][0]

    def ended(self, arn: str) -> dict[str, Any]:
        """The same, once it has stopped."""
        for _ in range(50):
            task = self.task(arn)
            if task["lastStatus"] == "STOPPED":
                return task
            pass_time(0.1)
        raise AssertionError(f"never stopped: {task}")

    def two_containers(self) -> None:
        """A task of two containers of which one is essential."""
        self.create_log_group()
        self.register({"name": "app", "image": "x"}, {"name": "side", "image": "y", "essential": False})

    def codes(self, task: dict[str, Any]) -> dict[str, int | None]:
        """Exit codes by container."""
        return {container["name"]: container.get("exitCode") for container in task["containers"]}

    def test_starts_runs_and_ends_as_time_goes_by(self) -> None:
        self.two_containers()
        arn = self.run_task()["taskArn"]
        seen = []
        for _ in range(50):
            task = self.task(arn)
            if task["lastStatus"] not in seen:
                seen.append(task["lastStatus"])
            if task["lastStatus"] == "STOPPED":
                break
            self.assertEqual((task["desiredStatus"], self.codes(task)), ("RUNNING", {"app": None, "side": None}))
            self.assertNotIn("stoppedAt", task)
            pass_time(0.1)
        self.assertEqual(seen, ["PENDING", "RUNNING", "STOPPED"])
        self.assertEqual((task["desiredStatus"], task["stopCode"]), ("STOPPED", "EssentialContainerExited"))
        self.assertLess(task["startedAt"], task["stoppedAt"])

    def test_ends_with_the_exit_code_of_its_command(self) -> None:
        self.two_containers()
        for command, code in ((["exit", "3"], 3), (["sh", "-c", "migrate; exit 4"], 4), (["migrate"], 0)):
            self.assertEqual(self.codes(self.ended(self.run_task(command)["taskArn"])), {"app": code, "side": 0})

    def test_ends_with_the_exit_code_that_its_image_is_scripted_with(self) -> None:
        self.create_log_group()
        repository = unique("repository")
        good, bad = push(repository, "good"), push(repository, "bad", {"slipway.rehearsal/exit-code": "7"})
        self.register({"name": "app", "image": bad}, {"name": "side", "image": good, "essential": False})
        task = self.ended(self.run_task()["taskArn"])
        self.assertEqual(self.codes(task), {"app": 7, "side": 0})
        self.assertEqual(task["containers"][0]["imageDigest"], bad.split("@")[1])

    def test_container_that_waits_for_the_success_of_another_never_starts_without_it(self) -> None:
        self.create_log_group()
        first = {"name": "first", "image": "x", "essential": False, "command": ["exit", "1"]}
        after = [{"containerName": "first", "condition": "SUCCESS"}]
        self.register(first, {"name": "app", "image": "y", "dependsOn": after})
        self.assertEqual(self.codes(self.ended(self.run_task()["taskArn"])), {"first": 1, "app": None})
        self.register({**first, "command": ["true"]}, {"name": "app", "image": "y", "dependsOn": after})
        self.assertEqual(self.codes(self.ended(self.run_task()["taskArn"])), {"first": 0, "app": 0})

    def test_image_that_does_not_exist_keeps_it_from_starting(self) -> None:
        self.create_log_group()
        self.register({"name": "app", "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/none:template"})
        task = self.ended(self.run_task()["taskArn"])
        self.assertEqual((task["stopCode"], self.codes(task)), ("TaskFailedToStart", {"app": None}))
        self.assertIn("CannotPullContainerError", task["stoppedReason"])
        self.assertNotIn("startedAt", task)

    def test_log_group_that_does_not_exist_keeps_it_from_starting(self) -> None:
        self.register({"name": "app", "image": "x"})
        task = self.ended(self.run_task()["taskArn"])
        self.assertEqual(task["stopCode"], "TaskFailedToStart")
        self.assertIn("ResourceInitializationError", task["stoppedReason"])

    def test_every_container_writes_to_a_stream_of_its_own(self) -> None:
        self.two_containers()
        arn = self.run_task(["npm", "run", "migrate"])["taskArn"]
        stream = f"once/app/{arn.split('/')[-1]}"
        read = {"logGroupName": self.log_group, "logStreamName": stream, "startFromHead": True}
        logs = client("logs")
        with self.assertRaises(logs.exceptions.ResourceNotFoundException):
            logs.get_log_events(**read)
        self.ended(arn)
        answer = logs.get_log_events(**read)
        self.assertEqual([e["message"] for e in answer["events"]], ["runs npm run migrate", "ends with exit code 0"])
        more = logs.get_log_events(**read, nextToken=answer["nextForwardToken"])
        self.assertEqual((more["events"], more["nextForwardToken"]), ([], answer["nextForwardToken"]))
        streams = logs.describe_log_streams(logGroupName=self.log_group)["logStreams"]
        self.assertEqual(len(streams), 2)

    def test_one_token_starts_one_task(self) -> None:
        self.two_containers()
        first = self.run_task(clientToken="token")
        self.assertEqual(self.run_task(clientToken="token")["taskArn"], first["taskArn"])
        self.assertNotEqual(self.run_task(clientToken="other")["taskArn"], first["taskArn"])
        with self.assertRaises(self.ecs.exceptions.ConflictException):
            self.run_task(["something", "else"], clientToken="token")

    def test_by_capacity_provider_leaves_no_interface_behind(self) -> None:
        self.two_containers()
        strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
        task = self.ecs.run_task(
            cluster=self.cluster,
            taskDefinition=self.family,
            capacityProviderStrategy=strategy,
            networkConfiguration={"awsvpcConfiguration": {"subnets": network().subnets}},
        )["tasks"][0]
        self.assertEqual(task["capacityProviderName"], "FARGATE_SPOT")
        details = {d["name"]: d["value"] for d in task["attachments"][0]["details"]}
        self.assertIn(f"network-interface {details['networkInterfaceId']}", inventory("ec2"))
        self.ended(task["taskArn"])
        self.assertNotIn(f"network-interface {details['networkInterfaceId']}", inventory("ec2"))

    def test_stopped_by_hand(self) -> None:
        self.two_containers()
        task = self.run_task()
        self.assertIn(f"task {task['taskArn']}", inventory("ecs"))
        stopped = self.ecs.stop_task(cluster=self.cluster, task=task["taskArn"], reason="enough")["task"]
        self.assertEqual((stopped["stopCode"], stopped["stoppedReason"]), ("UserInitiated", "enough"))
        self.assertEqual(self.codes(stopped), {"app": None, "side": None})
        self.assertNotIn(f"task {task['taskArn']}", inventory("ecs"))

    def test_lists_what_runs_and_what_ran_of_a_family(self) -> None:
        self.two_containers()
        arn = self.run_task(startedBy="release/dev/1")["taskArn"]

        def listed(**query: str) -> list[str]:
            return self.ecs.list_tasks(cluster=self.cluster, **query)["taskArns"]

        self.assertEqual(listed(family=self.family), [arn])
        self.assertEqual([listed(family=f"{self.family}-x"), listed(serviceName="web")], [[], []])
        self.assertEqual([listed(startedBy="release/dev/1"), listed(startedBy="other")], [[arn], []])
        self.ended(arn)
        self.assertEqual([listed(family=self.family), listed(desiredStatus="STOPPED")], [[], [arn]])

    def test_task_that_does_not_exist_is_a_failure(self) -> None:
        failures = self.ecs.describe_tasks(cluster=self.cluster, tasks=["0123456789abcdef"])["failures"]
        self.assertEqual([failure["reason"] for failure in failures], ["MISSING"])
