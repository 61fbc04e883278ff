"""STS: refuses an access key of a user that is not there or is inactive, as AWS does."""

from __future__ import annotations

import re
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.exceptions import STSClientError
from moto.sts.responses import TokenResponse
from moto.utilities.utils import get_partition

from overlay.patching import wrap

KEY_OF_USER = re.compile(r"AKIA[A-Z0-9]{16}")
"""What IAM calls a user's key. Other words that stand for a key here, such as an account, are of nobody and are taken."""


class InvalidClientTokenId(STSClientError):
    """The answer to a key that AWS does not know, or knows as inactive."""

    code = "InvalidClientTokenId"
    message = "The security token included in the request is invalid."


def apply() -> None:
    """Looks at the caller's key before it says whose it is."""

    @wrap(TokenResponse, "get_caller_identity")
    def get_caller_identity(original: Any, self: Any) -> Any:
        key_id = self.get_access_key()
        if KEY_OF_USER.fullmatch(key_id) and not is_active(self.current_account, self.region, key_id):
            raise InvalidClientTokenId()
        return original(self)


def is_active(account: str, region: str, key_id: str) -> bool:
    """Whether the account has this key, and it is switched on."""
    key = iam_backends[account][get_partition(region)].access_keys.get(key_id)
    return key is not None and key.status == "Active"
