"""One process, several accounts."""

from __future__ import annotations

import unittest

import boto3
from support import ACCOUNT, OTHER_ACCOUNT, REGION, client, emulator, inventory, unique


class AccountsTest(unittest.TestCase):
    def test_twelve_digits_as_access_key_name_the_account(self) -> None:
        self.assertEqual(client("sts", OTHER_ACCOUNT).get_caller_identity()["Account"], OTHER_ACCOUNT)

    def test_every_other_key_acts_in_the_account_of_the_environment(self) -> None:
        self.assertEqual(client("sts", "test").get_caller_identity()["Account"], ACCOUNT)

    def test_accounts_do_not_see_each_other(self) -> None:
        name = unique("repository")
        arn = client("ecr", OTHER_ACCOUNT).create_repository(repositoryName=name)["repository"]["repositoryArn"]
        self.assertIn(f":{OTHER_ACCOUNT}:", arn)
        self.assertIn(f"repository {name}", inventory("ecr", OTHER_ACCOUNT))
        self.assertNotIn(f"repository {name}", inventory("ecr", ACCOUNT))

    def test_an_assumed_role_acts_in_its_own_account(self) -> None:
        credentials = client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{OTHER_ACCOUNT}:role/deploy", RoleSessionName="test"
        )["Credentials"]
        assumed = boto3.client(
            "sts",
            region_name=REGION,
            endpoint_url=emulator().url,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )
        self.assertEqual(assumed.get_caller_identity()["Account"], OTHER_ACCOUNT)
