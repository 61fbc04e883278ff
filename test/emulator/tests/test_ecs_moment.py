"""An answer is of one moment, however slowly it is written: nothing in it has ended while something else has not."""

from __future__ import annotations

import sys
import unittest
from datetime import timedelta
from itertools import count
from unittest import mock

import boto3
from moto import mock_aws

from support import REGION, SERVER

sys.path.insert(0, str(SERVER.parent))
from overlay import ecs as overlay_of_ecs
from overlay.ecs import pacing


class EcsMomentTest(unittest.TestCase):
    @mock_aws
    def test_task_that_ends_while_it_is_described_is_described_as_running(self) -> None:
        overlay_of_ecs.apply()
        ecs = boto3.client("ecs", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
        subnet = boto3.client("ec2", region_name=REGION).describe_subnets()["Subnets"][0]["SubnetId"]
        ecs.create_cluster(clusterName="c")
        ecs.register_task_definition(
            family="f",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": "app", "image": "x"}],
        )
        # every look at the clock takes as long as a task works
        looks = count()
        slow = mock.patch.object(
            pacing, "now", lambda: pacing.BEGINNING + timedelta(seconds=next(looks) * pacing.WORK_SECONDS)
        )
        with slow:
            task = ecs.run_task(
                cluster="c",
                taskDefinition="f",
                launchType="FARGATE",
                networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet]}},
            )["tasks"][0]
            seen = []
            while task["lastStatus"] != "STOPPED":
                task = ecs.describe_tasks(cluster="c", tasks=[task["taskArn"]])["tasks"][0]
                container = task["containers"][0]
                seen.append((task["lastStatus"], container["lastStatus"], container.get("exitCode")))
        self.assertEqual(seen, [("RUNNING", "RUNNING", None), ("STOPPED", "STOPPED", 0)])
