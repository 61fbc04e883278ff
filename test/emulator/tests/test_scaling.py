"""Application Auto Scaling, and schedules."""

from __future__ import annotations

import unittest

from support import ACCOUNT, REGION, client, inventory, unique


class ApplicationAutoScalingTest(unittest.TestCase):
    def setUp(self) -> None:
        ecs = client("ecs")
        self.scaling = client("application-autoscaling")
        cluster = unique("cluster")
        ecs.create_cluster(clusterName=cluster)
        task_definition = ecs.register_task_definition(
            family=unique("family"), cpu="256", memory="512", containerDefinitions=[{"name": "app", "image": "x"}]
        )["taskDefinition"]["taskDefinitionArn"]
        ecs.create_service(cluster=cluster, serviceName="web", taskDefinition=task_definition, desiredCount=1)
        self.service = f"service/{cluster}/web"
        self.target = {
            "ServiceNamespace": "ecs",
            "ResourceId": self.service,
            "ScalableDimension": "ecs:service:DesiredCount",
        }

    def register(self, **settings: dict[str, str]) -> str:
        """Registers the service as a target."""
        return self.scaling.register_scalable_target(**self.target, MinCapacity=1, MaxCapacity=2, **settings)[
            "ScalableTargetARN"
        ]

    def test_tags_of_a_target(self) -> None:
        arn = self.register(Tags={"project": "p"})
        self.assertEqual(self.scaling.list_tags_for_resource(ResourceARN=arn)["Tags"], {"project": "p"})
        self.scaling.tag_resource(ResourceARN=arn, Tags={"stack": "dev"})
        self.scaling.untag_resource(ResourceARN=arn, TagKeys=["project"])
        self.assertEqual(self.scaling.list_tags_for_resource(ResourceARN=arn)["Tags"], {"stack": "dev"})
        self.assertIn(f"scalable-target {self.service}", inventory("applicationautoscaling"))
        self.scaling.deregister_scalable_target(**self.target)
        self.assertEqual(self.scaling.list_tags_for_resource(ResourceARN=self.register())["Tags"], {})

    def test_changed_range_keeps_everything_else(self) -> None:
        suspended = {"ScheduledScalingSuspended": True}
        arn = self.register(Tags={"project": "p"}, SuspendedState=suspended)
        self.scaling.register_scalable_target(**self.target, MinCapacity=2, MaxCapacity=6)
        target = self.scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[self.service])[
            "ScalableTargets"
        ][0]
        self.assertEqual((target["MinCapacity"], target["MaxCapacity"]), (2, 6))
        self.assertIs(target["SuspendedState"]["ScheduledScalingSuspended"], True)
        self.assertEqual(self.scaling.list_tags_for_resource(ResourceARN=arn)["Tags"], {"project": "p"})

    def test_a_service_scales_by_the_role_of_aws_whichever_is_named(self) -> None:
        own = (
            f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
            "AWSServiceRoleForApplicationAutoScaling_ECSService"
        )
        for settings in ({}, {"RoleARN": f"arn:aws:iam::{ACCOUNT}:role/other"}):
            self.register(**settings)
            targets = self.scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[self.service])
            self.assertEqual([target["RoleARN"] for target in targets["ScalableTargets"]], [own])
            self.scaling.deregister_scalable_target(**self.target)

    def put_policy(self, target_value: int) -> dict[str, object]:
        """A target-tracking policy on CPU."""
        metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
        return self.scaling.put_scaling_policy(
            PolicyName="cpu",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": target_value,
                "PredefinedMetricSpecification": metric,
            },
            **self.target,
        )

    def alarms(self) -> list[str]:
        """The alarms of the service."""
        return [item for item in inventory("cloudwatch") if self.service in item]

    def test_changed_policy_keeps_its_arn_and_leaves_no_alarms_behind(self) -> None:
        self.register()
        first, second = self.put_policy(60), self.put_policy(70)
        self.assertEqual(first["PolicyARN"], second["PolicyARN"])
        self.assertEqual(len(self.alarms()), 2)
        self.scaling.delete_scaling_policy(PolicyName="cpu", **self.target)
        self.assertEqual(self.alarms(), [])

    def test_target_takes_policies_alarms_and_actions_along(self) -> None:
        self.register()
        self.put_policy(60)
        self.scaling.put_scheduled_action(
            ScheduledActionName="night",
            Schedule="cron(0 20 * * ? *)",
            ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0},
            **self.target,
        )
        self.assertEqual(
            len([i for i, state in inventory("applicationautoscaling").items() if state == self.service]), 2
        )
        self.scaling.deregister_scalable_target(**self.target)
        left = inventory("applicationautoscaling")
        self.assertEqual([i for i, state in left.items() if self.service in (state or i)], [])
        self.assertEqual(self.alarms(), [])

    def test_what_is_deleted_twice_is_not_found(self) -> None:
        self.register()
        self.put_policy(60)
        self.scaling.delete_scaling_policy(PolicyName="cpu", **self.target)
        with self.assertRaises(self.scaling.exceptions.ObjectNotFoundException):
            self.scaling.delete_scaling_policy(PolicyName="cpu", **self.target)
        self.scaling.deregister_scalable_target(**self.target)
        with self.assertRaises(self.scaling.exceptions.ObjectNotFoundException):
            self.scaling.deregister_scalable_target(**self.target)


class SchedulerTest(unittest.TestCase):
    def test_moved_schedule_keeps_everything_else(self) -> None:
        scheduler = client("scheduler")
        group, name = unique("group"), unique("schedule")
        scheduler.create_schedule_group(Name=group)
        cluster = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/c"
        revision = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/reports"
        schedule = {
            "Description": "Runs reports",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "GroupName": group,
            "Name": name,
            "ScheduleExpression": "cron(0 3 * * ? *)",
            "ScheduleExpressionTimezone": "Europe/Berlin",
            "State": "DISABLED",
            "Target": {
                "Arn": cluster,
                "DeadLetterConfig": {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"},
                "EcsParameters": {
                    "CapacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}],
                    "TaskCount": 1,
                    "TaskDefinitionArn": f"{revision}:1",
                },
                "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 2},
                "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r",
            },
        }
        scheduler.create_schedule(**schedule)
        before = scheduler.get_schedule(GroupName=group, Name=name)
        schedule["Target"]["EcsParameters"]["TaskDefinitionArn"] = f"{revision}:2"
        scheduler.update_schedule(**{**schedule, "State": "ENABLED"})
        after = scheduler.get_schedule(GroupName=group, Name=name)
        self.assertEqual((after["State"], after["Target"]), ("ENABLED", schedule["Target"]))
        unchanged = ("Description", "FlexibleTimeWindow", "ScheduleExpression", "ScheduleExpressionTimezone")
        self.assertEqual([after[key] for key in unchanged], [before[key] for key in unchanged])
