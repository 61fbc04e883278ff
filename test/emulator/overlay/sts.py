"""STS: refuses an access key of a user that is not there or is inactive, and a token that a role does not trust."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

from moto.iam.models import iam_backends
from moto.sts.exceptions import STSClientError
from moto.sts.responses import TokenResponse
from moto.utilities.utils import get_partition

import trust
from overlay.patching import wrap

KEY_OF_USER = re.compile(r"AKIA[A-Z0-9]{16}")
"""What IAM calls a user's key. Other words that stand for a key here, such as an account, are of nobody and are taken."""


class InvalidClientTokenId(STSClientError):
    """The answer to a key that AWS does not know, or knows as inactive."""

    code = "InvalidClientTokenId"
    message = "The security token included in the request is invalid."


class AccessDenied(STSClientError):
    """The answer to a token that the role does not trust, and to a role that is not there: AWS does not tell which."""

    code = "AccessDenied"
    message = "Not authorized to perform sts:AssumeRoleWithWebIdentity"


class InvalidIdentityToken(STSClientError):
    """The answer to a token of nobody that the account knows."""

    code = "InvalidIdentityToken"


class ExpiredToken(STSClientError):
    """The answer to a token whose time is over."""

    code = "ExpiredTokenException"
    message = "Token must not be expired"


class ValidationError(STSClientError):
    """The answer to a session that is longer than the role allows."""

    code = "ValidationError"
    message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."


def apply() -> None:
    """Looks at the caller's key before it says whose it is, and at a token before it gives a role."""

    @wrap(TokenResponse, "get_caller_identity")
    def get_caller_identity(original: Any, self: Any) -> Any:
        key_id = self.get_access_key()
        if KEY_OF_USER.fullmatch(key_id) and not is_active(self.current_account, self.region, key_id):
            raise InvalidClientTokenId()
        return original(self)

    @wrap(TokenResponse, "assume_role_with_web_identity")
    def assume_role_with_web_identity(original: Any, self: Any) -> Any:
        role_arn = self._get_param("RoleArn")
        check_token(role_arn, self._get_param("WebIdentityToken"), self._get_int_param("DurationSeconds", 3600))
        return original(self)


def check_token(role_arn: str, token: str, seconds: int) -> None:
    """Raises what AWS answers, unless the role trusts the token."""
    _, partition, _, _, account, _ = role_arn.split(":", 5)
    iam = iam_backends[account][partition]
    try:
        claims = trust.claims_of(token)
    except trust.UnreadableToken as error:
        raise InvalidIdentityToken("The ID Token provided is not a valid JWT.") from error
    if trust.is_expired(claims):
        raise ExpiredToken()
    provider = next((p for p in iam.open_id_providers.values() if p.url == trust.issuer_of(claims)), None)
    if provider is None:
        raise InvalidIdentityToken(f"No OpenIDConnect provider found in your account for {claims['iss']}")
    if claims["aud"] not in provider.client_id_list:
        raise InvalidIdentityToken("Incorrect token audience")
    role = next((role for role in iam.roles.values() if role.arn == role_arn), None)
    if role is None or not trust.allows(policy_of(role), provider.arn, claims):
        raise AccessDenied()
    if seconds > int(role.max_session_duration or 3600):
        raise ValidationError()


def policy_of(role: Any) -> dict[str, Any]:
    """Who may take a role."""
    document = role.assume_role_policy_document
    return json.loads(document if document.lstrip().startswith("{") else unquote(document))


def is_active(account: str, region: str, key_id: str) -> bool:
    """Whether the account has this key, and it is switched on."""
    key = iam_backends[account][get_partition(region)].access_keys.get(key_id)
    return key is not None and key.status == "Active"
