"""ECR: digests as registries compute them, and scanning that can be turned off."""

from __future__ import annotations

import hashlib
from typing import Any

from moto.ecr.models import Image, Repository

from overlay.patching import replace


def apply() -> None:
    """Applies all patches of this module."""

    @replace(Image, "_create_digest")
    def create_digest(self: Any) -> None:
        """The digest of the manifest, as promotion by digest needs; moto hashes the layers or a random number."""
        self._image_digest = "sha256:" + hashlib.sha256(self.image_manifest.encode()).hexdigest()

    @replace(Repository, "_update_image_scanning_configuration")
    def update_image_scanning_configuration(self: Any, image_scanning_configuration: dict[str, bool] | None) -> None:
        """The SDK for Go leaves `scanOnPush: false` out, so that an empty configuration means off."""
        if image_scanning_configuration is not None:
            self.image_scanning_configuration = {"scanOnPush": bool(image_scanning_configuration.get("scanOnPush"))}
