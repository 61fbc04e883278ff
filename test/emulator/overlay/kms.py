"""KMS: the rotation period, which moto accepts and forgets."""

from __future__ import annotations

import json
from typing import Any

from moto.kms.responses import KmsResponse

from overlay.patching import wrap

DEFAULT_ROTATION_DAYS = 365


def apply() -> None:
    """Stores the period when rotation is enabled and answers it with the status."""

    @wrap(KmsResponse, "enable_key_rotation")
    def enable_key_rotation(original: Any, self: Any) -> str:
        result = original(self)
        key_of(self).slipway_rotation_days = self._get_param("RotationPeriodInDays") or DEFAULT_ROTATION_DAYS
        return result

    @wrap(KmsResponse, "get_key_rotation_status")
    def get_key_rotation_status(original: Any, self: Any) -> str:
        status = json.loads(original(self))
        if status["KeyRotationEnabled"]:
            status["RotationPeriodInDays"] = getattr(key_of(self), "slipway_rotation_days", DEFAULT_ROTATION_DAYS)
        return json.dumps(status)


def key_of(response: Any) -> Any:
    """The key that the request names."""
    backend = response.kms_backend
    return backend.keys[backend.get_key_id(response._get_param("KeyId"))]
