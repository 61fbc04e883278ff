"""What an image does when it runs, as the annotations of its manifest in the emulated registry say.

    slipway.rehearsal/exit-code: "1"         a task that ends by itself ends with this code; without, 0
    slipway.rehearsal/never-healthy: "true"  in a service, no task of it ever becomes healthy
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from moto.ecr.models import Image, ecr_backends

EXIT_CODE = "slipway.rehearsal/exit-code"
NEVER_HEALTHY = "slipway.rehearsal/never-healthy"

PRIVATE = re.compile(
    r"^(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/"
    r"(?P<repository>[^:@]+)(?:@(?P<digest>sha256:[0-9a-f]{64})|:(?P<tag>[^@]+))?$"
)


@dataclass(frozen=True)
class Script:
    """What happens to a container of an image."""

    exit_code: int = 0
    healthy: bool = True


def script_of(reference: str) -> Script:
    """The script of an image; one that is of no emulated repository, or says nothing, works."""
    image = image_of(reference)
    if image is None:
        return Script()
    annotations = json.loads(image.image_manifest).get("annotations") or {}
    return Script(
        exit_code=int(annotations.get(EXIT_CODE, "0")),
        healthy=annotations.get(NEVER_HEALTHY) != "true",
    )


def pull_problem(reference: str) -> str | None:
    """Why an image cannot be pulled, in the words of AWS; None if it can be. Other registries have every image."""
    if PRIVATE.match(reference) is None or image_of(reference) is not None:
        return None
    return f"CannotPullContainerError: pull image manifest has been retried 1 time(s): {reference}: not found"


def digest_of(reference: str) -> str | None:
    """The digest of an image of an emulated repository."""
    image = image_of(reference)
    return None if image is None else image.get_image_digest()


def image_of(reference: str) -> Image | None:
    """The image in the emulated registry."""
    match = PRIVATE.match(reference)
    if match is None:
        return None
    repository = ecr_backends[match["account"]][match["region"]].repositories.get(match["repository"])
    if repository is None:
        return None
    tag = match["tag"] or "latest"
    return next(
        (
            image
            for image in repository.images
            if (image.get_image_digest() == match["digest"] if match["digest"] else tag in image.image_tags)
        ),
        None,
    )
