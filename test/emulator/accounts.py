"""Which account a call belongs to.

A caller whose access key id is twelve digits acts in the account of that number, so one process serves the account of
an environment and the account of the registry. Credentials of an assumed role act in the role's account. Every other
key acts in MOTO_ACCOUNT_ID.
"""

from __future__ import annotations

import os
import re

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.responses import BaseResponse
from moto.iam.models import get_account_id_from

ACCOUNT_IN_AUTHORIZATION = re.compile(r"Credential=(\d{12})/")
ACCOUNT_IN_PRESIGNED_URL = re.compile(r"[?&]X-Amz-Credential=(\d{12})(?:/|%2F)", re.IGNORECASE)


def apply() -> None:
    """Replaces moto's lookup."""
    BaseResponse.get_current_account = current_account


def current_account(response: BaseResponse) -> str:
    """The account of the request that `response` answers."""
    match = ACCOUNT_IN_AUTHORIZATION.search(response.headers.get("Authorization") or "")
    match = match or ACCOUNT_IN_PRESIGNED_URL.search(getattr(response, "uri", "") or "")
    if match:
        return match.group(1)
    account_of_key = get_account_id_from(response.get_access_key())
    if account_of_key != DEFAULT_ACCOUNT_ID:
        return account_of_key
    return os.environ.get("MOTO_ACCOUNT_ID", DEFAULT_ACCOUNT_ID)
