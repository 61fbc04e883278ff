"""ACM: the key algorithm that a certificate was requested with."""

from __future__ import annotations

import json
from typing import Any

from moto.acm.models import CertBundle
from moto.acm.responses import AWSCertificateManagerResponse

from overlay.patching import wrap


def apply() -> None:
    """moto makes every key with RSA; the answer names what was asked."""

    @wrap(AWSCertificateManagerResponse, "request_certificate")
    def request_certificate(original: Any, self: Any) -> Any:
        result = original(self)
        algorithm = self._get_param("KeyAlgorithm")
        if algorithm and isinstance(result, str):
            self.acm_backend.get_certificate(json.loads(result)["CertificateArn"]).slipway_key_algorithm = algorithm
        return result

    @wrap(CertBundle, "describe")
    def describe(original: Any, self: Any) -> dict[str, Any]:
        description = original(self)
        algorithm = getattr(self, "slipway_key_algorithm", None)
        if algorithm:
            description["Certificate"]["KeyAlgorithm"] = algorithm
        return description
