"""Access keys of users that come and go, and the labels of the secret that holds them."""

from __future__ import annotations

import time
import unittest
import uuid

import boto3
from support import REGION, client, emulator, unique


class AccessKeyTest(unittest.TestCase):
    def setUp(self) -> None:
        self.iam = client("iam")
        self.user = unique("uploader")
        self.iam.create_user(UserName=self.user, Path="/p/dev/")
        self.key = self.iam.create_access_key(UserName=self.user)["AccessKey"]

    def caller(self) -> str:
        """Who STS says has this key."""
        sts = boto3.client(
            "sts",
            region_name=REGION,
            endpoint_url=emulator().url,
            aws_access_key_id=self.key["AccessKeyId"],
            aws_secret_access_key=self.key["SecretAccessKey"],
        )
        return sts.get_caller_identity()["Arn"]

    def assert_refused(self) -> None:
        with self.assertRaises(self.iam.exceptions.ClientError) as raised:
            self.caller()
        self.assertEqual(raised.exception.response["Error"]["Code"], "InvalidClientTokenId")

    def test_active_key_is_its_user(self) -> None:
        self.assertTrue(self.caller().endswith(f":user/p/dev/{self.user}"))
        used = self.iam.get_access_key_last_used(AccessKeyId=self.key["AccessKeyId"])["AccessKeyLastUsed"]
        self.assertEqual(used["ServiceName"], "sts")

    def test_inactive_key_is_refused_until_it_is_active_again(self) -> None:
        settings = {"UserName": self.user, "AccessKeyId": self.key["AccessKeyId"]}
        self.iam.update_access_key(Status="Inactive", **settings)
        self.assert_refused()
        self.iam.update_access_key(Status="Active", **settings)
        self.caller()

    def test_deleted_key_is_refused(self) -> None:
        self.iam.delete_access_key(UserName=self.user, AccessKeyId=self.key["AccessKeyId"])
        self.assert_refused()

    def test_third_key_is_refused(self) -> None:
        self.iam.create_access_key(UserName=self.user)
        with self.assertRaises(self.iam.exceptions.LimitExceededException):
            self.iam.create_access_key(UserName=self.user)


class UserBoundaryTest(unittest.TestCase):
    def test_boundary_of_a_user_is_kept_changed_and_removed(self) -> None:
        iam, user, arn = client("iam"), unique("bounded"), "arn:aws:iam::111111111111:policy/p/boundary"
        self.assertEqual(
            iam.create_user(UserName=user, PermissionsBoundary=arn)["User"]["PermissionsBoundary"][
                "PermissionsBoundaryArn"
            ],
            arn,
        )
        iam.put_user_permissions_boundary(UserName=user, PermissionsBoundary=f"{arn}-2")
        bounded = iam.get_user(UserName=user)["User"]["PermissionsBoundary"]
        self.assertEqual(bounded["PermissionsBoundaryArn"], f"{arn}-2")
        iam.delete_user_permissions_boundary(UserName=user)
        self.assertNotIn("PermissionsBoundary", iam.get_user(UserName=user)["User"])


class SecretLabelsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.secrets = client("secretsmanager")
        self.name = unique("secret")
        self.secrets.create_secret(Name=self.name)

    def put(self, value: str, stage: str) -> str:
        put = self.secrets.put_secret_value(SecretId=self.name, SecretString=value, VersionStages=[stage])
        return put["VersionId"]

    def value(self, stage: str) -> str:
        return self.secrets.get_secret_value(SecretId=self.name, VersionStage=stage)["SecretString"]

    def test_repeated_call_changes_nothing(self) -> None:
        call = {"SecretId": self.name, "SecretString": "one", "VersionStages": ["AWSPENDING"]}
        call["ClientRequestToken"] = str(uuid.uuid4())
        first, second = self.secrets.put_secret_value(**call), self.secrets.put_secret_value(**call)
        self.assertEqual(first["VersionId"], second["VersionId"])
        labels = self.secrets.describe_secret(SecretId=self.name)["VersionIdsToStages"]
        self.assertEqual(list(labels), [first["VersionId"]])
        self.assertEqual(sorted(labels[first["VersionId"]]), ["AWSCURRENT", "AWSPENDING"])

    def test_first_version_is_current_and_the_next_waits_until_it_is_promoted(self) -> None:
        first = self.put("one", "AWSPENDING")
        self.assertEqual(self.value("AWSCURRENT"), "one")
        second = self.put("two", "AWSPENDING")
        self.assertEqual((self.value("AWSCURRENT"), self.value("AWSPENDING")), ("one", "two"))
        changed = self.secrets.describe_secret(SecretId=self.name)["LastChangedDate"]
        time.sleep(1.1)  # the date has whole seconds

        self.secrets.update_secret_version_stage(
            SecretId=self.name, VersionStage="AWSCURRENT", MoveToVersionId=second, RemoveFromVersionId=first
        )
        self.assertEqual((self.value("AWSCURRENT"), self.value("AWSPREVIOUS")), ("two", "one"))
        self.assertEqual(self.secrets.get_secret_value(SecretId=self.name)["SecretString"], "two")
        self.assertGreater(self.secrets.describe_secret(SecretId=self.name)["LastChangedDate"], changed)

        self.put("three", "AWSCURRENT")
        self.assertEqual((self.value("AWSCURRENT"), self.value("AWSPREVIOUS")), ("three", "two"))
