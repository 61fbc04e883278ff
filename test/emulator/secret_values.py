"""Every secret that must not be found in a state or a plan."""

from __future__ import annotations

import base64

from moto.secretsmanager.models import secretsmanager_backends

from overlay.secretsmanager import generated_passwords


def collect() -> list[str]:
    """All versions of all secrets, deleted ones included, and every generated password, each once."""
    values = list(generated_passwords)
    for regions in list(secretsmanager_backends.values()):
        for backend in list(regions.values()):
            for secret in list(backend.secrets.values()):
                values.extend(values_of(secret.versions))
    return sorted(set(values))


def values_of(versions: dict[str, dict[str, object]]) -> list[str]:
    """The strings of one secret; binaries in base64, the way a state would hold them."""
    values = []
    for version in versions.values():
        text = version.get("secret_string")
        binary = version.get("secret_binary")
        if text:
            values.append(str(text))
        if binary:
            values.append(base64.b64encode(binary).decode() if isinstance(binary, bytes) else str(binary))
    return values
