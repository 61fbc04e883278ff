"""Roles that are taken with the token of a pipeline."""

from __future__ import annotations

import base64
import json
import time
import unittest
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from support import OTHER_ACCOUNT, REGION, client, emulator, unique

GITHUB = "token.actions.githubusercontent.com"
GITLAB = "gitlab.example"
AUDIENCE = "sts.amazonaws.com"
NOT_AUTHORIZED = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")


def token(**claims: Any) -> str:
    """An unsigned token."""
    said = {"aud": AUDIENCE, "iss": f"https://{GITHUB}", "sub": "repo:a/b", "exp": time.time() + 300, **claims}
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, said)]
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), ""])


class WebIdentityTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.iam = client("iam", OTHER_ACCOUNT)
        cls.providers = {
            host: cls.iam.create_open_id_connect_provider(Url=f"https://{host}", ClientIDList=[AUDIENCE])[
                "OpenIDConnectProviderArn"
            ]
            for host in (GITHUB, GITLAB)
        }

    @classmethod
    def tearDownClass(cls) -> None:
        for arn in cls.providers.values():
            cls.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)

    def role(self, condition: dict[str, Any], host: str = GITHUB, **statement: Any) -> str:
        """A role of the other account that takes tokens for which the condition holds."""
        trusted = {
            "Effect": "Allow",
            "Principal": {"Federated": self.providers[host]},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": condition,
            **statement,
        }
        policy = {"Version": "2012-10-17", "Statement": [trusted]}
        name = unique("role")
        role = self.iam.create_role(Path="/p/", RoleName=name, AssumeRolePolicyDocument=json.dumps(policy))["Role"]
        self.addCleanup(self.iam.delete_role, RoleName=name)
        return role["Arn"]

    def take(self, role: str, with_token: str, **more: Any) -> dict[str, Any]:
        """Credentials of the role; a token is all that the caller has."""
        settings = {"region_name": REGION, "endpoint_url": emulator().url}
        sts = boto3.client("sts", config=Config(signature_version=UNSIGNED), **settings)
        taken = sts.assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="job", WebIdentityToken=with_token, **more
        )
        return taken["Credentials"]

    def refusal(self, role: str, with_token: str, **more: Any) -> tuple[str, str]:
        """What the caller is told."""
        with self.assertRaises(ClientError) as raised:
            self.take(role, with_token, **more)
        error = raised.exception.response["Error"]
        return error["Code"], error["Message"]

    def test_role_acts_in_its_own_account(self) -> None:
        credentials = self.take(self.role({"StringEquals": {f"{GITHUB}:sub": "repo:a/b"}}), token())
        sts = boto3.client(
            "sts",
            region_name=REGION,
            endpoint_url=emulator().url,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )
        self.assertEqual(sts.get_caller_identity()["Account"], OTHER_ACCOUNT)

    def test_another_subject_is_refused(self) -> None:
        role = self.role({"StringEquals": {f"{GITHUB}:sub": "repo:a/b"}})
        self.assertEqual(self.refusal(role, token(sub="repo:a/B")), NOT_AUTHORIZED)

    def test_every_condition_has_to_hold(self) -> None:
        role = self.role(
            {
                "StringEquals": {f"{GITHUB}:repository_id": "7"},
                "StringLike": {f"{GITHUB}:sub": ["x", "repo:a/b:*"], f"{GITHUB}:ref": "refs/tags/v*"},
            }
        )
        right = {"sub": "repo:a/b:environment:prod", "ref": "refs/tags/v1", "repository_id": "7"}
        self.take(role, token(**right))
        for wrong in ({"ref": "refs/heads/main"}, {"repository_id": "8"}, {"sub": "repo:a/c:environment:prod"}):
            self.assertEqual(self.refusal(role, token(**{**right, **wrong})), NOT_AUTHORIZED)

    def test_missing_claim_holds_nothing(self) -> None:
        role = self.role({"StringLike": {f"{GITHUB}:ref": "*"}})
        self.assertEqual(self.refusal(role, token()), NOT_AUTHORIZED)

    def test_one_that_must_not_be_like_something_may_be_missing(self) -> None:
        role = self.role(
            {"StringLike": {f"{GITHUB}:sub": "repo:a/b:*"}, "StringNotLike": {f"{GITHUB}:ref": ["x", "refs/tags/v*/*"]}}
        )
        for right in ({}, {"ref": "refs/tags/v1"}):
            self.take(role, token(sub="repo:a/b:environment:prod", **right))
        wrong = token(sub="repo:a/b:environment:prod", ref="refs/tags/v1/x")
        self.assertEqual(self.refusal(role, wrong), NOT_AUTHORIZED)

    def test_other_hosts_have_no_claims_of_their_own(self) -> None:
        role = self.role({"StringLike": {f"{GITLAB}:ref": "*"}}, GITLAB)
        self.assertEqual(self.refusal(role, token(iss=f"https://{GITLAB}", ref="main")), NOT_AUTHORIZED)
        by_subject = self.role({"StringLike": {f"{GITLAB}:sub": "project_path:g/p:*"}}, GITLAB)
        self.take(by_subject, token(iss=f"https://{GITLAB}", sub="project_path:g/p:ref_type:tag:ref:v1"))

    def test_stars_and_question_marks_are_letters_to_equals(self) -> None:
        role = self.role({"StringEquals": {f"{GITHUB}:sub": "repo:*"}})
        self.assertEqual(self.refusal(role, token()), NOT_AUTHORIZED)

    def test_token_of_another_host_is_refused(self) -> None:
        role = self.role({"StringEquals": {f"{GITHUB}:sub": "repo:a/b"}})
        self.assertEqual(self.refusal(role, token(iss=f"https://{GITLAB}")), NOT_AUTHORIZED)

    def test_statement_that_denies_wins_over_none(self) -> None:
        self.assertEqual(self.refusal(self.role({}, Effect="Deny"), token()), NOT_AUTHORIZED)

    def test_role_that_is_not_there_is_not_told_apart(self) -> None:
        self.assertEqual(self.refusal(f"arn:aws:iam::{OTHER_ACCOUNT}:role/p/none", token()), NOT_AUTHORIZED)

    def test_unknown_operator_is_an_error_and_no_answer(self) -> None:
        role = self.role({"ForAllValues:StringLike": {f"{GITHUB}:sub": "*"}})
        code, message = self.refusal(role, token())
        self.assertNotEqual(code, "AccessDenied")
        self.assertIn("ForAllValues:StringLike is not emulated", message)

    def test_token_that_cannot_be_believed(self) -> None:
        role = self.role({"StringEquals": {f"{GITHUB}:sub": "repo:a/b"}})
        self.assertEqual(self.refusal(role, "nonsense")[0], "InvalidIdentityToken")
        self.assertEqual(self.refusal(role, token(exp=time.time() - 1))[0], "ExpiredTokenException")
        self.assertEqual(
            self.refusal(role, token(aud="https://gitlab.example")),
            ("InvalidIdentityToken", "Incorrect token audience"),
        )
        self.assertEqual(
            self.refusal(role, token(iss="https://elsewhere.example")),
            ("InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://elsewhere.example"),
        )

    def test_session_is_no_longer_than_the_role_allows(self) -> None:
        role = self.role({"StringEquals": {f"{GITHUB}:sub": "repo:a/b"}})
        self.assertEqual(self.refusal(role, token(), DurationSeconds=7200)[0], "ValidationError")
