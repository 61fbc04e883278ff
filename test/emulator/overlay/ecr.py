"""ECR: digests as registries compute them, tags that never move, and a registry in another account."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ecr.models import ECRBackend, Image, Repository, ecr_backends
from moto.ecr.responses import ECRResponse

from overlay.patching import replace, wrap


class ImageTagAlreadyExistsException(ServiceException):
    """Another image has the tag, and tags never move."""

    code = "ImageTagAlreadyExistsException"


def apply() -> None:
    """Applies all patches of this module."""
    patch_repositories()
    patch_accounts()
    patch_images()


def patch_repositories() -> None:
    """Scanning that can be turned off."""

    @replace(Repository, "_update_image_scanning_configuration")
    def update_image_scanning_configuration(self: Any, image_scanning_configuration: dict[str, bool] | None) -> None:
        """The SDK for Go leaves `scanOnPush: false` out, so that an empty configuration means off."""
        if image_scanning_configuration is not None:
            self.image_scanning_configuration = {"scanOnPush": bool(image_scanning_configuration.get("scanOnPush"))}


def patch_accounts() -> None:
    """A call that names a registry is answered by that account; who may do what is not looked at."""

    def backend_of(self: Any) -> ECRBackend:
        return ecr_backends[self._get_param("registryId") or self.current_account][self.region]

    ECRResponse.ecr_backend = property(backend_of)


def patch_images() -> None:
    """Images by digest, with as many tags as they are given."""

    @replace(Image, "_create_digest")
    def create_digest(self: Any) -> None:
        """The digest of the manifest, as promotion by digest needs; moto hashes the layers or a random number."""
        self._image_digest = "sha256:" + hashlib.sha256(self.image_manifest.encode()).hexdigest()

    @wrap(ECRBackend, "put_image")
    def put_image(
        original: Any, self: Any, repository_name: str, image_manifest: str, image_tag: str, *rest: Any
    ) -> Image:
        repository = self._get_repository(repository_name)
        holder = next((image for image in repository.images if image_tag in image.image_tags), None)
        if holder is not None and holder.image_manifest != image_manifest and repository.is_tag_immutable():
            raise ImageTagAlreadyExistsException(
                f"The image tag '{image_tag}' already exists in the '{repository_name}' repository and cannot be "
                "overwritten because the tag is immutable."
            )
        return original(self, repository_name, image_manifest, image_tag, *rest)

    @wrap(ECRBackend, "batch_get_image")
    def batch_get_image(original: Any, self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        asked = kwargs.get("image_ids") or (args[2] if len(args) > 2 else [])
        response = original(self, *args, **kwargs)
        tags = {image_id["imageTag"] for image_id in asked if "imageTag" in image_id}
        response["images"] = [called_as_asked(image, tags) for image in response["images"]]
        return response


def called_as_asked(image: Image, tags: set[str]) -> Image:
    """The image under the tag that it was asked by; moto names it by the newest."""
    answer = copy.copy(image)
    answer.image_tag = next((tag for tag in image.image_tags if tag in tags), image.image_tag)
    return answer
