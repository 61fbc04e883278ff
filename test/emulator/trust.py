"""Whether a role's trust policy takes a token of a pipeline, as AWS judges it. Signatures are not looked at."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from typing import Any

ACTION = "sts:AssumeRoleWithWebIdentity"
CLAIMS_OF_EVERY_ISSUER = ("aud", "sub")
MORE_CLAIMS = {
    "token.actions.githubusercontent.com": (
        "actor",
        "actor_id",
        "enterprise_id",
        "environment",
        "job_workflow_ref",
        "ref",
        "repository",
        "repository_id",
        "workflow",
    )
}
"""Claims that AWS makes condition keys of, beside those that it makes of every issuer's."""


class UnreadableToken(Exception):
    """The token is none."""


class UnknownOperator(Exception):
    """A policy asks something that is not emulated: no answer is better than a wrong one."""


def claims_of(token: str) -> dict[str, Any]:
    """What a JSON web token says."""
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError as error:
        raise UnreadableToken from error
    if not isinstance(claims, dict) or not all(isinstance(claims.get(name), str) for name in ("iss", "sub", "aud")):
        raise UnreadableToken
    return claims


def is_expired(claims: dict[str, Any]) -> bool:
    """Whether the token's time is over."""
    return float(claims.get("exp", 0)) <= time.time()


def issuer_of(claims: dict[str, Any]) -> str:
    """Host and path of who has signed the token, as providers and condition keys are called."""
    return re.sub(r"^https://", "", claims["iss"])


def allows(policy: dict[str, Any], provider_arn: str, claims: dict[str, Any]) -> bool:
    """Whether some statement lets this token in, and none keeps it out."""
    values = condition_values(claims)
    effects = [
        statement["Effect"]
        for statement in as_list(policy["Statement"])
        if applies(statement, provider_arn) and holds(statement.get("Condition", {}), values)
    ]
    return "Allow" in effects and "Deny" not in effects


def condition_values(claims: dict[str, Any]) -> dict[str, str]:
    """What conditions can ask of this token, by lower-case key."""
    issuer = issuer_of(claims)
    names = (*CLAIMS_OF_EVERY_ISSUER, *MORE_CLAIMS.get(issuer, ()))
    return {f"{issuer}:{name}".lower(): str(claims[name]) for name in names if name in claims}


def applies(statement: dict[str, Any], provider_arn: str) -> bool:
    """Whether a statement is about tokens of this provider."""
    principal = statement.get("Principal", {})
    federated = as_list(principal.get("Federated", [])) if isinstance(principal, dict) else []
    return provider_arn in federated and any(like(ACTION.lower(), a.lower()) for a in as_list(statement["Action"]))


def holds(conditions: dict[str, dict[str, Any]], values: dict[str, str]) -> bool:
    """Whether every condition does."""
    return all(
        holds_one(operator, values.get(key.lower()), as_list(wants))
        for operator, keys in conditions.items()
        for key, wants in keys.items()
    )


def holds_one(operator: str, value: str | None, wants: list[Any]) -> bool:
    """Whether the claim is there and is one of those that are wanted; with Not, whether it is missing or none of them."""
    comparison = compare(operator.replace("Not", ""))
    is_wanted = value is not None and any(comparison(value, str(wanted)) for wanted in wants)
    return is_wanted != ("Not" in operator)


def compare(operator: str) -> Callable[[str, str], bool]:
    """How an operator compares the value of a claim with a wanted one."""
    found = OPERATORS.get(operator)
    if found is None:
        raise UnknownOperator(f"the trust policy's operator {operator} is not emulated: add it to test/emulator/trust.py")
    return found


def equal(value: str, wanted: str) -> bool:
    """To the letter."""
    return value == wanted


def like(value: str, pattern: str) -> bool:
    """With * for any letters and ? for one."""
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch("".join(parts), value, re.DOTALL) is not None


OPERATORS: dict[str, Callable[[str, str], bool]] = {"StringEquals": equal, "StringLike": like}


def as_list(value: Any) -> list[Any]:
    """Policies write a list of one as the one."""
    return value if isinstance(value, list) else [value]
