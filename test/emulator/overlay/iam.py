"""IAM: what Terraform asks about a user before it deletes the user with everything that belongs to them."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse

from overlay.patching import add


def apply() -> None:
    """Nobody has passwords for single services: moto has no call that makes one."""

    @add(IamResponse)
    def list_service_specific_credentials(self: Any) -> ActionResult:
        user_name = self._get_param("UserName")
        if user_name:
            # an unknown user is an error
            self.backend.get_user(user_name)
        return ActionResult({"ServiceSpecificCredentials": []})
