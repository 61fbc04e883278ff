"""Secrets Manager: remembers generated passwords, so that the rehearsal finds them, and moves labels as AWS does."""

from __future__ import annotations

import json
import time
from typing import Any

from moto.secretsmanager.models import SecretsManagerBackend
from moto.secretsmanager.responses import SecretsManagerResponse

from overlay.patching import wrap

generated_passwords: list[str] = []
"""Every answer of GetRandomPassword since the start."""


def apply() -> None:
    """Applies all patches of this module."""
    patch_passwords()
    patch_labels()


def patch_passwords() -> None:
    """Records the passwords."""

    @wrap(SecretsManagerResponse, "get_random_password")
    def get_random_password(original: Any, self: Any) -> str:
        body = original(self)
        generated_passwords.append(json.loads(body)["RandomPassword"])
        return body


def patch_labels() -> None:
    """A moved label is a change, a version that nobody names is AWSCURRENT, and a repeated call does nothing."""

    @wrap(SecretsManagerBackend, "put_secret_value")
    def put_secret_value(original: Any, self: Any, secret_id: str, secret_string: str, **kwargs: Any) -> Any:
        token = kwargs.get("client_request_token")
        secret = self.secrets[secret_id] if self._is_valid_identifier(secret_id) else None
        same = secret.versions.get(token) if secret and token else None
        if same and secret_string is not None and same.get("secret_string") == secret_string:
            # moto takes a repeated AWSPENDING for a new version, and loses the labels of the first
            return secret.to_short_dict(include_version_stages=True, version_id=token)
        return original(self, secret_id, secret_string, **kwargs)

    @wrap(SecretsManagerBackend, "update_secret_version_stage")
    def update_secret_version_stage(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        arn, name = original(self, *args, **kwargs)
        secret = self.secrets[name]
        secret.last_changed_date = int(time.time())
        for version_id, version in secret.versions.items():
            if "AWSCURRENT" in version["version_stages"]:
                secret.set_default_version_id(version_id)
        return arn, name
