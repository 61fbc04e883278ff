"""Calls that moto does not know or fails in: named, answered at once, never retried."""

from __future__ import annotations

import unittest
import urllib.error
import urllib.request

from botocore.exceptions import ClientError
from support import client, control, emulator, unique


def entry(service: str, kind: str, part: str) -> dict[str, str]:
    """The recorded call of this service and kind whose operation contains `part`."""
    return next(
        call
        for call in control("unknown-calls")
        if call["service"] == service and call["kind"] == kind and part in call["operation"]
    )


class UnknownCallsTest(unittest.TestCase):
    def test_an_operation_that_is_not_implemented_is_a_501_that_names_it(self) -> None:
        calls = [
            ("codebuild", lambda: client("codebuild").list_fleets(), "ListFleets"),
            ("rds", lambda: client("rds").describe_db_recommendations(), "DescribeDBRecommendations"),
            ("ec2", lambda: client("ec2").describe_bundle_tasks(), "DescribeBundleTasks"),
        ]
        for service, call, operation in calls:
            with self.subTest(service), self.assertRaises(ClientError) as raised:
                call()
            self.assertEqual(raised.exception.response["ResponseMetadata"]["HTTPStatusCode"], 501)
            self.assertEqual(raised.exception.response["Error"]["Code"], "EmulatorUnknownCall")
            self.assertIn(f"{service} {operation}", raised.exception.response["Error"]["Message"])
            self.assertEqual(entry(service, "unimplemented", operation)["operation"], operation)

    def test_an_exception_inside_moto_is_a_501_that_names_it(self) -> None:
        # moto asks for the instances of a cluster without looking whether it has any
        cluster = unique("cluster")
        ecs = client("ecs")
        ecs.create_cluster(clusterName=cluster)
        with self.assertRaises(ClientError) as raised:
            ecs.stop_task(cluster=cluster, task="none")
        self.assertEqual(raised.exception.response["ResponseMetadata"]["HTTPStatusCode"], 501)
        self.assertIn("has no registered tasks", entry("ecs", "exception", "StopTask")["detail"])

    def test_a_path_without_a_route_is_recorded(self) -> None:
        with self.assertRaises(ClientError):
            client("cloudfront").list_streaming_distributions()
        self.assertEqual(entry("cloudfront", "unrouted", "streaming-distribution")["detail"], "no route")

    def test_regular_errors_of_aws_pass_and_are_not_recorded(self) -> None:
        with self.assertRaises(ClientError) as raised:
            client("ecr").describe_repositories(repositoryNames=["none"])
        self.assertEqual(raised.exception.response["Error"]["Code"], "RepositoryNotFoundException")
        with self.assertRaises(ClientError) as raised:
            client("s3").head_bucket(Bucket="no-such-bucket")
        self.assertEqual(raised.exception.response["Error"]["Code"], "404")
        self.assertEqual([call for call in control("unknown-calls") if call["service"] in ("ecr", "s3")], [])

    def test_control_paths_are_named_when_one_is_mistyped(self) -> None:
        with self.assertRaises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(f"{emulator().url}/_slipway/inventori")
        self.assertEqual(raised.exception.code, 404)
        self.assertIn(b"/_slipway/inventory", raised.exception.read())
        raised.exception.close()
