"""moto's shared machinery."""

from __future__ import annotations

from typing import Any

from moto.core.responses import BaseResponse
from moto.core.serialize import never_return

from overlay.patching import replace


def apply() -> None:
    """Keeps what one request includes or leaves out apart from other requests.

    moto stores it on the class: two requests at the same time, one with `include: [TAGS]`, lose or gain tags.
    """

    def remember(response: BaseResponse, path: str, transformer: Any) -> None:
        response.RESPONSE_KEY_PATH_TO_TRANSFORMER = {**response.RESPONSE_KEY_PATH_TO_TRANSFORMER, path: transformer}

    @replace(BaseResponse, "_include_in_response")
    def include_in_response(response: BaseResponse, path: str) -> None:
        remember(response, path, lambda value: value)

    @replace(BaseResponse, "_exclude_from_response")
    def exclude_from_response(response: BaseResponse, path: str) -> None:
        remember(response, path, never_return)
