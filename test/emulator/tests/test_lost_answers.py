"""A call that is sent again because its answer was lost."""

from __future__ import annotations

import unittest
import urllib.error
import urllib.parse
import urllib.request
import uuid

from support import ACCOUNT, REGION, client, control, emulator, unique

GO = "Terraform/1.11.4 terraform-provider-aws/5.100.0 aws-sdk-go-v2/1.36.3"
JAVASCRIPT = "aws-sdk-js/3.1164.0"


def create_group(name: str, call: str, attempt: int, agent: str) -> tuple[int, str]:
    """Sends CreateGroup as an SDK does, and returns status and body."""
    return send("CreateGroup", name, call, attempt, agent)


def send(action: str, name: str, call: str, attempt: int, agent: str, key: str = ACCOUNT) -> tuple[int, str]:
    """Sends a call about a group as an SDK does, and returns status and body."""
    request = urllib.request.Request(
        emulator().url,
        data=urllib.parse.urlencode({"Action": action, "Version": "2010-05-08", "GroupName": name}).encode(),
        headers={
            "Authorization": f"AWS4-HMAC-SHA256 Credential={key}/20260101/{REGION}/iam/aws4_request, Signature=0",
            "User-Agent": agent,
            "Amz-Sdk-Invocation-Id": call,
            "Amz-Sdk-Request": f"attempt={attempt}; max=25",
        },
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


class LostAnswersTest(unittest.TestCase):
    def test_is_answered_as_the_first_time(self) -> None:
        name, call = unique("group"), str(uuid.uuid4())
        first = create_group(name, call, 1, GO)
        self.assertEqual(first[0], 200)
        self.assertEqual(create_group(name, call, 2, GO), first)

    def test_is_carried_out_where_it_never_arrived(self) -> None:
        name = unique("group")
        self.assertEqual(create_group(name, str(uuid.uuid4()), 2, GO)[0], 200)
        self.assertEqual(client("iam").get_group(GroupName=name)["Group"]["GroupName"], name)

    def test_is_another_call_under_another_id(self) -> None:
        name = unique("group")
        create_group(name, str(uuid.uuid4()), 1, GO)
        self.assertEqual(create_group(name, str(uuid.uuid4()), 2, GO)[0], 409)

    def test_is_tried_again_after_an_error(self) -> None:
        name, call = unique("group"), str(uuid.uuid4())
        client("iam").create_group(GroupName=name)
        self.assertEqual(create_group(name, call, 1, GO)[0], 409)
        client("iam").delete_group(GroupName=name)
        self.assertEqual(create_group(name, call, 2, GO)[0], 200)

    def test_is_recorded_once_as_it_was_when_it_was_first_sent(self) -> None:
        name, call, role = unique("group"), str(uuid.uuid4()), unique("role")
        client("iam").create_group(GroupName=name, Path="/teams/")
        first = send("DeleteGroup", name, call, 1, GO, f"{ACCOUNT}.{role}")
        self.assertEqual(first[0], 200)
        self.assertEqual(send("DeleteGroup", name, call, 2, GO, f"{ACCOUNT}.{role}"), first)
        recorded = [made["resources"] for made in control("calls") if made["role"] == role]
        self.assertEqual(recorded, [[f"arn:aws:iam::{ACCOUNT}:group/teams/{name}"]])

    def test_meets_what_it_has_made_where_another_sdk_sends_it(self) -> None:
        name, call = unique("group"), str(uuid.uuid4())
        self.assertEqual(create_group(name, call, 1, JAVASCRIPT)[0], 200)
        self.assertEqual(create_group(name, call, 2, JAVASCRIPT)[0], 409)
