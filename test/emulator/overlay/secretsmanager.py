"""Secrets Manager: remembers generated passwords, so that the rehearsal can look for them in state and plans."""

from __future__ import annotations

import json
from typing import Any

from moto.secretsmanager.responses import SecretsManagerResponse

from overlay.patching import wrap

generated_passwords: list[str] = []
"""Every answer of GetRandomPassword since the start."""


def apply() -> None:
    """Records the passwords."""

    @wrap(SecretsManagerResponse, "get_random_password")
    def get_random_password(original: Any, self: Any) -> str:
        body = original(self)
        generated_passwords.append(json.loads(body)["RandomPassword"])
        return body
