"""Which account a call belongs to.

A caller whose access key id is twelve digits acts in the account of that number, so one process serves the account of
an environment and the account of the registry. Twelve digits, a dot and a name are a session of the role of that name
in the account, which need not exist. Credentials of an assumed role act in the role's account. Every other key acts in
MOTO_ACCOUNT_ID.
"""

from __future__ import annotations

import os
import re

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.responses import BaseResponse
from moto.iam.models import get_account_id_from
from moto.sts.models import sts_backends

NAMING_KEY = r"(\d{12})(?:\.[\w+=@.-]+)?"
ACCOUNT_IN_AUTHORIZATION = re.compile(rf"Credential={NAMING_KEY}/")
ACCOUNT_IN_PRESIGNED_URL = re.compile(rf"[?&]X-Amz-Credential={NAMING_KEY}(?:/|%2F)", re.IGNORECASE)
ROLE_IN_KEY = re.compile(r"(\d{12})\.([\w+=@.-]+)")


def apply() -> None:
    """Replaces moto's lookup."""
    BaseResponse.get_current_account = current_account


def current_account(response: BaseResponse) -> str:
    """The account of the request that `response` answers."""
    match = ACCOUNT_IN_AUTHORIZATION.search(response.headers.get("Authorization") or "")
    match = match or ACCOUNT_IN_PRESIGNED_URL.search(getattr(response, "uri", "") or "")
    if match:
        return match.group(1)
    return account_of_key(response.get_access_key())


def account_of_key(key: str) -> str:
    """The account in which the owner of an access key acts."""
    if re.fullmatch(NAMING_KEY, key):
        return key[:12]
    found = get_account_id_from(key)
    return found if found != DEFAULT_ACCOUNT_ID else os.environ.get("MOTO_ACCOUNT_ID", DEFAULT_ACCOUNT_ID)


def role_of_key(key: str) -> tuple[str, str] | None:
    """Account and name of the role whose session an access key is of; None for every other key."""
    named = ROLE_IN_KEY.fullmatch(key)
    if named:
        return named.group(1), named.group(2)
    for partitions in list(sts_backends.values()):
        for backend in list(partitions.values()):
            assumed = backend.get_assumed_role_from_access_key(key)
            if assumed is not None:
                return assumed.role_arn.split(":")[4], assumed.role_arn.rpartition("/")[2]
    return None
