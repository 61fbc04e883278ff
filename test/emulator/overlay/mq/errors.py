"""What Amazon MQ refuses."""

from __future__ import annotations

from moto.core.exceptions import ServiceException
from moto.mq.exceptions import BadRequestException


class BadRequest(BadRequestException):
    """A request that is wrong in the attribute that it names."""

    def __init__(self, attribute: str, message: str) -> None:
        self.error_attribute = attribute
        super().__init__(message)


class Conflict(ServiceException):
    """A request that is right, at the wrong time."""

    code = "ConflictException"
